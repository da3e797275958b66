import { NS_PER_SECOND } from '../../shared/units.ts'

/** Where the screen is in time. Moved by every played record and by the session; never backwards within one view epoch. */
export class Playhead {
  #relNs = 0
  #originSec = 0
  #originFracNs = 0
  #loose = true

  get relNs(): number {
    return this.#relNs
  }

  /** Unix seconds of relNs 0, with fraction. */
  get originSec(): number {
    return this.#originSec + this.#originFracNs / NS_PER_SECOND
  }

  /** Unix seconds of the playhead, with fraction. */
  get sec(): number {
    return this.secOf(this.#relNs)
  }

  /** Sets the instant of relNs 0: nanoseconds since the Unix epoch as decimal text. */
  setOrigin(originTsNs: string): void {
    const ns = BigInt(/^\d+$/.test(originTsNs) ? originTsNs : '0')
    this.#originSec = Number(ns / 1_000_000_000n)
    this.#originFracNs = Number(ns % 1_000_000_000n)
  }

  /** Unix milliseconds of a relative instant. */
  msOf(relNs: number): number {
    return this.#originSec * 1000 + (this.#originFracNs + relNs) / 1e6
  }

  secOf(relNs: number): number {
    return this.#originSec + (this.#originFracNs + relNs) / NS_PER_SECOND
  }

  /** Unix second in which a relative instant lies. */
  secondOf(relNs: number): number {
    return this.#originSec + Math.floor((this.#originFracNs + relNs) / NS_PER_SECOND)
  }

  relOfSec(sec: number): number {
    return Math.round((sec - this.#originSec) * NS_PER_SECOND - this.#originFracNs)
  }

  /** Moves on within an epoch. @returns true when it moved */
  advance(relNs: number): boolean {
    if (relNs <= this.#relNs && !this.#loose) return false
    this.#loose = false
    this.#relNs = relNs
    return true
  }

  /** A new epoch has begun: the next instant holds, even an earlier one. */
  loosen(): void {
    this.#loose = true
  }
}
