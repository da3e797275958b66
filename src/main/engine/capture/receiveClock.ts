import { counterOf, type Clock } from '../clock.ts'

/** How long the wall clock is carried on by the monotonic one before it is read again; a set clock shows up within this time. */
const WALL_ANCHOR_NS = 10_000_000

/** Receive stamps of one run, relative to its start. Strictly ascending over all shards: a tie of the host's counter gets 1 ns more. */
export class ReceiveClock {
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
  /** The stamp that `stamp()` made last, in nanoseconds since the run's start. */
  monoRelNs = 0
  wallRelNs = 0
  /** Nanoseconds since the run's start, for durations; no stamp is used up. */
  readonly nowRelNs: () => number
  readonly #clock: Clock
  #anchorMono = Number.NEGATIVE_INFINITY
  #anchorWall = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.t0MonoNs = clock.monoNs()
    this.t0WallNs = clock.wallNs()
    this.nowRelNs = counterOf(clock, this.t0MonoNs)
  }

  /** Takes the next stamp into `monoRelNs` and `wallRelNs`. */
  stamp(): void {
    const mono = this.nowRelNs()
    this.monoRelNs = mono > this.monoRelNs ? mono : this.monoRelNs + 1
    if (this.monoRelNs - this.#anchorMono > WALL_ANCHOR_NS) {
      this.#anchorMono = this.monoRelNs
      this.#anchorWall = Number(this.#clock.wallNs() - this.t0WallNs)
    }
    this.wallRelNs = this.#anchorWall + (this.monoRelNs - this.#anchorMono)
  }

  /** So many times as fast as the host's clocks does the run go. */
  get speed(): number {
    return this.#clock.speed ?? 1
  }

  /** The same instants as the run's files keep them. */
  nowOnDisk(): { readonly monoNs: bigint; readonly wallNs: bigint } {
    return { monoNs: this.#clock.monoNs(), wallNs: this.#clock.wallNs() }
  }
}
