import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { ramFolder } from '../testing/ramFolder.ts'
import { encodeShard, encodeShardV1, numberedRecords } from './testBundle.ts'
import { mutated, mutations, plainScan } from './testMutations.ts'
import { verifyShard } from './verify.ts'

const FORMS = [
  { version: 2, runs: 100_000, good: encodeShard(numberedRecords(12)) },
  { version: 1, runs: 20_000, good: encodeShardV1(numberedRecords(12)) }
]
const dir = mkdtempSync(join(ramFolder(), 'tapedeck-mutations-'))
const framesPath = join(dir, 'shard_00.frames')
const idxPath = join(dir, 'shard_00.idx')

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test.each(FORMS)(
  '$runs flips, cuts and splices of a log of version $version give what a plain scan gives, and none crashes or hangs',
  (form) => {
    const { good, runs } = form
    writeFileSync(idxPath, good.idx)
    let done = 0
    fc.assert(
      fc.property(mutations, (faults) => {
        const bytes = mutated(good.frames, good.frames, faults)
        writeFileSync(framesPath, bytes)
        expect(verifyShard(framesPath, idxPath)).toMatchObject(plainScan(bytes))
        done++
      }),
      { numRuns: runs }
    )
    expect(done).toBe(runs)
  },
  600_000
)

test.each(FORMS)(
  '$runs flips, cuts and splices of an index of version $version give a verdict',
  ({ good, runs }) => {
    writeFileSync(framesPath, good.frames)
    fc.assert(
      fc.property(mutations, (faults) => {
        const bytes = mutated(good.idx, good.idx, faults)
        writeFileSync(idxPath, bytes)
        const same = bytes.equals(good.idx)
        expect(verifyShard(framesPath, idxPath)).toMatchObject({ ok: same, records: 12, errors: 0, idx_ok: same })
      }),
      { numRuns: runs }
    )
  },
  600_000
)
