import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBundle, readStudioFacts, writeStudioFacts } from '../bundle/index.ts'
import { TAPE_VERSION } from '../tape/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { readJumps, writeJumps } from './jumpFile.ts'
import { JumpIndex, type JumpPlaces } from './jumpIndex.ts'
import { sourceOfBundle } from './replaySource.ts'

const PLACES: JumpPlaces = {
  times: { metar: [1, 5], window: [2, 9], shock: [9], gap: [-3, 4.5e12] },
  windows: [
    { fromRelNs: 2, toRelNs: 7, trigger: 'METAR', instrumentId: 2_147_483_649, stationId: 'KLGA', reason: 'KLGA: 26,5 °C' },
    { fromRelNs: 9, trigger: 'MID_SHOCK', instrumentId: 3, reason: '' }
  ]
}
let dir = ''
let run = ''

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-jumps-'))
  run = await writeRoughRun({ venue: 'binance', seed: 41, shards: 2, markets: 2, seconds: 30, messagesPerSecond: 100, weather: true })
})
afterAll(() => {
  rmSync(dir, { recursive: true })
  rmSync(dirname(run), { recursive: true })
})

test('what was kept comes back, for the same events only', () => {
  const index = new JumpIndex()
  index.adopt(PLACES)
  writeJumps(dir, index, 'abc')
  expect(readJumps(dir, 'abc')).toEqual(PLACES)
  expect(readFileSync(join(dir, 'jumps.json'), 'utf8')).toMatch(/^[\x20-\x7e]+\n$/)
  expect(readJumps(dir, 'abd')).toBeUndefined()
  expect(readJumps(dir, undefined)).toBeUndefined()
})

test('a file that is missing, torn, of another version or foreign is no index', () => {
  const path = join(dir, 'jumps.json')
  const whole = readFileSync(path, 'utf8')
  for (const change of [
    (file: Record<string, unknown>) => ({ ...file, jumps_version: 2 }),
    (file: Record<string, unknown>) => ({ ...file, tape_version: 0 }),
    (file: Record<string, unknown>) => ({ ...file, gap: [5, 4] }),
    (file: Record<string, unknown>) => ({ ...file, metar: 'x' }),
    (file: Record<string, unknown>) => ({ ...file, windows: [{}] })
  ]) {
    writeFileSync(path, JSON.stringify(change(JSON.parse(whole) as Record<string, unknown>)))
    expect(readJumps(dir, 'abc')).toBeUndefined()
  }
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 2 }), fc.nat({ max: 255 }), (at, byte) => {
      const bytes = Buffer.from(whole)
      writeFileSync(path, byte % 2 === 0 ? bytes.subarray(0, at) : bytes.fill(byte, at, at + 1))
      expect(() => readJumps(dir, 'abc')).not.toThrow()
    }),
    { numRuns: 200 }
  )
  rmSync(path)
  expect(readJumps(dir, 'abc')).toBeUndefined()
})

test('a bundle whose recording kept its places knows them before it is read, and by reading finds the same', async () => {
  const fresh = sourceOfBundle(await openBundle(run))
  while (!fresh.index.done) fresh.index.step(5000)
  const found = structuredClone(fresh.index.jumps.places())
  const { sha256, counts } = fresh.index.tape.summary()
  expect(found.times.gap.length).toBeGreaterThan(0)
  writeStudioFacts(run, { ...readStudioFacts(run)!, fingerprint: { sha256, counts: { ...counts }, tape_version: TAPE_VERSION } })
  writeJumps(run, fresh.index.jumps, sha256)
  fresh.close()
  const kept = sourceOfBundle(await openBundle(run))
  expect(kept.index.jumps.isWhole).toBe(true)
  expect(kept.index.jumps.places()).toEqual(found)
  expect(kept.index.jumps.find('gap', -1, Infinity)).toBe(found.times.gap.at(-1))
  while (!kept.index.done) kept.index.step(5000)
  expect(kept.index.jumps.isWhole).toBe(false)
  expect(kept.index.jumps.places()).toEqual(found)
  kept.close()
})

test('of a bundle with wrong places the right ones hold as soon as it was read', async () => {
  const index = new JumpIndex()
  index.adopt(PLACES)
  writeJumps(run, index, readStudioFacts(run)!.fingerprint!.sha256)
  const source = sourceOfBundle(await openBundle(run))
  expect(source.index.jumps.places()).toEqual(PLACES)
  while (!source.index.done) source.index.step(5000)
  expect(source.index.jumps.places().times.shock).not.toEqual(PLACES.times.shock)
  source.close()
})
