import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { writeAll, type RecordDisk } from './recordDisk.ts'
import { checksName, pendingName } from './segmentName.ts'
import { ZstdStream } from './zstdStream.ts'

/** Lines that go into one segment together. */
export interface LineChunk {
  /** Whole lines. */
  readonly text: Uint8Array
  readonly lines: number
  readonly startRelNs: number
  readonly endRelNs: number
  /** New York date of all of them. */
  readonly date: string
}

/** What is proved of a segment: so many bytes of the file hold so many whole lines and have this CRC-32. */
export interface Checkpoint {
  readonly bytes: number
  readonly lines: number
  readonly crc32: number
  readonly end_t: number
}

/** A checkpoint as a line that proves itself: the last member is the CRC-32 of the text before it. */
export function checkpointLine(check: Checkpoint): string {
  const text = JSON.stringify(check).slice(0, -1)
  return `${text},"self":${crc32(text)}}\n`
}

/**
 * One segment that is being written: a zstd frame in a pending file, and beside it a file of checkpoints, so that after a crash what is there
 * can be told from what only looks like it. One call at a time.
 */
export class SegmentWriter {
  readonly startRelNs: number
  readonly date: string
  endRelNs: number
  lines = 0
  /** Compressed bytes written so far. */
  bytes = 0
  readonly finishedPath: string
  readonly pendingPath: string
  readonly checksPath: string
  readonly #disk: RecordDisk
  readonly #folder: string
  readonly #zstd: ZstdStream
  readonly #hash = createHash('sha256')
  #crc = 0
  #acked = { bytes: 0, checks: 0 }
  #file: number | undefined
  #checks: number | undefined

  /** Creates the files. @throws the operating system's error; nothing is left behind then */
  constructor(disk: RecordDisk, folder: string, name: string, first: LineChunk) {
    this.#disk = disk
    this.#folder = folder
    this.finishedPath = join(folder, name)
    this.pendingPath = join(folder, pendingName(name))
    this.checksPath = join(folder, checksName(name))
    this.startRelNs = first.startRelNs
    this.endRelNs = first.startRelNs
    this.date = first.date
    this.#file = disk.create(this.pendingPath)
    try {
      this.#checks = disk.create(this.checksPath)
      disk.syncFolder(folder)
    } catch (error) {
      this.abandon()
      throw error
    }
    this.#zstd = new ZstdStream((out) => this.#keep(out))
  }

  get sha256(): string {
    return this.#hash.copy().digest('hex')
  }

  /** @throws the operating system's error; the segment must be abandoned then */
  async write(chunk: LineChunk): Promise<void> {
    await this.#zstd.write(chunk.text)
    this.lines += chunk.lines
    this.endRelNs = chunk.endRelNs
  }

  /**
   * Everything written so far leaves the compressor.
   * @returns what makes it durable and proves it, to be called once before the next flush; writing may go on meanwhile
   * @throws the operating system's error; the segment must be abandoned then
   */
  async flush(): Promise<() => Promise<void>> {
    await this.#zstd.flush()
    const check = this.#state()
    return () => this.#prove(check)
  }

  /** Completes and closes the files; `publish` is left to do. @throws the operating system's error; the segment must be abandoned then */
  async close(): Promise<void> {
    await this.#zstd.end()
    await this.#prove(this.#state())
    // Everything is proved: what the closing of the files says changes nothing any more.
    attempt(() => this.#closeFiles())
  }

  /** Gives the closed segment its final name. May be called again after a failure. @throws the operating system's error */
  publish(): void {
    if (this.#disk.exists(this.pendingPath)) this.#disk.rename(this.pendingPath, this.finishedPath)
    this.#disk.syncFolder(this.#folder)
  }

  /** Gives the segment up: what was acknowledged stays as a pending file for salvage, the rest is cut off. @returns whether anything stays */
  abandon(): boolean {
    const { bytes, checks } = this.#acked
    this.#zstd?.destroy()
    if (this.#file !== undefined) attempt(() => this.#disk.truncate(this.#file!, bytes))
    if (this.#checks !== undefined) attempt(() => this.#disk.truncate(this.#checks!, checks))
    attempt(() => this.#closeFiles())
    if (bytes > 0) return true
    attempt(() => this.#disk.remove(this.pendingPath))
    attempt(() => this.#disk.remove(this.checksPath))
    return false
  }

  #keep(out: Uint8Array): void {
    if (this.#file === undefined) throw new Error('broken promise: the segment is closed')
    writeAll(this.#disk, this.#file, out)
    this.#hash.update(out)
    this.#crc = crc32(out, this.#crc)
    this.bytes += out.length
  }

  #state(): Checkpoint {
    return { bytes: this.bytes, lines: this.lines, crc32: this.#crc, end_t: this.endRelNs }
  }

  async #prove(check: Checkpoint): Promise<void> {
    const file = this.#file
    const checks = this.#checks
    if (file === undefined || checks === undefined) throw new Error('broken promise: the segment is closed')
    await this.#disk.sync(file)
    const line = Buffer.from(checkpointLine(check))
    writeAll(this.#disk, checks, line)
    await this.#disk.sync(checks)
    this.#acked = { bytes: check.bytes, checks: this.#acked.checks + line.length }
  }

  #closeFiles(): void {
    const open = [this.#file, this.#checks]
    this.#file = undefined
    this.#checks = undefined
    for (const fd of open) if (fd !== undefined) this.#disk.close(fd)
  }
}

/** For what is only tidying up after a failure that is told already. */
function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // The disk that failed a moment ago may fail again; salvage copes with what stays.
  }
}
