import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CHANNELS, type Channel } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { journalChannels, readChannelManifest, readJournalFacts, type JournalFacts, type JournalSegment } from './journalFiles.ts'
import { readRetired } from '../record/index.ts'
import { inLake } from './lakePaths.ts'
import { readProof, type LakePart, type ProofEntry, type RunProof } from './proofFile.ts'

const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.name, channel]))

/** A stretch of one channel that lies in one kind of storage. */
export type Piece =
  | { readonly kind: 'journal'; readonly firstRelNs: number; readonly segment: JournalSegment }
  | {
      readonly kind: 'parquet'
      readonly firstRelNs: number
      readonly parts: readonly LakePart[]
      /** The journal segments with the same events, where all of them are still there. */
      readonly journal?: readonly JournalSegment[] | undefined
    }

export interface ChannelPieces {
  readonly channel: Channel
  /** In the order of time; they do not overlap. */
  readonly pieces: readonly Piece[]
}

/** Where the recorded events of a run are. */
export interface StoredRun {
  readonly runId: string
  readonly originTsNs: bigint
  readonly venue: string
  readonly journalDir: string | undefined
  readonly channels: readonly ChannelPieces[]
  /** What should be there and is nowhere, one sentence each. */
  readonly faults: readonly string[]
  /** What is damaged and not missed, because the same events are elsewhere. */
  readonly notes: readonly string[]
  /** Segments that went on purpose, and the Parquet that was made of them too. */
  readonly deleted: readonly JournalSegment[]
}

export interface StoredRunOptions {
  /** Undefined: only the lake is looked at, and `runId` must be given. */
  readonly bundleDir?: string | undefined
  readonly lakeDir?: string | undefined
  readonly runId?: string | undefined
  /** Where an event is in both. Default parquet. */
  readonly prefer?: 'journal' | 'parquet' | undefined
}

/**
 * Looks up where the events of a run are, channel by channel and stretch by stretch: journal segments, Parquet parts, or both.
 * @returns undefined when the run has neither a journal nor anything in the lake
 * @throws StudioError BUNDLE_NEWER; BUNDLE_DAMAGED when the proof of a run without a journal cannot be used
 */
export function findStoredRun(options: StoredRunOptions): StoredRun | undefined {
  const { bundleDir, lakeDir } = options
  const facts = bundleDir === undefined ? undefined : readJournalFacts(bundleDir)
  const runId = facts?.runId ?? options.runId
  if (runId === undefined) return undefined
  const notes: string[] = []
  const proof = lakeDir === undefined ? undefined : usableProof(lakeDir, runId, facts !== undefined, notes)
  if (facts === undefined && proof === undefined) return undefined
  const faults: string[] = []
  const deleted: JournalSegment[] = []
  const names = new Set([...(proof?.entries.map(({ ch }) => ch) ?? []), ...(facts === undefined ? [] : journalChannels(facts.dir))])
  const channels = [...names].toSorted().flatMap((name) => {
    const channel = byName.get(name)
    if (channel === undefined) faults.push(`This version does not know the channel ${name}; its events are left out.`)
    return channel === undefined ? [] : [{ channel, pieces: piecesOf(options, { facts, proof, faults, notes, deleted }, channel) }]
  })
  return {
    runId,
    originTsNs: facts?.originTsNs ?? BigInt(proof!.t0_wall_ns_utc),
    venue: facts?.venue ?? proof!.venue,
    journalDir: facts?.dir,
    channels,
    faults,
    notes,
    deleted
  }
}

/** A proof that cannot be used proves nothing; what the journal holds is there nevertheless. */
function usableProof(lakeDir: string, runId: string, hasJournal: boolean, notes: string[]): RunProof | undefined {
  try {
    return readProof(lakeDir, runId)
  } catch (error) {
    if (!hasJournal || !(error instanceof StudioError) || error.code !== 'BUNDLE_DAMAGED') throw error
    notes.push(`${error.message} The journal is read instead.`)
    return undefined
  }
}

