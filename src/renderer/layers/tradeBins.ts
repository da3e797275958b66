import { rowsPerCell, type View } from '../stage/view.ts'

/** A bin is at least this wide, so that circles of one place are added up instead of piled up. */
const LEAST_BIN_PX = 5
/** Prime, so that neighbouring times and rows spread. */
const TABLE = 32_749

/** Adds up trades that fall into the same cell on screen. Fixed arrays: nothing is allocated while it works. */
export class TradeBins {
  readonly sec: Float64Array
  readonly row: Float32Array
  readonly size: Float64Array
  readonly side: Uint8Array
  count = 0
  readonly #keyOf = new Float64Array(TABLE)
  readonly #binOf = new Int32Array(TABLE)
  readonly #turnOf = new Uint32Array(TABLE)
  readonly #bySize = new Uint32Array(64)
  #turn = 0
  #binSec = 1
  #binRows = 1

  constructor(capacity: number) {
    this.sec = new Float64Array(capacity)
    this.row = new Float32Array(capacity)
    this.size = new Float64Array(capacity)
    this.side = new Uint8Array(capacity)
  }

  start(view: View): void {
    this.count = 0
    this.#turn++
    this.#binSec = 2 ** Math.ceil(Math.log2(LEAST_BIN_PX / view.pxPerSec))
    this.#binRows = rowsPerCell(view)
  }

  /** Adds one trade. When every bin is taken, further cells are left out: the screen is full of circles by then. */
  add(sec: number, row: number, size: number, side: number): void {
    const time = Math.floor(sec / this.#binSec)
    const level = Math.round(row / this.#binRows)
    const bin = this.#find((time * 8192 + ((level + 4096) & 8191)) * 4 + side)
    if (bin < 0) return
    const before = this.size[bin] ?? 0
    if (before === 0) {
      this.sec[bin] = sec
      this.row[bin] = row
      this.side[bin] = side
      this.size[bin] = size
      return
    }
    const share = size / (before + size)
    this.sec[bin] = (this.sec[bin] ?? 0) + (sec - (this.sec[bin] ?? 0)) * share
    this.row[bin] = (this.row[bin] ?? 0) + (row - (this.row[bin] ?? 0)) * share
    this.size[bin] = before + size
  }

  /** About the 99th percentile of the bins' sizes: the size drawn with the largest circle. */
  largeSize(): number {
    this.#bySize.fill(0)
    for (let i = 0; i < this.count; i++) {
      const k = Math.min(63, Math.floor(Math.log2(1 + (this.size[i] ?? 0))))
      this.#bySize[k] = (this.#bySize[k] ?? 0) + 1
    }
    let above = 0
    for (let k = 63; k > 0; k--) {
      above += this.#bySize[k] ?? 0
      if (above > this.count * 0.01) return 2 ** (k + 1)
    }
    return 1
  }

  #find(key: number): number {
    let at = key % TABLE
    for (let probe = 0; probe < 64; probe++) {
      if (this.#turnOf[at] !== this.#turn) {
        if (this.count >= this.size.length) return -1
        this.#turnOf[at] = this.#turn
        this.#keyOf[at] = key
        this.#binOf[at] = this.count
        this.size[this.count] = 0
        return this.count++
      }
      if (this.#keyOf[at] === key) return this.#binOf[at] ?? -1
      at = (at + 1) % TABLE
    }
    return -1
  }
}
