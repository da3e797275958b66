import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { publishText } from '../record/index.ts'
import { LAKE_SCHEMA_VERSION } from './columns.ts'
import type { JournalFacts } from './journalFiles.ts'
import type { LakeDisk } from './lakeDisk.ts'
import { inLake, lakePaths, partitionPath, partName } from './lakePaths.ts'
import { PROOF_VERSION, readProof, writeProof, type LakePart, type ProofEntry } from './proofFile.ts'
import type { StagedPart } from './stageParts.ts'

/** What is decided once it is on disk: from then on a crash finishes it, before that a crash leaves nothing. */
type Commit = PublishCommit | RetireCommit

/** Parts that leave the lake with their proof. */
interface RetireCommit {
  readonly kind: 'retire'
  readonly run_id: string
  readonly parts: readonly string[]
  readonly segments: readonly string[]
}

interface PublishCommit {
  readonly kind: 'publish'
  readonly run_id: string
  readonly t0_wall_ns_utc: string
  readonly venue: string
  readonly entry: ProofEntry
  /**
   * Folders in the work folder and the partitions that they are for. One that `adds` holds new parts only, which join those that are there; any other
   * holds all parts and takes the place of the old folder.
   */
  readonly partitions: readonly { readonly staged: string; readonly target: string; readonly adds: boolean }[]
  /** Parts of entries that this one replaces; they are not in the new folders. */
  readonly replaced: readonly string[]
}

const COMMIT_FILE = 'commit.json'

export interface Publication {
  readonly disk: LakeDisk
  readonly lakeDir: string
  readonly workDir: string
  readonly facts: JournalFacts
  readonly entry: Omit<ProofEntry, 'parts'>
  readonly parts: readonly StagedPart[]
  /** Parts of the same run that the new ones take the place of, by their paths in the lake. */
  readonly replaced: readonly string[]
}

/**
 * Puts proved parts into the lake. Parts that replace none join those of their partition, each by a rename: nothing that was there is ever away.
 * Where parts are replaced, a new folder with all of them takes the place of the old one. Then the proof is written. A crash at any moment leaves
 * the old state or, at the next start of a compaction or retention, the new one.
 */
export function publishEntry(publication: Publication): ProofEntry {
  const { disk, lakeDir, workDir, facts, replaced } = publication
  const { parts, partitions } = stagePartitions(publication)
  const entry: ProofEntry = { ...publication.entry, parts }
  const commit: PublishCommit = {
    kind: 'publish',
    run_id: facts.runId,
    t0_wall_ns_utc: String(facts.originTsNs),
    venue: facts.venue,
    entry,
    partitions,
    replaced
  }
  publishText(disk, join(workDir, COMMIT_FILE), JSON.stringify(commit))
  applyCommit(disk, lakeDir, workDir, commit)
  return entry
}

function stagePartitions({ disk, lakeDir, workDir, entry, parts, replaced }: Publication): {
  readonly parts: LakePart[]
  readonly partitions: PublishCommit['partitions']
} {
  const targets = new Set(parts.map(({ station }) => partitionPath(station, entry.date, entry.ch)))
  for (const path of replaced) targets.add(dirname(path))
  const made: LakePart[] = []
  const partitions = [...targets].map((target, index) => {
    const staged = `partition-${index}`
    const dir = join(workDir, staged)
    disk.makeFolder(dir)
    const going = new Set(replaced.filter((path) => dirname(path) === target).map((path) => basename(path)))
    const there = namesIn(inLake(lakeDir, target)).filter((name) => !going.has(name))
    const adds = going.size === 0
    if (!adds) for (const name of there) disk.link(join(inLake(lakeDir, target), name), join(dir, name))
    const taken = new Set(there)
    for (const part of parts.filter(({ station }) => partitionPath(station, entry.date, entry.ch) === target))
      made.push(movePart(disk, part, dir, target, taken))
    disk.syncFolder(dir)
    return { staged, target, adds }
  })
  disk.syncFolder(workDir)
  return { parts: made, partitions }
}

function namesIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : []
}

function movePart(disk: LakeDisk, part: StagedPart, dir: string, target: string, taken: Set<string>): LakePart {
  let number = taken.size
  while (taken.has(partName(number))) number++
  taken.add(partName(number))
  disk.rename(part.file, join(dir, partName(number)))
  return {
    path: `${target}/${partName(number)}`,
    generation: part.generation,
    station: part.station,
    rows: part.rows,
    bytes: part.bytes,
    sha256: part.sha256,
    first_rel_ns: part.firstRelNs,
    last_rel_ns: part.lastRelNs
  }
}

