/** Receive times of several streams in nanoseconds, each ascending: a busy plant, in which every fourth message meets the same instant in another stream. */
export function keyStreams(streams: number, keys: number): readonly Float64Array[] {
  let state = 88_172_645
  const below = (n: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
  return Array.from({ length: streams }, () => {
    const times = new Float64Array(keys)
    let timeNs = 0
    for (let i = 0; i < keys; i++) times[i] = timeNs += 1 + below(31)
    return times
  })
}

/** A stream with the face of a frame reader and nothing behind it: what is left is the choosing. */
export class KeyReader {
  monoRelNs = 0
  idx = -1
  readonly damage: readonly never[] = []
  readonly #times: Float64Array

  constructor(times: Float64Array) {
    this.#times = times
  }

  get nextOffset(): number {
    return 8 * (this.idx + 1)
  }

  next(): boolean {
    if (this.idx + 1 >= this.#times.length) return false
    this.monoRelNs = this.#times[++this.idx]!
    return true
  }

  close(): void {
    // Nothing is open.
  }
}
