import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CrashVerdict } from '../../../shared/api/index.ts'
import { CHANNELS, type Channel } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { hostClock } from '../clock.ts'
import { crashVerdictOf } from '../record/index.ts'
import { compactEntry } from './compactEntry.ts'
import { LakeDatabase } from './database.ts'
import { journalChannels, readChannelManifest, readJournalFacts, type JournalFacts, type JournalSegment } from './journalFiles.ts'
import { hostLakeDisk, type LakeDisk } from './lakeDisk.ts'
import { lockLake } from './lakeLock.ts'
import { inLake, lakePaths } from './lakePaths.ts'
import { partsOnDisk } from './orphanParts.ts'
import { isWholeProof, readProof, type LakePart, type ProofEntry, type RunProof } from './proofFile.ts'
import { PartTrust } from './partTrust.ts'
import { noteProofs } from './proofNote.ts'
import { discardWork, publishEntry, recoverLake } from './publishEntry.ts'
import { SegmentFault } from './segmentRecords.ts'

export interface CompactOptions {
  readonly bundleDir: string
  readonly lakeDir: string
  /** Names of channels; undefined = all that the journal has. */
  readonly channels?: readonly string[] | undefined
  /** Compact again what is in the lake already, where its journal is still there. */
  readonly redo?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Share of the journal's bytes that is done, 0..1. */
  readonly onProgress?: ((share: number) => void) | undefined
  /** Bytes of records that become one generation of parts; memory follows it. */
  readonly partBytes?: number | undefined
  /** Given by tests only. */
  readonly disk?: LakeDisk | undefined
}

/** What one channel of one date gave. */
export interface CompactedEntry {
  readonly channel: string
  readonly date: string
  readonly segments: number
  readonly rows: number
  readonly parts: number
  readonly parquetBytes: number
  readonly journalBytes: number
  readonly booksChecked: number
  readonly derivedChecked: number
}

export interface CompactResult {
  readonly runId: string
  /** How the run ended, and what of its journal could be saved. */
  readonly verdict: CrashVerdict
  readonly compacted: readonly CompactedEntry[]
  /** Segments that were in the lake and proved before. */
  readonly alreadyProved: number
  /** What was damaged in the lake and came anew from its journal, one sentence each. */
  readonly repaired: readonly string[]
  /** What could not be compacted, one sentence each. Its journal is kept. */
  readonly faults: readonly string[]
}

/** Two such batches are in memory: one is filled while the other is written. */
export const PART_BYTES = 48 * 1024 * 1024
const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.name, channel]))

/**
 * Brings the closed segments of a run's journal into the lake, each channel and date proved before it is published. What a crash left of the
 * journal is saved first, so that it gets there too. What is there already is left alone, so it can be run again at any time, also while the
 * run is being recorded.
 * @throws StudioError BUNDLE_NOT_FOUND (no journal), BUSY, ABORTED, DISK_FULL, FILE_FAILED; what was published before stays and is valid
 */
export async function compactRun(options: CompactOptions): Promise<CompactResult> {
  const facts = readJournalFacts(options.bundleDir)
  if (facts === undefined)
    throw new StudioError(
      'BUNDLE_NOT_FOUND',
      `This run bundle has no journal to compact; replay its frame log instead. Folder: ${options.bundleDir}`
    )
  const { lakeDir, disk = hostLakeDisk } = options
  const lock = lockLake(lakeDir, disk)
  try {
    recoverLake(disk, lakeDir)
    const verdict = await crashVerdictOf(options.bundleDir, { check: 'sizes', disk })
    return { ...(await new RunCompaction(facts, options).run()), verdict }
  } finally {
    lock.release()
  }
}

interface Todo {
  readonly channel: Channel
  readonly date: string
  readonly segments: readonly JournalSegment[]
}

class RunCompaction {
  readonly #facts: JournalFacts
  readonly #options: CompactOptions
  readonly #faults: string[] = []
  readonly #repaired: string[] = []
  readonly #trust: PartTrust
  readonly #disk: LakeDisk
  readonly #compacted: CompactedEntry[] = []
  #proof: RunProof | undefined
  #hasLostProof = false
  #alreadyProved = 0
  #doneBytes = 0
  #totalBytes = 0

  constructor(facts: JournalFacts, options: CompactOptions) {
    this.#facts = facts
    this.#options = options
    this.#trust = new PartTrust(options.lakeDir)
    this.#disk = options.disk ?? hostLakeDisk
  }

