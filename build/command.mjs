// Runs other programs. Plain Node 20, no packages: used before the install.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter } from 'node:path'
import { binDir, root } from './paths.mjs'

/** This environment with the installed commands first in the path, so that every child finds Node 22. */
export function childEnv(extra = {}) {
  return { ...process.env, PATH: `${binDir}${delimiter}${process.env.PATH ?? ''}`, ...extra }
}

const LAST_MOMENT_MS = 10_000

/** The exit status a shell would give: the code itself, or 128 plus the number of the signal. */
function exitCodeOf(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0)
}

/**
 * Runs a program to its end and keeps what it printed.
 * @param {string} command @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, show?: boolean }} [options] show: print as it comes
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>} never rejects: a program that cannot start has code 127
 */
export function runCommand(command, args, { cwd = root, env = childEnv(), timeoutMs = 0, show = false } = {}) {
  return new Promise((done) => {
    // A process group of its own: at the time limit everything that the program started ends with it.
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    let timedOut = false
    child.stdout?.on('data', (bytes) => (output += bytes))
    child.stderr?.on('data', (bytes) => (output += bytes))
    const stopWith = stopOnSignal(child)
    const timers = timeoutMs > 0 ? [setTimeout(() => ((timedOut = true), endGroup(child, 'SIGTERM')), timeoutMs)] : []
    // A browser that the program started in a group of its own is only ended by the program, so it gets a moment to do that.
    if (timeoutMs > 0) timers.push(setTimeout(() => endGroup(child, 'SIGKILL'), timeoutMs + LAST_MOMENT_MS))
    const finish = (code) => {
      timers.forEach(clearTimeout)
      stopWith.dispose()
      done({ code, output, timedOut })
    }
    child.on('error', (error) => ((output += String(error.message)), finish(127)))
    child.on('close', (code, signal) => finish(exitCodeOf(code, signal)))
  })
}

/** Ends a child's whole process group; a group that is gone already is fine. */
function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group ended by itself in the meantime.
  }
}

/** While a child runs, a signal to us ends the child first and then us. */
function stopOnSignal(child) {
  const stop = (signal) => {
    endGroup(child, signal)
    child.once('close', () => process.exit(128 + constants.signals[signal]))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  return {
    dispose() {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop)
    }
  }
}

/**
 * Hands the terminal over to a program: same input and output, signals passed on.
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 * @param {string} [cwd] the folder it runs in; the caller's own by default
 * @returns {Promise<number>} its exit status as a shell would give it
 */
export function handOver(command, args, env = childEnv(), cwd = process.cwd()) {
  return new Promise((done, fail) => {
    // A terminal sends Ctrl-C to every process in front of it, so the child has it already: passing it on would count twice.
    const atTerminal = Boolean(process.stdin.isTTY)
    const pass = (signal) => {
      if (!(atTerminal && signal === 'SIGINT')) child.kill(signal)
    }
    // Before the start: the child may be signalled through us as soon as it runs.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
    const child = spawn(command, args, { env, cwd, stdio: 'inherit' })
    child.on('error', fail)
    child.on('exit', (code, signal) => done(exitCodeOf(code, signal)))
  })
}
