import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toFailure } from '../../../shared/errors.ts'
import { ramFolder } from '../testing/ramFolder.ts'
import { random } from '../testing/random.ts'
import { compactRun } from './compactRun.ts'
import { hostLakeDisk } from './lakeDisk.ts'
import { inLake } from './lakePaths.ts'
import { PartTrust } from './partTrust.ts'
import { proofPath, readProof, writeProof, type LakePart, type RunProof } from './proofFile.ts'
import { storedRecords } from './storedRecords.ts'
import { RUN_ID, testRecords, writeTestJournal } from './testJournal.ts'
import { verifyLake } from './verifyLake.ts'

/** A tenth of `TAPEDECK_MUTATIONS` for parts and proofs each; the readers take part in some of them. */
const MUTATIONS = Math.ceil(Number(process.env['TAPEDECK_MUTATIONS'] ?? 20_000) / 10)
const READ_EVERY = Math.max(1, Math.floor(MUTATIONS / 25))

let dir: string
let lakeDir: string
let proof: RunProof
let parts: readonly LakePart[]
let whole: Buffer

async function readAll(): Promise<Buffer> {
  const out: Buffer[] = []
  for await (const { bytes, used } of storedRecords({ lakeDir, runId: RUN_ID })) out.push(Buffer.from(bytes.slice(0, used)))
  return Buffer.concat(out)
}

beforeAll(async () => {
  dir = mkdtempSync(join(ramFolder(), 'tapedeck-lake-mutations-'))
  lakeDir = join(dir, 'lake')
  const bundleDir = join(dir, 'run')
  writeTestJournal(bundleDir, testRecords({ markets: 2, seconds: 80, levels: 3 }))
  await compactRun({ bundleDir, lakeDir, channels: ['l2_snap_1s', 'tape_trades', 'event_window'], partBytes: 8000 })
  proof = readProof(lakeDir, RUN_ID)!
  parts = proof.entries.flatMap((entry) => entry.parts)
  whole = await readAll()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Chance = () => number

function mutated(bytes: Buffer, other: Buffer, chance: Chance): { what: string; bytes: Buffer } {
  const at = Math.floor(chance() * bytes.length)
  const kind = chance()
  if (kind < 0.5) {
    const changed = Buffer.from(bytes)
    const bit = 1 << Math.floor(chance() * 8)
    changed[at]! ^= bit
    return { what: `bit ${bit} flipped at ${at}`, bytes: changed }
  }
  if (kind < 0.75) return { what: `cut at ${at}`, bytes: bytes.subarray(0, at) }
  if (kind < 0.82) return { what: `zeros from ${at}`, bytes: Buffer.from(bytes).fill(0, at) }
  if (kind < 0.86) return { what: 'empty', bytes: Buffer.alloc(0) }
  if (kind < 0.92) return { what: `more behind, from ${at}`, bytes: Buffer.concat([bytes, bytes.subarray(at)]) }
  return { what: 'another file in its place', bytes: other }
}

/** Readers and verdict agree: either all is as it was recorded, or both say that it is not. */
async function expectVerdict(what: string): Promise<'whole' | 'told'> {
  const read = await readAll().then(
    (bytes) => bytes,
    (error: unknown) => toFailure(error).code
  )
  const { ok } = await verifyLake({ lakeDir, deep: true })
  if (read instanceof Buffer) {
    expect([what, ok, read.equals(whole)]).toEqual([what, true, true])
    return 'whole'
  }
  expect([what, ok, read]).toEqual([what, false, 'BUNDLE_DAMAGED'])
  return 'told'
}

test(`${MUTATIONS} cuts, flips and swaps of Parquet parts: each is told, by whoever reads it`, async () => {
  const chance = random(31)
  const pick = (): LakePart => parts[Math.floor(chance() * parts.length)]!
  for (let n = 0; n < MUTATIONS; n++) {
    const [part, other] = [pick(), pick()]
    const path = inLake(lakeDir, part.path)
    const before = readFileSync(path)
    const { what, bytes } = mutated(before, readFileSync(inLake(lakeDir, other.path)), chance)
    writeFileSync(path, bytes)
    try {
      const isSame = bytes.equals(before)
      const trusted = await new PartTrust(lakeDir).check(part).then(
        () => true,
        (error: unknown) => (expect([what, toFailure(error).code]).toEqual([what, 'BUNDLE_DAMAGED']), false)
      )
      expect([what, trusted]).toEqual([what, isSame])
      if (n % READ_EVERY === 0) expect(await expectVerdict(`${part.path}: ${what}`)).toBe(isSame ? 'whole' : 'told')
    } finally {
      writeFileSync(path, before)
    }
  }
  expect(await expectVerdict('restored')).toBe('whole')
}, 3_600_000)

test(`${MUTATIONS} cuts, flips and swaps of a proof: it says what it said, or that it is damaged`, async () => {
  const chance = random(32)
  const path = proofPath(lakeDir, RUN_ID)
  const before = readFileSync(path)
  const other = Buffer.from(before.toString().replaceAll(RUN_ID, 'run-test-2'))
  let told = 0
  for (let n = 0; n < MUTATIONS; n++) {
    const { what, bytes } = mutated(before, other, chance)
    writeFileSync(path, bytes)
    try {
      const found = readProof(lakeDir, RUN_ID)
      expect([what, found]).toEqual([what, proof])
    } catch (error) {
      expect([what, toFailure(error).code]).toEqual([what, 'BUNDLE_DAMAGED'])
      told++
    }
    if (n % READ_EVERY === 0) await expectVerdict(`proof: ${what}`)
  }
  writeFileSync(path, before)
  expect(told).toBeGreaterThan(MUTATIONS * 0.7)
}, 3_600_000)

test('a sound proof of another run in the place of this one is told', async () => {
  const path = proofPath(lakeDir, RUN_ID)
  const before = readFileSync(path)
  writeProof(hostLakeDisk, lakeDir, { ...proof, run_id: 'run-test-2' })
  renameSync(proofPath(lakeDir, 'run-test-2'), path)
  await expect(readAll()).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
  writeFileSync(path, before)
  expect(await expectVerdict('restored')).toBe('whole')
})

test('a part, a partition or a proof that is gone is told', async () => {
  const [part] = parts
  const gone = join(dir, 'gone')
  for (const path of [part!.path, part!.path.slice(0, part!.path.lastIndexOf('/')), part!.path.split('/')[0]!]) {
    renameSync(inLake(lakeDir, path), gone)
    expect([path, await expectVerdict(path)]).toEqual([path, 'told'])
    renameSync(gone, inLake(lakeDir, path))
  }
  cpSync(lakeDir, join(dir, 'copy'), { recursive: true })
  rmSync(proofPath(lakeDir, RUN_ID))
  await expect(readAll()).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
  const { ok, strangers } = await verifyLake({ lakeDir })
  expect([ok, strangers.length]).toEqual([false, parts.length])
  expect(readdirSync(join(dir, 'copy'))).toContain('proofs')
})
