import type { MissingBytes } from '../../replay/index.ts'
import type { Trust } from '../state/trust.ts'
import type { Cut, FrameSource } from './frameSource.ts'

/** What of a recording could not be read. */
export interface MissingTotals {
  readonly bytes: number
  /** As far as the index knows. */
  readonly records: number
  /** Shards whose whole log is not there. */
  readonly logs: number
  /** More is missing than the torn end that a crash leaves. */
  readonly damaged: boolean
}

/** Sums up what is missing from a source while it is played, and tells the trust. */
export class Missing {
  readonly #cuts: readonly Cut[]
  readonly #trust: Trust
  #bytes = 0
  #records = 0

  constructor({ cuts }: FrameSource, trust: Trust) {
    this.#cuts = cuts
    this.#trust = trust
    for (const cut of cuts) trust.shardLost(cut)
  }

  take({ shard, bytes, records, sinceRelNs }: MissingBytes): void {
    this.#bytes += bytes
    this.#records += records
    this.#trust.shardLost({ shard, relNs: sinceRelNs ?? -Infinity, hole: true })
  }

  /** @param endRelNs how far the run came; what is cut off behind that is none of its business */
  result(endRelNs: number): MissingTotals {
    const cuts = this.#cuts.filter(({ hole, relNs }) => hole && relNs < endRelNs)
    const sum = (of: (cut: Cut) => number): number => cuts.reduce((total, cut) => total + of(cut), 0)
    return {
      bytes: this.#bytes + sum(({ bytes }) => bytes),
      records: this.#records + sum(({ records }) => records),
      logs: sum(({ bytes, relNs }) => (bytes === 0 && relNs === -Infinity ? 1 : 0)),
      damaged: this.#bytes > 0 || cuts.some(({ torn }) => torn !== true)
    }
  }
}
