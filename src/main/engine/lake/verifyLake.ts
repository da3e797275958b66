import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { CHANNELS, type Channel } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { readManifest, readStudioFacts } from '../bundle/index.ts'
import { RecordedFingerprint } from '../record/index.ts'
import { LakeDatabase } from './database.ts'
import { checkDerived } from './derivedColumns.ts'
import { envelopeSumsOf, withEnvelopes } from './envelopeSums.ts'
import { HourDigests } from './hourDigests.ts'
import { inLake } from './lakePaths.ts'
import { partRecords } from './partReader.ts'
import { PartTrust } from './partTrust.ts'
import { isWholeProof, readAllProofs, type ProofEntry, type RunProof } from './proofFile.ts'
import { storedRecords } from './storedRecords.ts'

export interface VerifyLakeOptions {
  readonly lakeDir: string
  /** Only this run. */
  readonly runId?: string | undefined
  /** Run bundles, whose recorded fingerprints the lake is compared with. */
  readonly bundleDirs?: readonly string[] | undefined
  /** Rebuild every record and compare the hours with their proofs; otherwise the bytes of the files only. */
  readonly deep?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface LakeRunVerdict {
  readonly run_id: string
  readonly ok: boolean
  readonly parts: number
  readonly rows: number
  /** SHA-256 over the events in the lake, in the order of the tape; with `deep` only. */
  readonly fingerprint: string | undefined
  /** What the run itself stated when it ended; undefined when its bundle is not at hand or says nothing. */
  readonly recorded_fingerprint: string | undefined
  readonly faults: readonly string[]
}

export interface LakeVerdict {
  readonly ok: boolean
  readonly runs: readonly LakeRunVerdict[]
  /** Parquet files in partitions that no proof names; queries from outside see them. */
  readonly strangers: readonly string[]
  readonly faults: readonly string[]
}

const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.name, channel]))

/** Compares the files of a lake with their proofs. Reads only. @throws StudioError BUNDLE_NOT_FOUND, ABORTED */
export async function verifyLake(options: VerifyLakeOptions): Promise<LakeVerdict> {
  const { lakeDir, runId } = options
  if (!existsSync(lakeDir)) throw new StudioError('BUNDLE_NOT_FOUND', `There is no lake at this place: ${lakeDir}`)
  const { proofs, faults } = readAllProofs(lakeDir)
  const spillDir = mkdtempSync(join(tmpdir(), 'tapedeck-lake-'))
  const database = await LakeDatabase.open({ spillDir, signal: options.signal })
  try {
    const runs: LakeRunVerdict[] = []
    for (const proof of proofs) if (runId === undefined || proof.run_id === runId) runs.push(await verifyRun(database, proof, options))
    const named = new Set(proofs.flatMap(({ entries }) => entries.flatMap(({ parts }) => parts.map(({ path }) => path))))
    const strangers = runId === undefined ? parquetFiles(lakeDir).filter((path) => !named.has(path)) : []
    return { ok: runs.every(({ ok }) => ok) && faults.length === 0 && strangers.length === 0, runs, strangers, faults }
  } finally {
    database.close()
    rmSync(spillDir, { recursive: true, force: true })
  }
}

async function verifyRun(database: LakeDatabase, proof: RunProof, options: VerifyLakeOptions): Promise<LakeRunVerdict> {
  const faults: string[] = []
  for (const entry of proof.entries) await verifyEntry(database, proof, entry, options, faults)
  const fingerprint = options.deep === true && faults.length === 0 ? await fingerprintOf(proof, options) : undefined
  const stated = statedBy(proof.run_id, options.bundleDirs ?? [])
  if (fingerprint !== undefined && stated !== undefined && fingerprint !== stated)
    faults.push('The events in the lake are not all that the run recorded, or not the same: the fingerprints differ.')
  const parts = proof.entries.flatMap((entry) => entry.parts)
  return {
    run_id: proof.run_id,
    ok: faults.length === 0,
    parts: parts.length,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    fingerprint,
    recorded_fingerprint: stated,
    faults
  }
}

async function verifyEntry(
  database: LakeDatabase,
  proof: RunProof,
  entry: ProofEntry,
  { lakeDir, deep, signal }: VerifyLakeOptions,
  faults: string[]
): Promise<void> {
  try {
    const trust = new PartTrust(lakeDir)
    for (const part of entry.parts) await trust.check(part)
    const channel = byName.get(entry.ch)
    if (deep !== true || channel === undefined) return
    const digests = new HourDigests(BigInt(proof.t0_wall_ns_utc))
    for await (const batch of partRecords(database, lakeDir, channel, entry.parts, { signal })) digests.add(batch)
    const records = digests.end()
    if (
      !isDeepStrictEqual(
        records,
        entry.hours.map(({ hour, count, sha256 }) => ({ hour, count, sha256 }))
      )
    )
      faults.push(`${entry.ch} of ${entry.date}: its events are not those of the proof.`)
    if (!isWholeProof(entry)) return
    const paths = entry.parts.map(({ path }) => inLake(lakeDir, path))
    const sums = await database.guard(() => envelopeSumsOf(database.connection, channel, paths))
    if (!isDeepStrictEqual(withEnvelopes(records, sums), entry.hours))
      faults.push(`${entry.ch} of ${entry.date}: ids, times, markets or event windows of its events are not those of the proof.`)
    if (entry.derived_checked === undefined) return
    const { fault } = await database.guard(() => checkDerived(database.connection, channel, paths, 'there'))
    if (fault !== undefined) faults.push(`${entry.ch} of ${entry.date}: ${fault}.`)
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'BUNDLE_DAMAGED') throw error
    faults.push(error.message)
  }
}

async function fingerprintOf(proof: RunProof, { lakeDir, signal }: VerifyLakeOptions): Promise<string> {
  const fingerprint = new RecordedFingerprint('all', proof.run_id, BigInt(proof.t0_wall_ns_utc))
  for await (const batch of storedRecords({ lakeDir, runId: proof.run_id, signal })) fingerprint.update(batch.bytes.subarray(0, batch.used))
  return fingerprint.summary().sha256
}

/** The run's own fingerprint of what it recorded, when its bundle is at hand. */
function statedBy(runId: string, bundleDirs: readonly string[]): string | undefined {
  for (const dir of bundleDirs) {
    try {
      if (readManifest(dir).runId === runId) return readStudioFacts(dir)?.recorded?.sha256
    } catch {
      // A folder that is no bundle states nothing.
    }
  }
  return undefined
}

function parquetFiles(lakeDir: string): string[] {
  return readdirSync(lakeDir, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.startsWith('station=') && path.endsWith('.parquet'))
    .toSorted()
}
