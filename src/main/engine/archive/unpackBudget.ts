import { stat, statfs } from 'node:fs/promises'
import { StudioError } from '../../../shared/errors.ts'

/** What an archive may cost. */
export interface UnpackLimits {
  /** All unpacked bytes together. Default: no limit but the disk. */
  readonly maxBytes: number
  /** Unpacked bytes per archive byte, looked at only above 64 MiB. Recordings reach 10 to 40. */
  readonly maxRatio: number
  readonly maxEntries: number
  /** Bytes that the disk has left; asked from the system when left out. */
  readonly freeBytes: number
}

const DEFAULTS = { maxBytes: Number.POSITIVE_INFINITY, maxRatio: 250, maxEntries: 20_000 }
/** Below this, no ratio is suspicious. */
const RATIO_FREE_BYTES = 64 * 1024 * 1024
/** Stays free on the disk, so that a running recording is not starved by an import. */
const RESERVE_BYTES = 256 * 1024 * 1024

/** Counts what is unpacked and stops it before it hurts. */
export class UnpackBudget {
  readonly #limits: UnpackLimits
  readonly #archivePath: string
  readonly #archiveBytes: number
  #entries = 0
  #bytes = 0
  #declared = 0

  private constructor(archivePath: string, archiveBytes: number, limits: UnpackLimits) {
    this.#archivePath = archivePath
    this.#archiveBytes = archiveBytes
    this.#limits = limits
  }

  static async of(archivePath: string, intoDir: string, limits: Partial<UnpackLimits>): Promise<UnpackBudget> {
    const freeBytes = limits.freeBytes ?? (await freeBytesOf(intoDir))
    return new UnpackBudget(archivePath, (await stat(archivePath)).size, { ...DEFAULTS, ...limits, freeBytes })
  }

  /** An entry that claims so many bytes is about to be unpacked. */
  declare(sizeBytes: number): void {
    this.#entries++
    this.#declared += sizeBytes
    if (this.#entries > this.#limits.maxEntries) throw this.#unsafe(`it holds more than ${this.#limits.maxEntries} entries`)
    this.#check(this.#declared)
  }

  /** So many bytes came out of the archive. */
  count(bytes: number): void {
    this.#bytes += bytes
    this.#check(this.#bytes)
  }

  #check(bytes: number): void {
    const { maxBytes, maxRatio, freeBytes } = this.#limits
    if (bytes > maxBytes) throw this.#unsafe(`it unpacks to more than ${maxBytes} bytes`)
    if (bytes > RATIO_FREE_BYTES && bytes > this.#archiveBytes * maxRatio)
      throw this.#unsafe(`it unpacks to more than ${maxRatio} times its size, as no recording does`)
    if (bytes > Math.max(0, freeBytes - RESERVE_BYTES)) throw this.#tooBig(freeBytes)
  }

  #unsafe(why: string): StudioError {
    return new StudioError('ARCHIVE_UNSAFE', `The archive was refused: ${why}. Nothing was unpacked. ${this.#archivePath}`)
  }

  #tooBig(freeBytes: number): StudioError {
    const free = `${Math.floor(freeBytes / 2 ** 20)} MiB`
    return new StudioError(
      'DISK_FULL',
      `The archive does not fit on the disk, where ${free} are free. Free some space and add it again; nothing was unpacked. ${this.#archivePath}`
    )
  }
}

async function freeBytesOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}
