import type { Clock } from './clock.ts'

/** A clock that goes faster than the host's: plain data, so that programs and threads agree on it. For practice days only. */
export interface FastClock {
  /** 1 to 10,000. */
  readonly speed: number
  /** Host's time, Unix milliseconds, at which the fast clock shows `startWallMs`. */
  readonly anchorWallMs: number
  readonly startWallMs: number
}

/** The fast clock over the host's. Every instant, wall and monotonic, goes `speed` times as fast and evenly; a wait by a timer does not. */
export function fastClock({ speed, anchorWallMs, startWallMs }: FastClock, host: Clock): Clock {
  const times = BigInt(Math.round(speed))
  const anchorNs = BigInt(Math.round(anchorWallMs)) * 1_000_000n
  const startNs = BigInt(Math.round(startWallMs)) * 1_000_000n
  // The host's wall clock is corrected by small steps all the time, and each would be so many times as large here.
  const offsetNs = host.wallNs() - host.monoNs()
  return {
    wallNs: () => startNs + (host.monoNs() + offsetNs - anchorNs) * times,
    monoNs: () => host.monoNs() * times,
    speed: Number(times)
  }
}
