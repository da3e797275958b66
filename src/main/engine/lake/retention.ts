import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hostClock } from '../clock.ts'
import { publishText, readRetired, type RetiredSegment } from '../record/index.ts'
import { fileSha256 } from './fileSha256.ts'
import { hoursLeft } from './diskBudget.ts'
import { journalChannels, pendingSegments, readChannelManifest, readJournalFacts, type JournalFacts } from './journalFiles.ts'
import { hostLakeDisk, type LakeDisk } from './lakeDisk.ts'
import { lockLake } from './lakeLock.ts'
import { inLake, lakePaths } from './lakePaths.ts'
import { PartTrust } from './partTrust.ts'
import { isWholeProof, readAllProofs, type ProofEntry, type RunProof } from './proofFile.ts'
import { recoverLake, retireEntries } from './publishEntry.ts'
import { judgeByAge, judgeByBudget, type Candidate, type RetentionItem, type RetentionPolicy } from './retentionPolicy.ts'

export interface RetentionOptions {
  readonly lakeDir: string
  /** Run bundles whose journals are looked at. */
  readonly bundleDirs: readonly string[]
  readonly policy: RetentionPolicy
  /** Delete; otherwise only say what would be deleted. */
  readonly apply: boolean
  readonly signal?: AbortSignal | undefined
  /** Given by tests only: ms since the Unix epoch. */
  readonly nowMs?: number | undefined
  /** The same. */
  readonly disk?: LakeDisk | undefined
}

export interface RetentionResult {
  readonly applied: boolean
  readonly items: readonly RetentionItem[]
  readonly deletedBytes: number
  /** Journals and lake together, after what is (or would be) deleted. */
  readonly remainingBytes: number
  readonly freeBytes: number
  /** Hours of recording until the disk is full, see `diskBudget.ts`; undefined when nothing was recorded. */
  readonly hoursLeft: number | undefined
  /** What could not be judged or deleted, one sentence each. */
  readonly faults: readonly string[]
}

/**
 * Deletes what the policy lets go: journal segments whose Parquet copy was proved and is still as it was proved, and old Parquet. Never a
 * segment that is being written, never one that is not proved, never a frame log.
 * @throws StudioError BUSY, ABORTED, BUNDLE_NEWER
 */
export async function runRetention(options: RetentionOptions): Promise<RetentionResult> {
  if (!options.apply) return new Retention(options).run()
  const { lakeDir, disk = hostLakeDisk } = options
  const lock = lockLake(lakeDir, disk)
  try {
    recoverLake(disk, lakeDir)
    return await new Retention(options).run()
  } finally {
    lock.release()
  }
}

