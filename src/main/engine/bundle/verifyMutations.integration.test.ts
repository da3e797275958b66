import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { encodeShard, numberedRecords } from './testBundle.ts'
import { mutated, mutations, plainScan } from './testMutations.ts'
import { verifyShard } from './verify.ts'

const RUNS = 100_000
const dir = mkdtempSync(join(tmpdir(), 'tapedeck-mutations-'))
const framesPath = join(dir, 'shard_00.frames')
const idxPath = join(dir, 'shard_00.idx')

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('a hundred thousand flips, cuts and splices of a log give what a plain scan gives, and none crashes or hangs', () => {
  const good = encodeShard(numberedRecords(12))
  writeFileSync(idxPath, good.idx)
  let runs = 0
  fc.assert(
    fc.property(mutations, (faults) => {
      const bytes = mutated(good.frames, good.frames, faults)
      writeFileSync(framesPath, bytes)
      expect(verifyShard(framesPath, idxPath)).toMatchObject(plainScan(bytes))
      runs++
    }),
    { numRuns: RUNS }
  )
  expect(runs).toBe(RUNS)
})

test('a hundred thousand flips, cuts and splices of an index give a verdict', () => {
  const good = encodeShard(numberedRecords(12))
  writeFileSync(framesPath, good.frames)
  fc.assert(
    fc.property(mutations, (faults) => {
      const bytes = mutated(good.idx, good.idx, faults)
      writeFileSync(idxPath, bytes)
      const same = bytes.equals(good.idx)
      expect(verifyShard(framesPath, idxPath)).toMatchObject({ ok: same, records: 12, errors: 0, idx_ok: same })
    }),
    { numRuns: RUNS }
  )
})
