import { getI64, timeline1s } from '../../shared/channels/index.ts'

const { at } = timeline1s

/** Seconds that the timeline keeps at most: eleven days. */
const MAX_SECONDS = 1_000_000

/** What each second of the run held, over all instruments. Dense arrays from the first second on. */
export class TimelineData {
  #base = 0
  #length = 0
  #frames = new Uint32Array(1024)
  #trades = new Uint32Array(1024)
  #gaps = new Uint16Array(1024)
  #untrusted = new Uint16Array(1024)
  /** View epoch in which the second came, plus 1; 0 = nothing came. */
  #epoch = new Uint32Array(1024)
  revision = 0

  /** First second (Unix time) and how many follow. */
  get base(): number {
    return this.#base
  }

  get length(): number {
    return this.#length
  }

  putBytes(view: DataView, start: number, epoch: number): void {
    const second = getI64(view, start + at.second)
    const i = this.#enter(second)
    if (i < 0) return
    const limit = (n: number): number => Math.min(n, 65_535)
    this.#frames[i] = view.getUint32(start + at.frames, true)
    this.#trades[i] = view.getUint32(start + at.trades, true)
    this.#gaps[i] = limit(view.getUint32(start + at.gaps, true))
    this.#untrusted[i] = limit(view.getUint32(start + at.untrustedBooks, true))
    this.#epoch[i] = epoch + 1
    this.revision++
  }

  known(second: number): boolean {
    return (this.#epoch[second - this.#base] ?? 0) > 0
  }

  framesAt(second: number): number {
    return this.#frames[second - this.#base] ?? 0
  }

  tradesAt(second: number): number {
    return this.#trades[second - this.#base] ?? 0
  }

  gapsAt(second: number): number {
    return this.#gaps[second - this.#base] ?? 0
  }

  untrustedAt(second: number): number {
    return this.#untrusted[second - this.#base] ?? 0
  }

  /** Another run has begun in this epoch: what came before it belongs to the run before. */
  dropBefore(epoch: number): void {
    for (let i = 0; i < this.#length; i++) {
      if ((this.#epoch[i] ?? 0) > epoch) continue
      this.#frames[i] = 0
      this.#trades[i] = 0
      this.#gaps[i] = 0
      this.#untrusted[i] = 0
      this.#epoch[i] = 0
    }
    this.#trim()
    this.revision++
  }

  /** @returns the index of the second, or -1 when it is out of reach */
  #enter(second: number): number {
    if (!Number.isSafeInteger(second) || second <= 0) return -1
    if (this.#length === 0) this.#base = second
    if (second < this.#base) {
      if (!this.#grow(this.#base - second + this.#length, this.#base - second)) return -1
      this.#base = second
    } else if (second - this.#base >= this.#length && !this.#grow(second - this.#base + 1, 0)) return -1
    return second - this.#base
  }

  #grow(length: number, shift: number): boolean {
    if (length > MAX_SECONDS) return false
    if (length > this.#frames.length || shift > 0) {
      const capacity = Math.max(this.#frames.length, 2 ** Math.ceil(Math.log2(length)))
      const from = (old: { subarray(a: number, b: number): ArrayLike<number> }) => old.subarray(0, this.#length)
      const frames = new Uint32Array(capacity)
      const trades = new Uint32Array(capacity)
      const gaps = new Uint16Array(capacity)
      const untrusted = new Uint16Array(capacity)
      const epoch = new Uint32Array(capacity)
      frames.set(from(this.#frames), shift)
      trades.set(from(this.#trades), shift)
      gaps.set(from(this.#gaps), shift)
      untrusted.set(from(this.#untrusted), shift)
      epoch.set(from(this.#epoch), shift)
      this.#frames = frames
      this.#trades = trades
      this.#gaps = gaps
      this.#untrusted = untrusted
      this.#epoch = epoch
    }
    this.#length = length
    return true
  }

  #trim(): void {
    let first = 0
    while (first < this.#length && this.#epoch[first] === 0) first++
    let last = this.#length
    while (last > first && this.#epoch[last - 1] === 0) last--
    for (const column of [this.#frames, this.#trades, this.#gaps, this.#untrusted, this.#epoch]) {
      column.copyWithin(0, first, last)
      column.fill(0, last - first)
    }
    this.#base += first
    this.#length = last - first
  }
}