/** Takes entries of a run out of the lake, all of them or, after a crash, at the next start of a compaction or retention. */
export function retireEntries(disk: LakeDisk, lakeDir: string, workDir: string, runId: string, entries: readonly ProofEntry[]): void {
  const commit: RetireCommit = {
    kind: 'retire',
    run_id: runId,
    parts: entries.flatMap(({ parts }) => parts.map(({ path }) => path)),
    segments: entries.flatMap(({ segments }) => segments.map(({ path }) => path))
  }
  publishText(disk, join(workDir, COMMIT_FILE), JSON.stringify(commit))
  applyCommit(disk, lakeDir, workDir, commit)
}

/** Every step can be done again: what is done already is seen and left alone. */
function applyCommit(disk: LakeDisk, lakeDir: string, workDir: string, commit: Commit): void {
  if (commit.kind === 'retire') applyRetire(disk, lakeDir, commit)
  else applyPublish(disk, lakeDir, workDir, commit)
  disk.removeTree(workDir)
}

function applyRetire(disk: LakeDisk, lakeDir: string, { run_id: runId, parts, segments }: RetireCommit): void {
  for (const path of parts) {
    disk.remove(inLake(lakeDir, path))
    for (let dir = dirname(path); dir !== '.'; dir = dirname(dir)) if (!disk.removeIfEmpty(inLake(lakeDir, dir))) break
  }
  const proof = usableProof(lakeDir, runId)
  const gone = new Set(segments)
  if (proof === undefined) return
  const entries = proof.entries.filter((entry) => !entry.segments.some(({ path }) => gone.has(path)))
  writeProof(disk, lakeDir, { ...proof, entries })
}

function applyPublish(disk: LakeDisk, lakeDir: string, workDir: string, commit: PublishCommit): void {
  for (const partition of commit.partitions) applyPartition(disk, lakeDir, workDir, partition)
  disk.makeFolder(lakePaths(lakeDir).proofs)
  writeProof(disk, lakeDir, proofWith(lakeDir, commit))
}

function applyPartition(
  disk: LakeDisk,
  lakeDir: string,
  workDir: string,
  { staged, target, adds }: PublishCommit['partitions'][number]
): void {
  const from = join(workDir, staged)
  const to = inLake(lakeDir, target)
  if (!existsSync(from)) return
  if (adds && existsSync(to)) {
    for (const name of readdirSync(from)) disk.rename(join(from, name), join(to, name))
    disk.syncFolder(to)
    return
  }
  if (existsSync(to)) disk.rename(to, join(disk.makeWorkFolder(join(workDir, 'old-')), 'partition'))
  if (readdirSync(from).length === 0) return
  disk.makeFolder(dirname(to))
  disk.rename(from, to)
  disk.syncFolder(dirname(to))
  disk.syncFolder(dirname(dirname(to)))
}

function proofWith(lakeDir: string, { run_id: runId, t0_wall_ns_utc: origin, venue, entry }: PublishCommit): ReturnType<typeof emptyProof> {
  const before = usableProof(lakeDir, runId) ?? emptyProof(runId, origin, venue)
  const covered = new Set(entry.segments.map(({ path }) => path))
  const kept = before.entries.filter(({ segments }) => !segments.some(({ path }) => covered.has(path)))
  const entries = [...kept, entry].toSorted((a, b) => byText(a.ch, b.ch) || byText(a.date, b.date) || firstOf(a) - firstOf(b))
  return { ...before, lake_schema_version: LAKE_SCHEMA_VERSION, entries }
}

/** A proof that cannot be read proves nothing; a new one takes its place. */
function usableProof(lakeDir: string, runId: string): ReturnType<typeof readProof> {
  try {
    return readProof(lakeDir, runId)
  } catch {
    return undefined
  }
}

function emptyProof(runId: string, origin: string, venue: string) {
  return {
    proof_version: PROOF_VERSION,
    lake_schema_version: LAKE_SCHEMA_VERSION,
    run_id: runId,
    t0_wall_ns_utc: origin,
    venue,
    entries: [] as ProofEntry[]
  }
}

function firstOf({ parts }: ProofEntry): number {
  return Math.min(...parts.map(({ first_rel_ns: first }) => first))
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Finishes what was decided and removes what was not, after a crash. Only under the lock of the lake.
 * @returns how many publications were finished
 */
export function recoverLake(disk: LakeDisk, lakeDir: string): number {
  const { work } = lakePaths(lakeDir)
  let finished = 0
  for (const name of namesIn(work)) {
    const workDir = join(work, name)
    const commit = commitIn(workDir)
    if (commit === undefined) discardWork(disk, workDir)
    else {
      applyCommit(disk, lakeDir, workDir, commit)
      finished++
    }
  }
  return finished
}

/** Removes the folder of a piece of work that came to nothing; one that is decided stays for `recoverLake`. */
export function discardWork(disk: LakeDisk, workDir: string): void {
  if (commitIn(workDir) === undefined) disk.removeTree(workDir)
}

function commitIn(workDir: string): Commit | undefined {
  try {
    return JSON.parse(readFileSync(join(workDir, COMMIT_FILE), 'utf8')) as Commit
  } catch {
    return undefined
  }
}
