import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Quarantined } from '../../../shared/api/index.ts'
import { examineSegment, fileSha256, LineJudge } from './examineSegment.ts'
import { parseManifest, writeManifest, type LostStretch, type Salvaged, type SegmentEntry } from './journalManifest.ts'
import { removeLeftovers } from './leftovers.ts'
import type { RecordDisk } from './recordDisk.ts'
import { readRetired } from './retiredSegments.ts'
import { removePending, salvageSegment, type Rewritten } from './salvageSegment.ts'
import { finishedName, parseSegmentName, pendingName } from './segmentName.ts'

/** What to do with segments that were never finished: make finished ones of them, delete them as the original recorder does, or leave them. */
export type PendingRule = 'salvage' | 'delete' | 'leave'

/**
 * How closely segments that are listed are looked at: every byte; their names, sizes and times only; or every byte of channels that are small.
 * Readers check the bytes in any case.
 */
export type JournalCheck = 'bytes' | 'sizes' | 'auto'

/** A fraction of a second. */
const SMALL_BYTES = 64 * 1024 * 1024

/** What was found in the folder of one channel. */
export interface ChannelInspection {
  readonly channel: string
  /** Sound segments in the order of their lines. */
  readonly segments: readonly SegmentEntry[]
  /** Listed segments that are not here any more since the lake holds their events. */
  readonly retired: readonly SegmentEntry[]
  readonly quarantined: readonly Quarantined[]
  /** Whatever was put right. */
  readonly notes: readonly string[]
  readonly salvaged: readonly Salvaged[]
  readonly lostBefore: readonly LostStretch[]
  /** Unfinished segments that were deleted or left alone, and their bytes. */
  readonly pendingSegments: number
  readonly pendingBytes: number
}

export interface InspectOptions {
  readonly disk: RecordDisk
  readonly root: string
  readonly pending: PendingRule
  readonly check: JournalCheck
  /** New York date under which an event is filed. */
  readonly dateOf: (relNs: number) => string
  readonly eventId: (shard: number, frameIdx: number, pos: number) => string
  /** Wall time as `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly nowText: () => string
}

/** Looks at every file of a channel, saves what a crash left, and tells sound segments from those that cannot be trusted. */
export async function inspectChannel(channel: string, options: InspectOptions): Promise<ChannelInspection> {
  return new Inspection(channel, options).run()
}

class Inspection {
  readonly #channel: string
  readonly #o: InspectOptions
  readonly #entries: SegmentEntry[] = []
  readonly #retired: SegmentEntry[] = []
  #sha256OfRetired: ReadonlyMap<string, string> = new Map()
  readonly #quarantined: Quarantined[] = []
  readonly #notes: string[] = []
  #pendingSegments = 0
  #pendingBytes = 0
  /** Entries of what is quarantined. */
  readonly #refused: SegmentEntry[] = []
  /** Segments of the channel by their paths, unfinished ones too. */
  #present: ReadonlySet<string> = new Set()
  /** Entries of segments that are to be saved once more, by path. */
  readonly #again = new Map<string, SegmentEntry>()
  #isStale = false
  #looksAtBytes = true
  #isDamaged = false

  constructor(channel: string, options: InspectOptions) {
    this.#channel = channel
    this.#o = options
  }

