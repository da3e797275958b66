import { join, relative, sep } from 'node:path'
import { writeManifest, type LostStretch, type SegmentEntry } from './journalManifest.ts'
import { LineQueue } from './lineQueue.ts'
import type { RecordDisk } from './recordDisk.ts'
import { pendingName, segmentName } from './segmentName.ts'
import { removePending, salvageSegment } from './salvageSegment.ts'
import { SegmentWriter, type LineChunk } from './segmentWriter.ts'

/** Text that may be written and not yet acknowledged; it is kept in memory until then. */
const COMMIT_BYTES = 16 * 1024 * 1024
/** What a channel keeps in memory while the disk refuses it; beyond it the oldest lines are lost, and that is stated. */
const MAX_RETAINED_BYTES = 32 * 1024 * 1024
const MAX_PAUSE_TICKS = 60
const LAST_ATTEMPTS = 3

export interface ChannelJournalOptions {
  readonly disk: RecordDisk
  /** The journal's folder. */
  readonly root: string
  readonly channel: string
  readonly segmentNs: number
  readonly segmentBytes: number
  /** UTC of an instant of the run, `YYYYMMDD_HHMMSS`. */
  readonly stamp: (relNs: number) => string
  /** Wall time as `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly nowText: () => string
  readonly onFault: (channel: string, error: Error) => void
  /** The queue became shorter. */
  readonly onProgress: () => void
}

/** The journal of one channel: lines go in and never wait; segments come out. A refusing disk is tried again, and what that costs is stated. */
export class ChannelJournal {
  readonly queue = new LineQueue()
  readonly entries: SegmentEntry[] = []
  /** Everything that was lost, over the whole run. */
  lost: LostStretch | undefined
  /** Lines on disk and acknowledged. */
  ackedLines = 0
  readonly #options: ChannelJournalOptions
  /** Closed segments whose name or entry is not in place yet. */
  readonly #closed: SegmentWriter[] = []
  /** Segments that a fault cut short; what was acknowledged of them is saved at the end. */
  readonly #abandoned: string[] = []
  #open: SegmentWriter | undefined
  #lostBefore: LostStretch | undefined
  #wantsCommit = false
  #isFinishing = false
  #working: Promise<void> | undefined
  /** The disk is making the last commit durable, and what it said if it could not. */
  #proving: Promise<void> | undefined
  #provingError: Error | undefined
  #nowRelNs = 0
  /** Faults since the last success, and ticks until the next attempt. */
  #failures = 0
  #waitTicks = 0

  constructor(options: ChannelJournalOptions) {
    this.#options = options
  }

  /** The disk refused the last attempt. */
  get isFaulted(): boolean {
    return this.#failures > 0
  }

  /** Bytes of lines that are not with the compressor yet. */
  get queuedBytes(): number {
    return this.queue.waitingBytes
  }

  /** Compresses what is there. Never throws, nothing waits for it. */
  kick(): void {
    if (this.#waitTicks > 0 || this.#working !== undefined || this.#isFinishing) return
    this.#working = this.#work(false).then(() => {
      this.#working = undefined
      this.#options.onProgress()
      if (this.queue.hasSealed || this.#wantsCommit) this.kick()
    })
  }

