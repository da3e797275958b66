import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openBundle } from './openBundle.ts'
import { ramFolder } from '../testing/ramFolder.ts'
import { encodeShard, encodeShardV1, numberedRecords, writeFixtureBundle } from './testBundle.ts'
import { mutated, mutations, plainScan } from './testMutations.ts'
import type { BundleVerdict } from './types.ts'

const RUNS = 2000
const RECORDS = 12
const FORMS = [
  { version: 2, good: encodeShard(numberedRecords(RECORDS)) },
  { version: 1, good: encodeShardV1(numberedRecords(RECORDS)) }
]
const dir = writeFixtureBundle([numberedRecords(RECORDS)], { below: ramFolder() })
const framesPath = join(dir, 'capture', 'shard_00.frames')
const idxPath = join(dir, 'capture', 'shard_00.idx')

afterAll(() => rmSync(dirname(dir), { recursive: true, force: true }))

interface Opened {
  readonly verdict: BundleVerdict
  /** Offsets of the records that were read. */
  readonly offsets: readonly number[]
}

/** Opens what lies there, reads all of it, and holds every record against the bytes and against its entry in the index. */
async function openAndRead(frames: Buffer, idx: Buffer): Promise<Opened> {
  writeFileSync(framesPath, frames)
  writeFileSync(idxPath, idx)
  const bundle = await openBundle(dir, { readOnly: true })
  const [log] = bundle.shards
  const reader = bundle.openReader(0)
  const offsets: number[] = []
  while (reader.next()) {
    const { offset, nextOffset, crc } = reader
    const payload = frames.subarray(nextOffset - (reader.payloadEnd - reader.payloadStart), nextOffset)
    expect([crc, payload.equals(reader.payload())]).toEqual([crc32(payload), true])
    log!.idx.read(reader.idx)
    expect([log!.idx.offset, log!.idx.crc, log!.idx.monoRelNs]).toEqual([offset, crc, reader.monoRelNs])
    offsets.push(offset)
  }
  // A damaged record that the index names keeps its number.
  expect(offsets.length).toBeLessThanOrEqual(log!.records)
  reader.close()
  bundle.close()
  return { verdict: bundle.verdict, offsets }
}

test.each(FORMS)(
  'two thousand flips, cuts and splices of a log of version $version: the bundle opens, and gives at least what a plain scan finds',
  async ({ good }) => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(mutations, async (faults) => {
        const bytes = mutated(good.frames, good.frames, faults)
        const plain = plainScan(bytes)
        const { verdict, offsets } = await openAndRead(bytes, good.idx)
        const whole = bytes.equals(good.frames)
        expect(offsets.length).toBeGreaterThanOrEqual(plain.records)
        expect(verdict.state).toBe(whole ? 'ended' : verdict.damage.length + verdict.lost.length > 0 ? 'damaged' : 'ended')
        // Bytes that are no record are always told: as damage inside, or as lost at the end.
        if (plain.errors > 0) expect(verdict.damage.length + verdict.lost.length).toBeGreaterThan(0)
        runs++
      }),
      { numRuns: RUNS }
    )
    expect(runs).toBe(RUNS)
  },
  300_000
)

test.each(FORMS)(
  'two thousand flips, cuts and splices of an index of version $version lose no record of its log',
  async ({ good }) => {
    await fc.assert(
      fc.asyncProperty(mutations, async (faults) => {
        const bytes = mutated(good.idx, good.idx, faults)
        const { verdict, offsets } = await openAndRead(good.frames, bytes)
        expect([offsets.length, verdict.damage]).toEqual([RECORDS, []])
        expect(verdict.repairedIdx).toEqual(bytes.equals(good.idx) ? [] : [0])
      }),
      { numRuns: RUNS }
    )
  },
  300_000
)

test.each(FORMS)(
  'log and index of version $version mutated together open too',
  async ({ good }) => {
    await fc.assert(
      fc.asyncProperty(mutations, mutations, async (inLog, inIdx) => {
        const frames = mutated(good.frames, good.frames, inLog)
        const { offsets } = await openAndRead(frames, mutated(good.idx, good.idx, inIdx))
        expect(offsets.length).toBeGreaterThanOrEqual(plainScan(frames).records)
      }),
      { numRuns: RUNS / 4 }
    )
  },
  300_000
)
