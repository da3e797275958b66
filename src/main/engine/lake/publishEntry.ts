import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fsyncDir, publishFile } from '../bundle/index.ts'
import { LAKE_SCHEMA_VERSION } from './columns.ts'
import type { JournalFacts } from './journalFiles.ts'
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
  /** New folders of partitions, in the work folder, and the places that they take. */
  readonly partitions: readonly { readonly staged: string; readonly target: string }[]
  /** Parts of entries that this one replaces; they are not in the new folders. */
  readonly replaced: readonly string[]
}

const COMMIT_FILE = 'commit.json'

export interface Publication {
  readonly lakeDir: string
  readonly workDir: string
  readonly facts: JournalFacts
  readonly entry: Omit<ProofEntry, 'parts'>
  readonly parts: readonly StagedPart[]
  /** Parts of the same run that the new ones take the place of, by their paths in the lake. */
  readonly replaced: readonly string[]
}

/**
 * Puts proved parts into the lake. A partition is replaced as a whole: its new folder holds the parts of before and the new ones, and takes
 * the place of the old folder by a rename; then the proof is written. A crash at any moment leaves the old state or, at the next start of a
 * compaction or retention, the new one.
 */
export function publishEntry(publication: Publication): ProofEntry {
  const { lakeDir, workDir, facts, replaced } = publication
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
  publishFile(join(workDir, COMMIT_FILE), JSON.stringify(commit))
  applyCommit(lakeDir, workDir, commit)
  return entry
}

function stagePartitions({ lakeDir, workDir, entry, parts, replaced }: Publication): {
  readonly parts: LakePart[]
  readonly partitions: PublishCommit['partitions']
} {
  const targets = new Set(parts.map(({ station }) => partitionPath(station, entry.date, entry.ch)))
  for (const path of replaced) targets.add(dirname(path))
  const made: LakePart[] = []
  const partitions = [...targets].map((target, index) => {
    const staged = `partition-${index}`
    const dir = join(workDir, staged)
    mkdirSync(dir)
    linkParts(inLake(lakeDir, target), dir, new Set(replaced.filter((path) => dirname(path) === target).map((path) => basename(path))))
    for (const part of parts.filter(({ station }) => partitionPath(station, entry.date, entry.ch) === target))
      made.push(movePart(part, dir, target))
    fsyncDir(dir)
    return { staged, target }
  })
  fsyncDir(workDir)
  return { parts: made, partitions }
}

/** The files that are there already, without a copy where the file system can. */
function linkParts(from: string, to: string, leaveOut: ReadonlySet<string>): void {
  if (!existsSync(from)) return
  for (const name of readdirSync(from)) {
    if (leaveOut.has(name)) continue
    try {
      linkSync(join(from, name), join(to, name))
    } catch {
      copyFileSync(join(from, name), join(to, name))
    }
  }
}

function movePart(part: StagedPart, dir: string, target: string): LakePart {
  const taken = new Set(readdirSync(dir))
  let number = taken.size
  while (taken.has(partName(number))) number++
  renameSync(part.file, join(dir, partName(number)))
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
export function retireEntries(lakeDir: string, workDir: string, runId: string, entries: readonly ProofEntry[]): void {
  const commit: RetireCommit = {
    kind: 'retire',
    run_id: runId,
    parts: entries.flatMap(({ parts }) => parts.map(({ path }) => path)),
    segments: entries.flatMap(({ segments }) => segments.map(({ path }) => path))
  }
  publishFile(join(workDir, COMMIT_FILE), JSON.stringify(commit))
  applyCommit(lakeDir, workDir, commit)
}

/** Every step can be done again: what is done already is seen and left alone. */
function applyCommit(lakeDir: string, workDir: string, commit: Commit): void {
  if (commit.kind === 'retire') applyRetire(lakeDir, commit)
  else applyPublish(lakeDir, workDir, commit)
  rmSync(workDir, { recursive: true, force: true })
}

function applyRetire(lakeDir: string, { run_id: runId, parts, segments }: RetireCommit): void {
  for (const path of parts) {
    rmSync(inLake(lakeDir, path), { force: true })
    for (let dir = dirname(path); dir !== '.'; dir = dirname(dir)) if (!removeIfEmpty(inLake(lakeDir, dir))) break
  }
  const proof = usableProof(lakeDir, runId)
  const gone = new Set(segments)
  if (proof !== undefined)
    writeProof(lakeDir, { ...proof, entries: proof.entries.filter((entry) => !entry.segments.some(({ path }) => gone.has(path))) })
}

function removeIfEmpty(dir: string): boolean {
  try {
    rmdirSync(dir)
    return true
  } catch {
    return false
  }
}

function applyPublish(lakeDir: string, workDir: string, commit: PublishCommit): void {
  commit.partitions.forEach(({ staged, target }, index) => {
    const from = join(workDir, staged)
    const to = inLake(lakeDir, target)
    if (!existsSync(from)) return
    if (existsSync(to)) renameSync(to, join(workDir, `old-${index}-${readdirSync(workDir).length}`))
    if (readdirSync(from).length === 0) return
    mkdirSync(dirname(to), { recursive: true })
    renameSync(from, to)
    fsyncDir(dirname(to))
    fsyncDir(dirname(dirname(to)))
  })
  writeProof(lakeDir, proofWith(lakeDir, commit))
}

function proofWith(lakeDir: string, { run_id: runId, t0_wall_ns_utc: origin, venue, entry }: PublishCommit): ReturnType<typeof emptyProof> {
  mkdirSync(lakePaths(lakeDir).proofs, { recursive: true })
  const before = usableProof(lakeDir, runId) ?? emptyProof(runId, origin, venue)
  const covered = new Set(entry.segments.map(({ path }) => path))
  const kept = before.entries.filter(({ segments }) => !segments.some(({ path }) => covered.has(path)))
  const entries = [...kept, entry].toSorted((a, b) => byText(a.ch, b.ch) || byText(a.date, b.date) || firstOf(a) - firstOf(b))
  return { ...before, entries }
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
export function recoverLake(lakeDir: string): number {
  const { work } = lakePaths(lakeDir)
  if (!existsSync(work)) return 0
  let finished = 0
  for (const name of readdirSync(work)) {
    const workDir = join(work, name)
    const commit = commitIn(workDir)
    if (commit === undefined) discardWork(workDir)
    else {
      applyCommit(lakeDir, workDir, commit)
      finished++
    }
  }
  return finished
}

/** Removes the folder of a piece of work that came to nothing; one that is decided stays for `recoverLake`. */
export function discardWork(workDir: string): void {
  if (commitIn(workDir) === undefined) rmSync(workDir, { recursive: true, force: true })
}

function commitIn(workDir: string): Commit | undefined {
  try {
    return JSON.parse(readFileSync(join(workDir, COMMIT_FILE), 'utf8')) as Commit
  } catch {
    return undefined
  }
}