interface Found {
  readonly facts: JournalFacts | undefined
  readonly proof: RunProof | undefined
  readonly faults: string[]
  readonly notes: string[]
  readonly deleted: JournalSegment[]
}

function piecesOf(
  { lakeDir, prefer = 'parquet' }: StoredRunOptions,
  { facts, proof, faults, notes, deleted }: Found,
  channel: Channel
): Piece[] {
  const entries = proof?.entries.filter(({ ch }) => ch === channel.name) ?? []
  const manifest = facts === undefined ? { segments: [], faults: [] } : readChannelManifest(facts, channel.name)
  faults.push(...manifest.faults)
  const pieces: Piece[] = []
  const covered = new Set<string>()
  for (const entry of entries) {
    const segments = manifest.segments.filter(({ path }) => entry.segments.some((segment) => segment.path === path))
    const parts = entry.parts.filter(({ path, bytes }) => sizeOf(inLake(lakeDir!, path)) === bytes)
    const whole = parts.length === entry.parts.length
    const journal = facts !== undefined && segments.length === entry.segments.length && segments.every((segment) => isThere(facts, segment))
    if (journal && prefer === 'parquet' && !whole) notes.push(`${notWhole(lakeDir!, entry)} Its journal is read instead.`)
    if (journal && (prefer === 'journal' || !whole)) continue
    for (const { path } of entry.segments) covered.add(path)
    if (!whole) faults.push(notWhole(lakeDir!, entry))
    const firstRelNs = Math.min(...parts.map((part) => part.first_rel_ns))
    if (parts.length > 0) pieces.push({ kind: 'parquet', firstRelNs, parts, journal: journal ? segments : undefined })
  }
  // Old Parquet goes on purpose too, after the journal that it was made of. That it did only its lake can say.
  const isToldByLake = facts !== undefined && proof !== undefined
  const retired = new Set(isToldByLake ? readRetired(join(facts.dir, `ch=${channel.name}`)).map(({ path }) => path) : [])
  for (const segment of manifest.segments) {
    if (covered.has(segment.path)) continue
    if (isThere(facts!, segment)) pieces.push({ kind: 'journal', firstRelNs: segment.startRelNs, segment })
    else if (retired.has(segment.path)) deleted.push(segment)
    else faults.push(`A journal segment of ${channel.name} is missing: ${segment.path}`)
  }
  return pieces.toSorted((a, b) => a.firstRelNs - b.firstRelNs)
}

/** What is wrong with the parts of an entry, in a sentence. */
function notWhole(lakeDir: string, { ch, date, parts }: ProofEntry): string {
  const bad = parts.filter(({ path, bytes }) => sizeOf(inLake(lakeDir, path)) !== bytes)
  const [first] = bad
  const found = first === undefined ? undefined : sizeOf(inLake(lakeDir, first.path))
  const what = found === undefined ? 'found no file' : `found ${found}`
  return `${bad.length} Parquet ${bad.length === 1 ? 'part' : 'parts'} of ${ch} of ${date} cannot be read: expected ${first?.bytes} bytes, ${what}. File: ${first?.path}`
}

function isThere({ dir }: JournalFacts, { path }: JournalSegment): boolean {
  return existsSync(join(dir, ...path.split('/')))
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

/** @throws StudioError BUNDLE_NOT_FOUND when nothing of the run is stored */
export function requireStoredRun(options: StoredRunOptions): StoredRun {
  const run = findStoredRun(options)
  if (run !== undefined) return run
  const { bundleDir, lakeDir } = options
  throw new StudioError(
    'BUNDLE_NOT_FOUND',
    bundleDir === undefined
      ? `The lake has nothing of this run: compact it first, or replay its journal or its frame log. Lake: ${lakeDir ?? ''}`
      : `Nothing of this run is stored as a journal or in the lake; replay its frame log instead. Place: ${bundleDir}`
  )
}
