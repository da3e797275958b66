import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { electronCommand } from './launchDesktop.ts'
import { removeFolder } from './removeFolder.ts'

const WAIT = { timeout: 60_000, interval: 100 }

let folder = ''
const running: Running[] = []
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tapedeck-life-'))))
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL')
    await ended
  }
  removeFolder(folder)
})

interface Running {
  readonly child: ChildProcess
  readonly errors: () => string
  readonly ended: Promise<number | null>
}

/** Starts the app as a shell does, with no debugger attached. */
function start(...args: string[]): Running {
  const { executable, args: own } = electronCommand(folder)
  const child = spawn(executable, [...own, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (bytes) => (errors += String(bytes)))
  const started = { child, errors: () => errors, ended: new Promise<number | null>((done) => child.once('exit', (code) => done(code))) }
  running.push(started)
  return started
}

/** Starts the app on a file that is no recording: its sentence says that the app is up. */
async function startedOn(name: string): Promise<Running> {
  const file = join(folder, name)
  writeFileSync(file, 'this is no recording')
  const app = start('--open', file)
  await vi.waitFor(() => expect(app.errors()).toMatch(new RegExp(`^tapedeck: .*${name}$`, 'm')), WAIT)
  return app
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the app in order with exit code 0', async (signal) => {
  const { child, ended } = await startedOn('a.txt')
  child.kill(signal)
  expect(await ended).toBe(0)
})

test('a file that is no recording is one sentence without a stack, and the app stays', async () => {
  const { child, errors, ended } = await startedOn('holiday.jpg')
  expect(errors()).not.toMatch(/\n\s+at /)
  expect(child.exitCode).toBe(null)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('a second start hands its file to the first and ends', async () => {
  const first = await startedOn('first.txt')
  const second = start('--open', join(folder, 'second.txt'))
  expect(await second.ended).toBe(0)
  expect(second.errors()).toContain('running already')
  await vi.waitFor(() => expect(first.errors()).toContain('second.txt'), WAIT)
  first.child.kill('SIGTERM')
  expect(await first.ended).toBe(0)
})
