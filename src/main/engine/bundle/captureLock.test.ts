import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isBeingCaptured, writeCaptureLock } from './captureLock.ts'
import { bundlePaths } from './manifest.ts'
import { numberedRecords, writeFixtureBundle } from './testBundle.ts'

const module = fileURLToPath(new URL('./captureLock.ts', import.meta.url))
const CODE = `const { writeCaptureLock } = await import(process.argv[1]); writeCaptureLock(process.argv[2]); console.log('locked'); setInterval(() => {}, 1000)`
const NOW_MS = 1_800_000_000_000

/** No sign of life for a long time. */
function age(dir: string): void {
  utimesSync(bundlePaths(dir).lock, NOW_MS / 1000 - 3600, NOW_MS / 1000 - 3600)
}

test.runIf(process.platform === 'linux')(
  'a recorder that was stopped for an hour still holds its bundle; one that was killed does not',
  async () => {
    const dir = writeFixtureBundle([numberedRecords(3)], { cleanStop: false })
    const child = spawn(process.execPath, ['--input-type=module', '-e', CODE, module, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGSTOP')
    age(dir)
    expect(isBeingCaptured(dir, NOW_MS)).toBe(true)
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
    expect(isBeingCaptured(dir, NOW_MS)).toBe(false)
  }
)

test('another process with the number of the recorder does not hold its bundle', () => {
  const dir = writeFixtureBundle([numberedRecords(3)], { cleanStop: false })
  const { lock } = bundlePaths(dir)
  // Whoever started this test is alive.
  writeFileSync(lock, JSON.stringify({ pid: process.ppid, started: 'another machine/1' }))
  expect(isBeingCaptured(dir, Date.now())).toBe(process.platform !== 'linux')
  writeFileSync(lock, JSON.stringify({ pid: process.ppid }))
  age(dir)
  expect(isBeingCaptured(dir, NOW_MS)).toBe(false)
})

test('of the process that asks, the signs of life count: a thread of it may have ended alone', () => {
  const dir = writeFixtureBundle([numberedRecords(3)], { cleanStop: false })
  writeCaptureLock(dir)
  expect(isBeingCaptured(dir, Date.now())).toBe(true)
  expect(JSON.parse(readFileSync(bundlePaths(dir).lock, 'utf8'))).toMatchObject({ pid: process.pid })
  age(dir)
  expect(isBeingCaptured(dir, NOW_MS)).toBe(false)
})
