import type { Clock } from '../clock.ts'

/** The venue's wall clock as its messages show it: anchored once when the source starts, then driven by the source alone. */
export class VenueTime {
  readonly #clock: Clock
  #originMs: number
  #skewMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#originMs = this.hostMs
  }

  /** What the host's wall clock shows, Unix milliseconds: before the source starts there is no other time. */
  get hostMs(): number {
    return Number(this.#clock.wallNs() / 1_000_000n)
  }

  /** Takes the host's time as the instant zero of the source. */
  anchor(): void {
    this.#originMs = this.hostMs
  }

  /** A source that fell behind moves its origin, so that its stamps stay near the host's time. @param ms need not be whole */
  shift(ms: number): void {
    this.#originMs += ms
  }

  get skewMs(): number {
    return this.#skewMs
  }

  /** Replaces the skew: from now on every stamp is this many milliseconds off. */
  setSkew(ms: number): void {
    this.#skewMs = ms
  }

  /** @param sourceNs nanoseconds since the source started @returns whole milliseconds since the epoch, as the venue claims */
  msAt(sourceNs: number): number {
    return Math.floor(this.#originMs + sourceNs / 1e6) + this.#skewMs
  }
}