  async run(): Promise<Omit<CompactResult, 'verdict'>> {
    const { lakeDir, signal } = this.#options
    this.#proof = this.#readProof()
    const todo = await this.#todo()
    this.#totalBytes = todo.reduce((sum, { segments }) => sum + segments.reduce((bytes, segment) => bytes + segment.bytes, 0), 0)
    if (todo.length > 0) {
      const { work } = lakePaths(lakeDir)
      this.#disk.makeFolder(work)
      const spillDir = this.#disk.makeWorkFolder(join(work, 'spill-'))
      const database = await LakeDatabase.open({ spillDir, signal })
      try {
        for (const entry of todo) await this.#compact(database, entry)
      } catch (error) {
        throw this.#stopped(error, todo.length)
      } finally {
        database.close()
        this.#discard(spillDir)
      }
    }
    noteProofs(this.#disk, this.#facts.dir, this.#proof)
    this.#options.onProgress?.(1)
    return {
      runId: this.#facts.runId,
      compacted: this.#compacted,
      alreadyProved: this.#alreadyProved,
      repaired: this.#repaired,
      faults: this.#faults
    }
  }

  /** What is published stays, so whoever stops it is told how much that is. */
  #stopped(error: unknown, entries: number): unknown {
    if (!(error instanceof StudioError) || error.code !== 'ABORTED') return error
    const done = `${this.#compacted.length} of ${entries} channels and days are in the lake and proved; the next one goes on.`
    return new StudioError('ABORTED', `The compaction was stopped: ${done}`, { cause: error })
  }

