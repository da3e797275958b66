// A display without a screen, for tests. Plain Node 20, no packages.
import { spawn } from 'node:child_process'

const START_LIMIT_MS = 20_000

/**
 * Starts Xvfb on a display number that is free.
 * @returns {Promise<{ display: string, stop: () => Promise<void> }>}
 * @throws {Error} when Xvfb does not come up
 */
export async function startDisplay(screen = '1600x1000x24') {
  const args = ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp', '-noreset']
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const ended = new Promise((done) => child.once('close', done))
  const endWithUs = () => child.kill('SIGTERM')
  process.once('exit', endWithUs)
  const stop = async () => {
    process.off('exit', endWithUs)
    child.kill('SIGTERM')
    await ended
  }
  try {
    return { display: `:${await displayNumber(child)}`, stop }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function displayNumber(child) {
  return new Promise((done, fail) => {
    let complaint = ''
    let digits = ''
    const timer = setTimeout(() => fail(new Error(`Xvfb did not start within ${START_LIMIT_MS / 1000} s`)), START_LIMIT_MS)
    child.stderr.on('data', (bytes) => (complaint += bytes))
    child.stdio[3].on('data', (bytes) => {
      digits += bytes
      if (!digits.includes('\n')) return
      clearTimeout(timer)
      done(Number.parseInt(digits, 10))
    })
    child.once('error', (error) => (clearTimeout(timer), fail(new Error(`Xvfb cannot be started: ${error.message}`))))
    child.once('close', () => (clearTimeout(timer), fail(new Error(`Xvfb ended at once: ${complaint.trim().slice(-300)}`))))
  })
}