  async run(): Promise<ChannelInspection> {
    const { disk, root } = this.#o
    const manifestPath = join(root, `ch=${this.#channel}`, 'manifest.json')
    const manifest = parseManifest(textOf(disk, manifestPath))
    if (manifest.outcome === 'damaged') this.#say(`The manifest is damaged: ${manifest.why}.`)
    this.#isDamaged = manifest.outcome === 'damaged'
    this.#isStale = this.#isDamaged
    const listed = manifest.outcome === 'missing' ? [] : manifest.entries.filter(({ path }) => path.startsWith(`ch=${this.#channel}/`))
    const listedBytes = listed.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#looksAtBytes = this.#o.check === 'bytes' || (this.#o.check === 'auto' && listedBytes <= SMALL_BYTES)
    const files = segmentFiles(root, `ch=${this.#channel}`)
    this.#present = new Set(files)
    const finished = files.filter((path) => !isPending(path) && !this.#isSavedAgain(path))
    if (manifest.outcome === 'missing' && finished.length > 0) this.#say('The manifest is missing.')
    for (const entry of listed) await this.#judgeListed(entry)
    const known = new Set(listed.map(({ path }) => path))
    for (const path of finished) if (!known.has(path)) await this.#judgeUnlisted(path)
    for (const path of files) if (isPending(path)) await this.#judgePending(path)
    this.#entries.sort((a, b) => a.start_t - b.start_t || a.end_t - b.end_t || (a.path < b.path ? -1 : 1))
    this.#keepManifest(manifestPath)
    this.#tidy()
    return {
      channel: this.#channel,
      segments: this.#entries,
      retired: this.#retired,
      quarantined: this.#quarantined,
      notes: this.#notes,
      salvaged: this.#entries.flatMap(({ salvaged }) => (salvaged === undefined ? [] : [salvaged])),
      lostBefore: this.#entries.flatMap((entry) => (entry.lost_before === undefined ? [] : [entry.lost_before])),
      pendingSegments: this.#pendingSegments,
      pendingBytes: this.#pendingBytes
    }
  }

  /** Salvage was interrupted: what the segment was made of is still there, and says more than the segment. */
  #isSavedAgain(path: string): boolean {
    return this.#o.pending === 'salvage' && this.#present.has(pendingName(path))
  }

