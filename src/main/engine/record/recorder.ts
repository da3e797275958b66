import type { MissedStretch } from '../../../shared/api/index.ts'
import { AT_LENGTH, AT_RECV, AT_WIRE_ID, CHANNELS, eventWindow, getI64 } from '../../../shared/channels/index.ts'
import { isoMicros } from '../../../shared/channels/eventTime.ts'
import type { Clock } from '../clock.ts'
import { ChannelJournal } from './channelJournal.ts'
import { JOURNAL_VERSION, journalDir, writeJournalFacts, type JournalFacts } from './journalFacts.ts'
import type { Keep } from './keepFilter.ts'
import { LineWriter } from './lineWriter.ts'
import { OpenWindows } from './openWindows.ts'
import { hostRecordDisk, type RecordDisk } from './recordDisk.ts'

export const RECORDER_VERSION = 1
/** Lines that wait for the compressor; with more, `take` lets its caller wait. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024
/** Stretches beyond this are added to the last one. */
const MAX_STRETCHES = 1000

/** What the recorder was told to do. Plain data that can cross a thread. */
export interface RecorderSettings {
  readonly keep: Keep
  readonly segmentSeconds: number
  readonly segmentBytes: number
  /** Save what crashes left of other runs' journals; else it is deleted. Left out: neither. */
  readonly salvage?: boolean
}

export interface RecorderRun {
  readonly runDir: string
  readonly runId: string
  readonly venue: string
  readonly t0WallNs: bigint
}

export interface RecorderOptions extends RecorderRun {
  readonly settings: RecorderSettings
  readonly clock: Clock
  readonly disk?: RecordDisk
  /** Where the journal goes; left out: `journal/` in the run's folder. */
  readonly root?: string
}

/** How the recorder does, for the heartbeat. */
export interface RecorderStatus {
  readonly lines: number
  readonly ackedLines: number
  readonly queuedBytes: number
  readonly missedLines: number
  readonly faults: number
  /** What the disk said last, and where; undefined when it has never refused anything. */
  readonly lastFault: string | undefined
}

