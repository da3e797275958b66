import { join } from 'node:path'
import { FrameEncoder, framesFileName, HEADER_BYTES_V2, IDX_ENTRY_BYTES_V2, idxFileName } from '../bundle/index.ts'
import type { FramesPart } from '../threads/captureMessages.ts'
import { LogFile, type Disk } from './logFile.ts'
import type { ReceiveClock } from './receiveClock.ts'

const BATCH_BYTES = 256 * 1024

/** Appends the records of one shard to its frame log and index, in batches. */
export class ShardWriter {
  readonly shard: number
  readonly frames: LogFile
  readonly idx: LogFile
  /** Stamp of the oldest record of the pending batch. */
  oldestPendingRelNs = 0
  /** Records received, and those of them that are in the log. */
  records = 0
  writtenRecords = 0
  /** Set when the index could not be written. The log is whole then, and the index is rebuilt at the next opening. */
  idxFault: unknown
  #unsyncedRelNs: number | undefined
  #syncingRelNs: number | undefined
  readonly #encoder: FrameEncoder
  readonly #clock: ReceiveClock

  /** Creates both files. @throws the operating system's error */
  constructor(disk: Disk, captureDir: string, shard: number, clock: ReceiveClock) {
    this.shard = shard
    this.#clock = clock
    this.#encoder = new FrameEncoder({ t0MonoNs: clock.t0MonoNs, t0WallNs: clock.t0WallNs, batchBytes: BATCH_BYTES })
    this.frames = new LogFile(disk, join(captureDir, framesFileName(shard)))
    this.idx = new LogFile(disk, join(captureDir, idxFileName(shard)))
  }

  /** Stamp of the oldest record that is written and not known to be durable. */
  get oldestUnsyncedRelNs(): number | undefined {
    return this.#syncingRelNs ?? this.#unsyncedRelNs
  }

  get pendingBytes(): number {
    return this.#encoder.bytes
  }

  get pendingRecords(): number {
    return this.#encoder.records
  }

  get dirty(): boolean {
    return this.frames.dirty || this.idx.dirty
  }

  /** Payload, header and index bytes of all records, pending ones too. */
  get totalBytes(): number {
    return this.#encoder.nextOffset + this.#encoder.nextIdx * IDX_ENTRY_BYTES_V2
  }

  /** Stamps the bytes now and adds them to the batch. @returns bytes that the record takes in the frame log */
  append(payload: Uint8Array, flags: number): number {
    const clock = this.#clock
    clock.stamp()
    if (this.#encoder.records === 0) this.oldestPendingRelNs = clock.monoRelNs
    this.#encoder.append(payload, flags, clock.monoRelNs, clock.wallRelNs)
    this.records += 1
    return HEADER_BYTES_V2 + payload.length
  }

  /**
   * Writes the batch out: the log first, then the index, so that the index never leads.
   * @param copyBytes hand out a copy of the record bytes too
   * @returns undefined when there was nothing to write
   * @throws the operating system's error; the log then ends with the batch before
   */
  flush(copyBytes: boolean): FramesPart | undefined {
    const encoder = this.#encoder
    if (encoder.records === 0) return undefined
    const frames = encoder.frames()
    const place = {
      shard: this.shard,
      firstIdx: encoder.nextIdx - encoder.records,
      fileOffset: encoder.nextOffset - encoder.bytes,
      byteLength: frames.length
    }
    this.frames.append(frames)
    this.writtenRecords += encoder.records
    this.#unsyncedRelNs ??= this.oldestPendingRelNs
    try {
      this.idx.append(encoder.idx())
    } catch (error) {
      this.idxFault = error
    }
    const bytes = copyBytes ? new Uint8Array(frames) : undefined
    encoder.clear()
    return bytes === undefined ? place : { ...place, bytes }
  }

  /** Gives up the batch that could not be written. @returns its records */
  dropPending(): number {
    const { records } = this.#encoder
    this.#encoder.clear()
    return records
  }

  /** Makes durable what is written at the call. @returns the stamp of the oldest record that became durable */
  async sync(): Promise<number | undefined> {
    const oldest = this.#unsyncedRelNs
    this.#syncingRelNs = oldest
    this.#unsyncedRelNs = undefined
    await Promise.all([this.frames.sync(), this.idx.sync()])
    this.#syncingRelNs = undefined
    return oldest
  }

  /** Makes everything durable and closes. Safe to call twice. */
  close(sync: boolean): void {
    if (sync) {
      this.frames.syncNow()
      this.idx.syncNow()
    }
    this.frames.close()
    this.idx.close()
  }
}
