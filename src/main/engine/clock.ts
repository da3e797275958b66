/** The one place in the engine that reads wall or monotonic time. Everything else is handed a Clock. */
export interface Clock {
  /** Nanoseconds since the Unix epoch, UTC. May step when the host's clock is set; about 1 µs resolution. */
  wallNs(): bigint
  /** Nanoseconds of a high-resolution counter with an arbitrary origin; never goes back. */
  monoNs(): bigint
  /** So many times as fast as the host's clocks does it go; left out: 1. */
  readonly speed?: number
  /** The same counter as `monoNs`, in nanoseconds since one of its instants; left out where nobody reads it for each record. */
  counter?(originNs: bigint): () => number
}

/** The host's clocks. */
export const hostClock: Clock = {
  // performance.timeOrigin + now() keeps sub-millisecond digits but drifts from a stepped clock: Date.now corrects it.
  wallNs: () => {
    const fine = performance.timeOrigin + performance.now()
    const coarse = Date.now()
    const ms = Math.abs(fine - coarse) < 2 ? fine : coarse
    const whole = Math.floor(ms)
    return BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6))
  },
  monoNs: () => process.hrtime.bigint(),
  counter: (originNs) => {
    const originSeconds = Number(originNs / NS)
    const originRest = Number(originNs % NS)
    return () => {
      const at = process.hrtime()
      return (at[0] - originSeconds) * 1e9 + (at[1] - originRest)
    }
  }
}

const NS = 1_000_000_000n

/** Nanoseconds of a clock's counter since an instant of it, as numbers. */
export function counterOf(clock: Clock, originNs: bigint): () => number {
  return clock.counter?.(originNs) ?? (() => Number(clock.monoNs() - originNs))
}