  async #judgeListed(entry: SegmentEntry): Promise<void> {
    const path = this.#absolute(entry.path)
    if (!this.#present.has(entry.path)) return this.#judgeMissing(entry)
    const isWhole = sizeOf(path) === entry.bytes && (!this.#looksAtBytes || digestOf(path) === entry.sha256)
    if (isWhole && this.#canHaveTimes(entry)) {
      // The file is as it was written; whether the entry says what is in it is seen when it is read.
      this.#entries.push(entry)
      return
    }
    const found = await examineSegment(path, this.#judge())
    if (typeof found === 'string' && sizeOf(path) < 0) return this.#judgeMissing(entry)
    if (typeof found === 'string') return this.#quarantine(entry.path, `it is not as the manifest lists it, and ${found}`, entry)
    this.#say(`The manifest does not fit ${basename(entry.path)}, which is whole; its own facts hold.`)
    this.#replace(entry.path, found, entry)
  }

  #judgeMissing(entry: SegmentEntry): void {
    const { path, sha256 } = entry
    // Whoever deletes a segment notes it first, and may be at work right now: the note is looked for after the segment.
    if (this.#sha256OfRetired.get(path) !== sha256)
      this.#sha256OfRetired = new Map(readRetired(join(this.#o.root, `ch=${this.#channel}`)).map((one) => [one.path, one.sha256]))
    if (this.#sha256OfRetired.get(path) === sha256) this.#retired.push(entry)
    else this.#quarantine(path, 'the manifest lists it and it is not there', entry)
  }

  #canHaveTimes({ path, start_t: start, end_t: end }: SegmentEntry): boolean {
    const { dateOf } = this.#o
    const isNamed = parseSegmentName(basename(path))?.startRelNs === Math.max(0, start)
    return isNamed && start <= end && [start, end].every((relNs) => path.includes(`/date=${dateOf(relNs)}/`))
  }

  async #judgeUnlisted(path: string): Promise<void> {
    const found = await examineSegment(this.#absolute(path), this.#judge())
    if (typeof found === 'string') return this.#quarantine(path, `the manifest does not list it, and ${found}`)
    this.#say(`${basename(path)} was not listed; it is whole.`)
    this.#replace(path, found)
  }

  async #judgePending(path: string): Promise<void> {
    const { disk, pending, nowText } = this.#o
    const absolute = this.#absolute(path)
    const finished = finishedName(path)
    // Salvage was interrupted right before its last step.
    if (this.#entries.some((entry) => entry.path === finished)) return pending === 'leave' ? undefined : this.#remove(absolute)
    if (pending !== 'salvage') {
      this.#pendingSegments++
      this.#pendingBytes += sizeOf(absolute)
      if (pending === 'delete') this.#remove(absolute)
      return
    }
    try {
      const saved = await salvageSegment(disk, absolute)
      this.#entries.push({ ...saved.entry, path: finished, created_at: nowText() })
      this.#isStale = true
    } catch (error) {
      return this.#quarantine(path, `it could not be saved (${(error as Error).message})`, this.#again.get(finished))
    }
    this.#keepManifest(join(this.#o.root, `ch=${this.#channel}`, 'manifest.json'))
    // Until its entry is there, only the pending file says what was lost.
    if (!this.#isStale) this.#remove(absolute)
  }

  /** What cannot be removed now is seen through at the next opening. */
  #remove(pendingPath: string): void {
    try {
      removePending(this.#o.disk, pendingPath)
    } catch {
      // Its segment is in place and listed, or it was to be deleted and counts as there.
    }
  }

  #tidy(): void {
    if (this.#o.pending === 'leave') return
    const kept = new Set(this.#quarantined.map(({ path }) => basename(path)))
    removeLeftovers(this.#o.disk, join(this.#o.root, `ch=${this.#channel}`), kept)
  }

  #replace(path: string, found: Rewritten, entry?: SegmentEntry): void {
    const { salvaged, lost_before: lostBefore } = entry ?? {}
    // An empty segment, all that salvage left of one, has its time in its name.
    const at = parseSegmentName(basename(path))?.startRelNs ?? 0
    this.#entries.push({
      path,
      ...(found.lines === 0 ? { ...found, start_t: at, end_t: at } : found),
      created_at: entry?.created_at ?? this.#o.nowText(),
      pending: false,
      ...(salvaged === undefined ? {} : { salvaged }),
      ...(lostBefore === undefined ? {} : { lost_before: lostBefore })
    })
    this.#isStale = true
  }

  /** Entries of what is quarantined stay: the loss must not be forgotten at the next opening. A damaged manifest is kept aside. */
  #keepManifest(path: string): void {
    const { disk, pending } = this.#o
    if (!this.#isStale || pending === 'leave') return
    try {
      if (this.#isDamaged) disk.copy(path, path.replace(/\.json$/, '_damaged.json'))
      this.#isDamaged = false
      writeManifest(disk, path, [...this.#entries, ...this.#retired, ...this.#refused])
      this.#isStale = false
    } catch (error) {
      this.#say(`The manifest could not be put right (${(error as Error).message}).`)
    }
  }

  #quarantine(path: string, why: string, entry?: SegmentEntry): void {
    if (entry !== undefined && this.#isSavedAgain(path)) return void this.#again.set(path, entry)
    const facts = entry === undefined ? {} : { lines: entry.lines, from_t: entry.start_t, to_t: entry.end_t }
    if (entry !== undefined) this.#refused.push(entry)
    this.#quarantined.push({ path, why, ...facts })
  }

  #judge(): LineJudge {
    return new LineJudge(this.#channel, this.#o.eventId)
  }

  #say(note: string): void {
    this.#notes.push(note)
  }

  #absolute(path: string): string {
    return join(this.#o.root, path)
  }
}

function isPending(path: string): boolean {
  return parseSegmentName(basename(path))?.isPending === true
}

/** Segments below a channel's folder, as paths below the journal's. */
function segmentFiles(root: string, folder: string): string[] {
  const dates = namesIn(join(root, folder)).filter((name) => /^date=\d{4}-\d\d-\d\d$/.test(name))
  return dates.flatMap((date) =>
    namesIn(join(root, folder, date)).flatMap((file) => (parseSegmentName(file) === undefined ? [] : [`${folder}/${date}/${file}`]))
  )
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    // A file where a folder should be, or nothing at all: there are no segments.
    return []
  }
}

function textOf(disk: RecordDisk, path: string): string | undefined {
  try {
    return disk.readText(path)
  } catch {
    // It is there and cannot be read.
    return ''
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1
}

function digestOf(path: string): string {
  try {
    return fileSha256(path)
  } catch {
    return ''
  }
}
