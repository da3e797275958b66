import type { FramesPart } from '../threads/captureMessages.ts'
import type { WriteSamples } from './heartbeat.ts'
import { IntervalSeries } from './intervalSeries.ts'
import type { Disk } from './logFile.ts'
import type { ReceiveClock } from './receiveClock.ts'
import { ShardWriter } from './shardWriter.ts'
import { StageTimes } from './stageTimes.ts'

/** One message in so many has its way into the batch measured. */
const MEASURED_MASK = 255
/** A batch goes to the disk when it is this old or this large. */
const FLUSH_AFTER_MS = 5
const FLUSH_AT_BYTES = 256 * 1024

export interface FrameLogsOptions {
  readonly disk: Disk
  readonly captureDir: string
  readonly clock: ReceiveClock
  readonly maxSamples: number
  readonly fsyncIntervalMs: number
  /** The system's timers are too coarse to write a batch on time: look at the clock in every turn of the loop while one is pending. */
  readonly preciseFlush?: boolean
  /** One flush of all shards. */
  readonly flushed: (parts: readonly FramesPart[], writtenRelNs: number) => void
  /** The disk refused. No record is accepted any more; what was written stays. */
  readonly faulted: (error: unknown, where: 'write' | 'sync') => void
}

/** The frame logs of all shards: appends in batches, and makes them durable at most one interval behind (group commit). */
export class FrameLogs {
  readonly writers: ShardWriter[] = []
  readonly samples: WriteSamples
  readonly samplesByShard: WriteSamples[] = []
  /** Flushes whose record bytes were not sent along for want of credit. */
  flushesWithoutBytes = 0
  readonly times: StageTimes
  /** Records that were received and are not in the log: of batches that the disk refused, and of the moment after. */
  lostRecords = 0
  lostBatches = 0
  #measured = 0
  #isWatching = false
  readonly #options: FrameLogsOptions
  #pendingBytes = 0
  #credit = 0
  #flushTimer: NodeJS.Timeout | undefined
  #syncTimer: NodeJS.Timeout | undefined
  #syncing: Promise<void> | undefined
  #fault: 'write' | 'sync' | undefined
  #closed = false

  constructor(options: FrameLogsOptions) {
    this.#options = options
    this.samples = newSamples(options.maxSamples)
    this.times = new StageTimes(options.maxSamples)
    this.#syncLater()
  }

  /** Creates the files of the next shard; shards are numbered from 0 up. */
  addShard(): void {
    const { disk, captureDir, clock, maxSamples } = this.#options
    this.writers.push(new ShardWriter(disk, captureDir, this.writers.length, clock))
    this.samplesByShard.push(newSamples(maxSamples))
  }

  /** Records in the batches that are not written yet. */
  get pendingRecords(): number {
    return this.writers.reduce((sum, writer) => sum + writer.pendingRecords, 0)
  }

  /** Grants bytes that may be sent along with flushes. */
  grant(bytes: number): void {
    this.#credit += bytes
  }

