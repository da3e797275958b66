import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FLAG_TEXT, FrameEncoder } from '../engine/bundle/index.ts'
import { captureVerifyCommand } from './captureVerify.ts'
import { runCli } from './runCli.ts'

let printed = ''
let complained = ''
let dir = ''
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  complained = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((complained += String(text)), true))
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-verify-cli-'))
  const encoder = new FrameEncoder({ t0MonoNs: 5n, t0WallNs: 6n })
  for (let i = 0; i < 5; i++) encoder.append(Buffer.from(`frame ${i}`), FLAG_TEXT, i, i)
  writeFileSync(join(dir, 'a_00.frames'), encoder.frames())
  writeFileSync(join(dir, 'a_00.idx'), encoder.idx())
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
  rmSync(dir, { recursive: true })
})

const run = (...args: string[]): Promise<number> =>
  runCli(['capture-verify', ...args], [{ name: 'capture-verify', summary: '', load: () => Promise.resolve(captureVerifyCommand()) }])

test('a whole log gives exit code 0 and one JSON line with summaries', async () => {
  expect(await run('--frames', join(dir, 'a_00.frames'), '--idx', join(dir, 'a_00.idx'))).toBe(0)
  expect(JSON.parse(printed)).toMatchObject({
    ok: true,
    totals: { records: 5, errors: 0, truncated_shards: [] },
    summaries: [{ records: 5, idx_ok: true }]
  })
})

test('a cut log gives exit code 1 and names the exact valid prefix; totals alone on demand, nothing when quiet', async () => {
  const path = join(dir, 'a_00.frames')
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.subarray(0, -1))
  expect(await run('--frames', path)).toBe(1)
  expect(JSON.parse(printed)).toMatchObject({ ok: false, summaries: [{ truncated: true, valid_prefix_bytes: bytes.length - 43 }] })
  printed = ''
  expect(await run('--frames', path, '--summary-only')).toBe(1)
  expect(Object.keys(JSON.parse(printed) as object)).toEqual(['ok', 'totals'])
  printed = ''
  expect([await run('--frames', path, '--quiet'), printed]).toEqual([1, ''])
})

test('a missing file, what is no file, or neither a bundle nor a log, gives exit code 2', async () => {
  expect(await run('--frames', join(dir, 'none.frames'))).toBe(2)
  expect([await run('--frames', dir), complained]).toEqual([
    2,
    expect.stringContaining(`A file is expected, but this is a folder: ${dir}\n`)
  ])
  expect(await run('--run-dir', join(dir, 'none'))).toBe(2)
  expect(await run()).toBe(2)
  expect(await run('--run-dir', dir, '--frames', join(dir, 'a_00.frames'))).toBe(2)
})