  #readProof(): RunProof | undefined {
    try {
      return readProof(this.#options.lakeDir, this.#facts.runId)
    } catch (error) {
      this.#hasLostProof = true
      if (this.#options.redo === true) return undefined
      throw error
    }
  }

  /** Channels and dates with segments that are not proved, in a fixed order. */
  async #todo(): Promise<Todo[]> {
    const { channels, redo } = this.#options
    const done = redo === true ? new Set<string>() : await this.#provedSegments()
    const todo: Todo[] = []
    for (const name of journalChannels(this.#facts.dir)) {
      if (channels !== undefined && !channels.includes(name)) continue
      const channel = byName.get(name)
      if (channel === undefined) {
        this.#faults.push(`The journal has a channel that this version does not know: ${name}. It is left as it is.`)
        continue
      }
      const { segments, faults } = readChannelManifest(this.#facts, name)
      this.#faults.push(...faults.map((fault) => `A journal manifest is damaged: ${fault}`))
      const open = segments.filter(({ path, sha256 }) => !done.has(`${path} ${sha256}`))
      this.#alreadyProved += segments.length - open.length
      for (const date of new Set(open.map((segment) => segment.date)))
        todo.push({ channel, date, segments: open.filter((segment) => segment.date === date) })
    }
    return todo
  }

  /** Segments that need not be done again: what the lake holds of them is whole, and proved in all that the journal says. */
  async #provedSegments(): Promise<ReadonlySet<string>> {
    const proved = new Set<string>()
    for (const entry of this.#proof?.entries ?? [])
      if (await this.#isDone(entry)) for (const { path, sha256 } of entry.segments) proved.add(`${path} ${sha256}`)
    return proved
  }

  async #isDone(entry: ProofEntry): Promise<boolean> {
    const { lakeDir } = this.#options
    const isThere = ({ path, bytes }: LakePart): boolean => statSync(inLake(lakeDir, path), { throwIfNoEntry: false })?.size === bytes
    const hasJournal = entry.segments.every(({ path }) => existsSync(join(this.#facts.dir, ...path.split('/'))))
    // What cannot be made again is not looked at more closely; `lake-verify` does.
    if (!hasJournal) return entry.parts.every(isThere)
    if (!isWholeProof(entry)) return false
    try {
      for (const part of entry.parts) await this.#trust.check(part)
      return true
    } catch (error) {
      if (!(error instanceof StudioError) || error.code !== 'BUNDLE_DAMAGED') throw error
      this.#repaired.push(`${entry.ch} of ${entry.date}: its Parquet is damaged and is made again from its journal.`)
      return false
    }
  }

  /** A segment that turns out to be damaged is left out, and the others are done without it. */
  async #compact(database: LakeDatabase, entry: Todo): Promise<void> {
    let { segments } = entry
    const doneBefore = this.#doneBytes
    while (segments.length > 0) {
      try {
        this.#doneBytes = doneBefore
        return await this.#compactSegments(database, { ...entry, segments })
      } catch (error) {
        if (!(error instanceof StudioError) || error.code !== 'BUNDLE_DAMAGED') throw error
        this.#faults.push(error.message)
        if (!(error instanceof SegmentFault)) return
        segments = segments.filter(({ path }) => path !== error.path)
      }
    }
  }

  async #compactSegments(database: LakeDatabase, { channel, date, segments }: Todo): Promise<void> {
    const { lakeDir, signal, partBytes = PART_BYTES } = this.#options
    const facts = this.#facts
    const workDir = this.#disk.makeWorkFolder(join(lakePaths(lakeDir).work, 'entry-'))
    try {
      const dir = join(workDir, 'parts')
      const firstGeneration = this.#nextGeneration(channel.name, date)
      const onBytes = (bytes: number): void => this.#onBytes(bytes)
      const proved = await compactEntry({
        disk: this.#disk,
        database,
        facts,
        channel,
        date,
        segments,
        firstGeneration,
        dir,
        partBytes,
        signal,
        onBytes
      })
      const entry = publishEntry({
        disk: this.#disk,
        lakeDir,
        workDir,
        facts,
        parts: proved.parts,
        replaced: await this.#replaced(database, channel.name, date, segments),
        entry: {
          ch: channel.name,
          date,
          compacted_at: nowText(),
          rows: proved.rows,
          books_checked: proved.booksChecked,
          derived_checked: proved.derivedChecked,
          segments: segments.map(({ path, sha256, lines }) => ({
            path,
            sha256,
            lines
          })),
          hours: [...proved.hours]
        }
      })
      this.#proof = readProof(lakeDir, facts.runId)
      this.#compacted.push(summaryOf(entry, segments))
    } finally {
      this.#discard(workDir)
    }
  }

  /** Rubbish that cannot be removed now is removed by the next compaction; it is no reason to fail. */
  #discard(workDir: string): void {
    try {
      discardWork(this.#disk, workDir)
    } catch {
      // It lies in the work folder, where nobody reads.
    }
  }

  #onBytes(bytes: number): void {
    this.#doneBytes += bytes
    this.#options.onProgress?.(this.#totalBytes === 0 ? 1 : Math.min(1, this.#doneBytes / this.#totalBytes))
  }

  #nextGeneration(channel: string, date: string): number {
    const entries = this.#proof?.entries.filter((entry) => entry.ch === channel && entry.date === date) ?? []
    return Math.max(0, ...entries.flatMap(({ parts }) => parts.map(({ generation }) => generation + 1)))
  }

  async #replaced(database: LakeDatabase, channel: string, date: string, segments: readonly JournalSegment[]): Promise<string[]> {
    if (!this.#hasLostProof) return this.#replacedBy(segments)
    // Without a proof nobody knows what the parts hold: they may only go when the whole journal behind them is there.
    const listed = readChannelManifest(this.#facts, channel).segments.filter((segment) => segment.date === date && segment.lines > 0)
    if (!listed.every(({ path }) => segments.some((segment) => segment.path === path))) throw cannotRedo(channel, date)
    const named = new Set(this.#proof?.entries.flatMap(({ parts }) => parts.map(({ path }) => path)))
    const onDisk = await partsOnDisk(database, this.#options.lakeDir, channel, date, this.#facts.runId)
    return onDisk.filter((path) => !named.has(path))
  }

  /** Parts of entries that share a segment with what is done now; the whole entry is replaced, so all its segments must be among these. */
  #replacedBy(segments: readonly JournalSegment[]): string[] {
    const ours = new Set(segments.map(({ path }) => path))
    const shared = this.#proof?.entries.filter((entry) => entry.segments.some(({ path }) => ours.has(path))) ?? []
    for (const { ch, date, segments: covered } of shared) {
      if (covered.every(({ path }) => ours.has(path))) continue
      throw cannotRedo(ch, date)
    }
    return shared.flatMap(({ parts }) => parts.map(({ path }) => path))
  }
}

function cannotRedo(channel: string, date: string): StudioError {
  return new StudioError(
    'BUNDLE_DAMAGED',
    `${channel} of ${date} cannot be compacted again: some of the journal segments behind it are gone or damaged. What is in the lake is left as it is.`
  )
}

function summaryOf(entry: ProofEntry, segments: readonly JournalSegment[]): CompactedEntry {
  return {
    channel: entry.ch,
    date: entry.date,
    segments: segments.length,
    rows: entry.rows,
    parts: entry.parts.length,
    parquetBytes: entry.parts.reduce((sum, { bytes }) => sum + bytes, 0),
    journalBytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    booksChecked: entry.books_checked,
    derivedChecked: entry.derived_checked ?? 0
  }
}

function nowText(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' })
    .format(Number(hostClock.wallNs() / 1_000_000n))
    .replace(' ', 'T')
    .concat('Z')
}