class Retention {
  readonly #options: RetentionOptions
  readonly #nowMs: number
  readonly #proofs: ReadonlyMap<string, RunProof>
  readonly #faults: string[] = []
  readonly #trust: PartTrust
  readonly #disk: LakeDisk

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Number(hostClock.wallNs() / 1_000_000n)
    const { proofs, faults } = readAllProofs(options.lakeDir)
    this.#proofs = new Map(proofs.map((proof) => [proof.run_id, proof]))
    this.#faults.push(...faults)
    this.#trust = new PartTrust(options.lakeDir)
    this.#disk = options.disk ?? hostLakeDisk
  }

  async run(): Promise<RetentionResult> {
    const { policy, apply, lakeDir } = this.#options
    const candidates = [...this.#journals(), ...this.#parquet()]
    const byAge = candidates.map((candidate) => judgeByAge(candidate, policy, this.#nowMs))
    const stat = statfsSync(existing(lakeDir))
    const freeBytes = stat.bavail * stat.bsize
    const left = sumBytes(byAge, 'keep')
    const over = Math.max(left - (policy.maxBytes ?? Infinity), (policy.minFreeBytes ?? 0) - freeBytes - sumBytes(byAge, 'delete'))
    const items = judgeByBudget(byAge, policy, this.#nowMs, over)
    if (apply) await this.#apply(items)
    return {
      applied: apply,
      items,
      deletedBytes: sumBytes(items, 'delete'),
      remainingBytes: sumBytes(items, 'keep'),
      freeBytes,
      hoursLeft: hoursLeft(this.#options.bundleDirs, this.#proofs, freeBytes),
      faults: this.#faults
    }
  }

  #journals(): Candidate[] {
    return this.#options.bundleDirs.flatMap((bundleDir) => {
      try {
        const facts = readJournalFacts(bundleDir)
        return facts === undefined ? [] : journalChannels(facts.dir).flatMap((channel) => this.#segments(bundleDir, facts, channel))
      } catch (error) {
        this.#faults.push(error instanceof Error ? error.message : String(error))
        return []
      }
    })
  }

  #segments(bundleDir: string, facts: JournalFacts, channel: string): Candidate[] {
    const { segments, faults } = readChannelManifest(facts, channel)
    this.#faults.push(...faults.map((fault) => `A journal manifest is damaged, so nothing of its channel is deleted: ${fault}`))
    const closed = segments.flatMap((segment): Candidate[] => {
      const { path, bytes, date, sha256 } = segment
      if (!existsSync(join(facts.dir, ...path.split('/')))) return []
      const endMs = Number(facts.originTsNs / 1_000_000n) + segment.endRelNs / 1e6
      const isFree = faults.length === 0 && this.#entryOf(facts.runId, path, sha256) !== undefined
      return [{ kind: 'journal', runId: facts.runId, bundleDir, channel, date, path, bytes, endMs, isFree, isOpen: false }]
    })
    const open = pendingSegments(facts.dir, channel).map((path): Candidate => {
      const bytes = statSync(join(facts.dir, ...path.split('/')), { throwIfNoEntry: false })?.size ?? 0
      const date = /date=([\d-]+)/.exec(path)?.[1] ?? ''
      return { kind: 'journal', runId: facts.runId, bundleDir, channel, date, path, bytes, endMs: this.#nowMs, isFree: false, isOpen: true }
    })
    return [...closed, ...open]
  }

  #entryOf(runId: string, path: string, sha256: string): ProofEntry | undefined {
    return this.#proofs
      .get(runId)
      ?.entries.find((entry) => isWholeProof(entry) && entry.segments.some((segment) => segment.path === path && segment.sha256 === sha256))
  }

  #parquet(): Candidate[] {
    return [...this.#proofs.values()].flatMap((proof) =>
      proof.entries.flatMap((entry) => {
        const isFree = !this.#hasJournal(proof.run_id, entry)
        const originMs = Number(BigInt(proof.t0_wall_ns_utc) / 1_000_000n)
        const endMs = originMs + Math.max(0, ...entry.parts.map(({ last_rel_ns: last }) => last)) / 1e6
        return entry.parts.map(({ path, bytes }): Candidate => ({
          kind: 'parquet',
          runId: proof.run_id,
          bundleDir: undefined,
          channel: entry.ch,
          date: entry.date,
          path,
          bytes,
          endMs,
          isFree,
          isOpen: false
        }))
      })
    )
  }

  /** Parquet whose journal is still there would be made again by the next compaction. */
  #hasJournal(runId: string, entry: ProofEntry): boolean {
    return this.#options.bundleDirs.some((bundleDir) => {
      const facts = readJournalFactsOrNothing(bundleDir)
      return facts?.runId === runId && entry.segments.some(({ path }) => existsSync(join(facts.dir, ...path.split('/'))))
    })
  }

  async #apply(items: readonly RetentionItem[]): Promise<void> {
    const going = items.filter(({ verdict }) => verdict.kind === 'delete')
    for (const item of going.filter(({ kind }) => kind === 'journal')) {
      this.#options.signal?.throwIfAborted()
      await this.#deleteSegment(item)
    }
    const parts = new Set(going.filter(({ kind }) => kind === 'parquet').map(({ path }) => path))
    for (const proof of this.#proofs.values()) {
      const entries = proof.entries.filter((entry) => entry.parts.length > 0 && entry.parts.every(({ path }) => parts.has(path)))
      if (entries.length === 0) continue
      const { work } = lakePaths(this.#options.lakeDir)
      this.#disk.makeFolder(work)
      const workDir = this.#disk.makeWorkFolder(join(work, 'retire-'))
      retireEntries(this.#disk, this.#options.lakeDir, workDir, proof.run_id, entries)
    }
  }

  /** The copy is looked at once more, byte for byte, before what it is a copy of goes. */
  async #deleteSegment({ runId, bundleDir, path, channel }: RetentionItem): Promise<void> {
    const journal = join(bundleDir!, 'journal')
    const file = join(journal, ...path.split('/'))
    const sha256 = await fileSha256(file)
    const entry = this.#entryOf(runId, path, sha256)
    if (entry === undefined) {
      this.#faults.push(`A journal segment was changed after it was compacted; it is kept. File: ${file}`)
      return
    }
    try {
      for (const part of entry.parts) await this.#trust.check(part)
    } catch (error) {
      this.#faults.push(
        `A journal segment is kept, because its copy is not sound. ${error instanceof Error ? error.message : String(error)}`
      )
      return
    }
    noteRetired(this.#disk, join(journal, `ch=${channel}`), { path, sha256, proof: inLake('proofs', `${runId}.json`) })
    this.#disk.remove(file)
    this.#disk.syncFolder(dirname(file))
  }
}

/** Written before the segment goes: one that is listed and not here is a loss, one that is here went on purpose. */
function noteRetired(disk: LakeDisk, channelDir: string, segment: RetiredSegment): void {
  const before = readRetired(channelDir).filter(({ path }) => path !== segment.path)
  publishText(disk, join(channelDir, 'retired.json'), `${JSON.stringify([...before, segment], undefined, 1)}\n`)
}

function readJournalFactsOrNothing(bundleDir: string): JournalFacts | undefined {
  try {
    return readJournalFacts(bundleDir)
  } catch {
    return undefined
  }
}

function existing(dir: string): string {
  let at = dir
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  return at
}

function sumBytes(items: readonly RetentionItem[], verdict: 'keep' | 'delete'): number {
  return items.reduce((sum, item) => sum + (item.verdict.kind === verdict ? item.bytes : 0), 0)
}