/** Turns kept records into journals, one for each channel. Runs without a thread of its own; `record.worker.ts` gives it one. */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #disk: RecordDisk
  readonly #root: string
  readonly #writer: LineWriter
  readonly #windows = new OpenWindows()
  readonly #journals: (ChannelJournal | undefined)[] = []
  /** Lines by wire id. */
  readonly #taken: number[] = []
  readonly #missed: MissedStretch[] = []
  #factsAreStale = true
  #ended: Readonly<Record<string, number>> | undefined
  #lines = 0
  #faults = 0
  #lastFault: string | undefined
  #nowRelNs = 0
  #waiting: (() => void) | undefined

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#disk = options.disk ?? hostRecordDisk
    this.#root = options.root ?? journalDir(options.runDir)
    this.#writer = new LineWriter(options.runId, options.t0WallNs)
    this.#writeFacts()
  }

  /** Takes whole records, as the filter kept them. Settles when there is room for more. Never throws: a refusing disk is no reason to stop. */
  async take(bytes: Uint8Array): Promise<void> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length;) {
      const end = at + view.getUint32(at + AT_LENGTH, true)
      this.#record(view, at)
      at = end
    }
    while (this.#queuedBytes(false) > MAX_QUEUED_BYTES) await new Promise<void>((resolve) => (this.#waiting = resolve))
  }

  /** States what the journal will not hold. */
  miss(stretch: MissedStretch): void {
    const last = this.#missed.at(-1)
    if (this.#missed.length < MAX_STRETCHES || last === undefined) this.#missed.push(stretch)
    else this.#missed[this.#missed.length - 1] = merged(last, stretch)
    this.#factsAreStale = true
  }

  /** To be called about twice a second: acknowledges, rolls, tries again after a fault. */
  tick(): void {
    for (const journal of this.#journals) journal?.tick(this.#nowRelNs)
    if (this.#factsAreStale) this.#writeFacts()
  }

  get status(): RecorderStatus {
    return {
      lines: this.#lines,
      ackedLines: this.#journals.reduce((sum, journal) => sum + (journal?.ackedLines ?? 0), 0),
      queuedBytes: this.#queuedBytes(true),
      missedLines: this.#missed.reduce((sum, { counts }) => sum + total(counts), 0),
      faults: this.#faults,
      lastFault: this.#lastFault
    }
  }

  /**
   * Everything that was taken is on disk, or stated as missed.
   * @returns lines by channel without those that were missed, and whether all of them are there and listed
   */
  async finish(): Promise<{ counts: Readonly<Record<string, number>>; ok: boolean }> {
    await Promise.all(this.#journals.flatMap((journal) => (journal === undefined ? [] : [journal.finish()])))
    const counts: Record<string, number> = {}
    let listed = 0
    for (const { name, wireId } of CHANNELS) {
      const journal = this.#journals[wireId]
      if (journal === undefined) continue
      const { lost, entries } = journal
      counts[name] = (this.#taken[wireId] ?? 0) - (lost?.lines ?? 0)
      listed += entries.reduce((sum, entry) => sum + entry.lines, 0)
      if (lost !== undefined) this.miss({ why: 'disk', from_t: lost.from_t, to_t: lost.to_t, counts: { [name]: lost.lines } })
    }
    this.#ended = counts
    this.#writeFacts()
    return { counts, ok: !this.#factsAreStale && this.#missed.length === 0 && listed === this.#lines }
  }

  #record(view: DataView, at: number): void {
    const wireId = view.getUint8(at + AT_WIRE_ID)
    const relNs = getI64(view, at + AT_RECV)
    if (relNs > this.#nowRelNs) this.#nowRelNs = relNs
    const isWindow = wireId === eventWindow.wireId
    const window = this.#windows.newest
    if (isWindow) this.#windows.take(view, at)
    const journal = (this.#journals[wireId] ??= this.#journal(wireId))
    const { queue } = journal
    queue.expect(this.#writer.times.date(relNs))
    this.#writer.write(queue.tail, view, at, window)
    this.#lines++
    this.#taken[wireId] = (this.#taken[wireId] ?? 0) + 1
    if (queue.added(relNs)) journal.kick()
  }

  #journal(wireId: number): ChannelJournal {
    const { settings, clock } = this.#options
    return new ChannelJournal({
      disk: this.#disk,
      root: this.#root,
      channel: CHANNELS.find((channel) => channel.wireId === wireId)?.name ?? `unknown_${wireId}`,
      segmentNs: settings.segmentSeconds * 1e9,
      segmentBytes: settings.segmentBytes,
      stamp: (relNs) => this.#writer.times.stamp(relNs),
      nowText: () => `${isoMicros(clock.wallNs()).slice(0, 19)}Z`,
      onFault: (channel, error) => this.#fault(channel, error),
      onProgress: () => this.#progress()
    })
  }

  #fault(where: string, error: Error): void {
    this.#faults++
    this.#lastFault = `${where}: ${error.message}`
    this.#progress()
  }

  #progress(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** @param all also what waits for a disk that refuses it: nobody waits for that, it has its own limit */
  #queuedBytes(all: boolean): number {
    return this.#journals.reduce(
      (sum, journal) => sum + (journal === undefined || (journal.isFaulted && !all) ? 0 : journal.queuedBytes),
      0
    )
  }

  #writeFacts(): void {
    const { runId, t0WallNs, venue, settings } = this.#options
    const facts: JournalFacts = {
      schemaVersion: JOURNAL_VERSION,
      runId,
      t0WallNs,
      venue,
      keep: settings.keep,
      recorderVersion: RECORDER_VERSION,
      missed: this.#missed,
      ended: this.#ended
    }
    try {
      this.#disk.makeFolder(this.#root)
      writeJournalFacts(this.#disk, this.#root, facts)
      this.#factsAreStale = false
    } catch (error) {
      this.#factsAreStale = true
      this.#fault('journal.json', error as Error)
    }
  }
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0)
}

function merged(a: MissedStretch, b: MissedStretch): MissedStretch {
  const counts: Record<string, number> = { ...a.counts }
  for (const [name, n] of Object.entries(b.counts)) counts[name] = (counts[name] ?? 0) + n
  return { why: b.why, from_t: Math.min(a.from_t, b.from_t), to_t: Math.max(a.to_t, b.to_t), counts }
}
