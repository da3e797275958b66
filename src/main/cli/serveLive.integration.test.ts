import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCli } from './runCli.ts'

let printed = ''
let complained = ''
let dir = ''
beforeEach(() => {
  printed = ''
  complained = ''
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-serve-live-'))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((complained += String(text)), true))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
  rmSync(dir, { recursive: true, force: true })
})

/** Nothing listens there. */
const DEAD = '127.0.0.1:1'

test('a recording that fails ends the service with exit code 1 and says why', async () => {
  const venue = ['--venue', 'binance', '--binance-rest-url', `http://${DEAD}`, '--binance-ws-url', `ws://${DEAD}`]
  expect(await runCli(['serve', '--live', ...venue, '--data-dir', dir, '--min-free-disk-gb', 'none'])).toBe(1)
  const lines = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.at(-1)).toMatchObject({ event: 'recorded', ok: false, reason: 'failed' })
  expect(complained).toMatch(/^tapedeck: The venue could not be asked for its instruments: .*\n$/)
})

test('a practice venue is asked what it plays before anything is recorded, as capture does', async () => {
  expect(await runCli(['serve', '--live', '--practice', `http://${DEAD}`, '--data-dir', dir])).toBe(1)
  expect(complained).toContain(`No practice venue answers at http://${DEAD}.`)
  expect(readdirSync(dir)).toEqual([])
})