  /** Called about twice a second: acknowledges, rolls by time, tries again after a fault. @param nowRelNs time of the run */
  tick(nowRelNs: number): void {
    this.#nowRelNs = nowRelNs
    this.queue.seal()
    this.#wantsCommit = true
    if (this.isFaulted) this.#lose(this.queue.dropBeyond(MAX_RETAINED_BYTES))
    if (this.#waitTicks > 0) this.#waitTicks--
    this.kick()
  }

  /** Writes everything, closes and lists the segments. Bounded: a disk that goes on refusing costs the rest, which is stated. */
  async finish(): Promise<void> {
    this.#isFinishing = true
    while (this.#working !== undefined) await this.#working
    this.queue.seal()
    for (let attempt = 0; attempt < LAST_ATTEMPTS; attempt++) {
      await this.#work(true)
      if (!this.isFaulted) break
    }
    this.#lose(this.queue.dropAll())
    await this.#saveAbandoned()
  }

  async #work(isLast: boolean): Promise<void> {
    try {
      for (let chunk = this.queue.next(); chunk !== undefined; chunk = this.queue.next()) {
        if (this.#mustRoll(chunk.startRelNs, chunk.date)) await this.#close()
        this.#open ??= this.#openSegment(chunk)
        await this.#open.write(chunk)
        this.queue.written()
        this.#options.onProgress()
        if (this.#provingError !== undefined) throw this.#provingError
        if (this.queue.unackedBytes > COMMIT_BYTES && this.#proving === undefined) await this.#commit()
      }
      if (this.#wantsCommit) await this.#commit()
      this.#wantsCommit = false
      if (isLast) await this.#proved()
      const open = this.#open
      if (open !== undefined && (isLast || this.#mustRoll(this.#nowRelNs, open.date))) await this.#close()
    } catch (error) {
      await this.#proving
      this.#provingError = undefined
      if (this.#open?.abandon() === true) this.#abandoned.push(this.#open.pendingPath)
      this.#open = undefined
      this.queue.again()
      return this.#fault(error as Error)
    }
    this.#tryList()
  }

  #mustRoll(relNs: number, date: string): boolean {
    const open = this.#open
    if (open === undefined) return false
    const { segmentNs, segmentBytes } = this.#options
    return open.date !== date || open.bytes >= segmentBytes || relNs - open.startRelNs >= segmentNs
  }

  /** Acknowledges what is written: the compressor is waited for, the disk is not. */
  async #commit(): Promise<void> {
    await this.#proved()
    const open = this.#open
    const chunks = this.queue.unackedChunks
    if (open === undefined || chunks === 0) return
    const prove = await open.flush()
    this.#proving = prove()
      .then(
        () => void (this.ackedLines += this.queue.acknowledge(chunks)),
        (error: unknown) => {
          this.#provingError = error as Error
          this.#wantsCommit = true
        }
      )
      .then(() => {
        this.#proving = undefined
        this.kick()
      })
  }

  /** The commit that is under way has ended. @throws what the disk said */
  async #proved(): Promise<void> {
    await this.#proving
    if (this.#provingError !== undefined) throw this.#provingError
  }

  #openSegment(chunk: LineChunk): SegmentWriter {
    const { disk, root, channel, stamp } = this.#options
    const folder = join(root, `ch=${channel}`, `date=${chunk.date}`)
    disk.makeFolder(folder)
    for (let copy = 1; ; copy++) {
      const name = segmentName(stamp(chunk.startRelNs), chunk.startRelNs, copy)
      const isTaken = disk.exists(join(folder, name)) || disk.exists(join(folder, pendingName(name)))
      if (!isTaken) return new SegmentWriter(disk, folder, name, chunk)
    }
  }

  async #close(): Promise<void> {
    const open = this.#open
    if (open === undefined) return
    await this.#proved()
    await open.close()
    this.#open = undefined
    this.ackedLines += this.queue.acknowledge(this.queue.unackedChunks)
    this.#closed.push(open)
  }

  #tryList(): void {
    try {
      this.#list()
      this.#failures = 0
    } catch (error) {
      this.#fault(error as Error)
    }
  }

  /** Gives closed segments their names and their entries, in order. */
  #list(): void {
    const { disk, nowText } = this.#options
    for (let closed = this.#closed[0]; closed !== undefined; closed = this.#closed[0]) {
      closed.publish()
      this.#append({
        path: this.#pathOf(closed.finishedPath),
        start_t: closed.startRelNs,
        end_t: closed.endRelNs,
        lines: closed.lines,
        bytes: closed.bytes,
        sha256: closed.sha256,
        created_at: nowText(),
        pending: false,
        ...(this.#lostBefore === undefined ? {} : { lost_before: this.#lostBefore })
      })
      this.#lostBefore = undefined
      this.#closed.shift()
      disk.remove(closed.checksPath)
    }
  }

  #append(entry: SegmentEntry): void {
    const { disk, root, channel } = this.#options
    writeManifest(disk, join(root, `ch=${channel}`, 'manifest.json'), [...this.entries, entry])
    this.entries.push(entry)
  }

  #pathOf(path: string): string {
    return relative(this.#options.root, path).split(sep).join('/')
  }

  /** What a fault left as pending becomes finished segments, where the disk lets it; else the next opening of the run does it. */
  async #saveAbandoned(): Promise<void> {
    const { disk, nowText } = this.#options
    try {
      for (let path = this.#abandoned[0]; path !== undefined; path = this.#abandoned[0]) {
        const saved = await salvageSegment(disk, path)
        this.#append({ ...saved.entry, path: this.#pathOf(saved.path), created_at: nowText() })
        removePending(disk, path)
        this.#abandoned.shift()
      }
    } catch (error) {
      this.#fault(error as Error)
    }
  }

  #fault(error: Error): void {
    this.#failures++
    this.#waitTicks = Math.min(MAX_PAUSE_TICKS, 2 ** Math.min(this.#failures, 10))
    this.#lose(this.queue.dropBeyond(MAX_RETAINED_BYTES))
    this.#options.onFault(this.#options.channel, error)
  }

  #lose(lost: LostStretch | undefined): void {
    this.#lostBefore = joined(this.#lostBefore, lost)
    this.lost = joined(this.lost, lost)
  }
}

function joined(before: LostStretch | undefined, more: LostStretch | undefined): LostStretch | undefined {
  if (before === undefined || more === undefined) return more ?? before
  return { lines: before.lines + more.lines, from_t: Math.min(before.from_t, more.from_t), to_t: Math.max(before.to_t, more.to_t) }
}