  /** Hot path: stamps and keeps one record. */
  append(shard: number, payload: Uint8Array, flags: number): void {
    if (this.#fault !== undefined || this.#closed) {
      if (this.#fault !== undefined) this.lostRecords += 1
      return
    }
    const writer = this.writers[shard]
    if (writer === undefined) throw new Error(`broken promise: shard ${shard} does not exist`)
    this.#pendingBytes += writer.append(payload, flags)
    if ((++this.#measured & MEASURED_MASK) === 0) {
      const { clock } = this.#options
      this.times.enqueue.add((clock.nowRelNs() - clock.monoRelNs) / 1e6)
    }
    if (this.#pendingBytes >= FLUSH_AT_BYTES) this.flush()
    else if (this.#options.preciseFlush === true) this.#flushPrecisely()
    else this.#flushTimer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS)
  }

  /** Writes all batches out and hands them on. */
  flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    if (this.#pendingBytes === 0 || this.#fault === 'write') return
    const withBytes = this.#pendingBytes <= this.#credit
    if (withBytes) this.#credit -= this.#pendingBytes
    else this.flushesWithoutBytes += 1
    this.#pendingBytes = 0
    const parts: FramesPart[] = []
    let fault: unknown
    for (const writer of this.writers) {
      try {
        const part = this.#flushShard(writer, withBytes)
        if (part !== undefined) parts.push(part)
        fault ??= writer.idxFault
      } catch (error) {
        fault ??= error
        this.lostBatches += 1
        this.lostRecords += writer.dropPending()
      }
    }
    if (parts.length > 0) this.#options.flushed(parts, this.#options.clock.nowRelNs())
    if (fault !== undefined) this.#fail(fault, 'write')
  }

  /**
   * Writes out, makes everything durable and closes. Safe to call twice.
   * @param waitForDisk false where the disk no longer answers: the files are closed as they are
   * @returns whether all that was appended is on the disk
   */
  async close(waitForDisk = true): Promise<boolean> {
    if (this.#closed) return this.#fault === undefined
    this.flush()
    this.#closed = true
    clearTimeout(this.#syncTimer)
    if (waitForDisk) await this.#syncing
    let synced = true
    for (const writer of this.writers) {
      try {
        // After a failed sync the system may call lost pages clean: a second one would promise what is not true.
        writer.close(waitForDisk && this.#fault !== 'sync')
      } catch (error) {
        synced = false
        writer.close(false)
        this.#fail(error, 'sync')
      }
    }
    return waitForDisk && synced && this.#fault === undefined
  }

  #flushPrecisely(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    const { clock } = this.#options
    const dueRelNs = clock.nowRelNs() + FLUSH_AFTER_MS * 1e6 * clock.speed
    const look = (): void => {
      const due = this.#pendingBytes === 0 || this.#closed || clock.nowRelNs() >= dueRelNs
      if (!due) return void setImmediate(look)
      this.#isWatching = false
      this.flush()
    }
    setImmediate(look)
  }

  #flushShard(writer: ShardWriter, withBytes: boolean): FramesPart | undefined {
    if (writer.pendingBytes === 0) return undefined
    const { clock } = this.#options
    const received = writer.oldestPendingRelNs
    const begun = clock.nowRelNs()
    const part = writer.flush(withBytes)
    const ended = clock.nowRelNs()
    this.times.written.add((ended - received) / 1e6)
    for (const samples of [this.samples, this.samplesByShard[writer.shard]]) {
      samples?.write.add(ended - begun)
      samples?.ingest.add(ended - received)
      samples?.backpressure.add(begun - received)
    }
    return part
  }

  #fail(error: unknown, where: 'write' | 'sync'): void {
    if (this.#fault !== undefined) return
    this.#fault = where
    this.#options.faulted(error, where)
  }

  /** Starts a round every half interval, so that a byte waits at most one interval for its acknowledgement. */
  #syncLater(): void {
    this.#syncTimer = setTimeout(() => {
      this.#syncing = this.#syncAll().then(() => {
        this.#syncing = undefined
        if (!this.#closed && this.#fault !== 'sync') this.#syncLater()
      })
    }, this.#options.fsyncIntervalMs / 2)
  }

  /** How long the oldest record that is not known to be durable has been waiting, in seconds. */
  unsyncedSeconds(): number {
    const oldest = this.writers.reduce((min, writer) => Math.min(min, writer.oldestUnsyncedRelNs ?? Infinity), Infinity)
    return oldest === Infinity ? 0 : Math.max(0, this.#options.clock.nowRelNs() - oldest) / 1e9
  }

  async #syncAll(): Promise<void> {
    const results = await Promise.allSettled(this.writers.filter((writer) => writer.dirty).map((writer) => writer.sync()))
    const now = this.#options.clock.nowRelNs()
    for (const result of results) {
      if (result.status === 'rejected') this.#fail(result.reason, 'sync')
      else if (result.value !== undefined) this.times.synced.add((now - result.value) / 1e6)
    }
  }
}

function newSamples(limit: number): WriteSamples {
  return { write: new IntervalSeries(limit), ingest: new IntervalSeries(limit), backpressure: new IntervalSeries(limit) }
}
