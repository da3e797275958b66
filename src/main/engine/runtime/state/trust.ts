/** A time in which a market was not to be trusted, ns since the origin of the run. */
export interface UntrustedSpan {
  readonly marketId: string
  readonly fromRelNs: number
  readonly toRelNs: number
}

export interface TrustResult {
  /** Time in which some market was untrusted, by the time from the first event to the end, in millionths: 0 = always trusted. */
  readonly anyShareE6: number
  /** The same of the mean market: untrusted time of all markets by the time for which they were known. */
  readonly meanShareE6: number
  readonly markets: number
  /** Markets that were untrusted at some time. */
  readonly marketsTouched: number
  /** The first spans in order of their end. */
  readonly spans: readonly UntrustedSpan[]
  readonly spansLeftOut: number
}

interface MarketTrust {
  readonly firstRelNs: number
  shard: number
  /** Start of the running untrusted time; NaN while trusted. */
  lostRelNs: number
  untrustedNs: number
}

const MAX_SPANS = 1000

/** For each market: how much of the time since its first event it was not to be trusted. */
export class Trust {
  readonly #markets: (MarketTrust | undefined)[] = []
  readonly #marketIds: readonly string[]
  readonly #spans: UntrustedSpan[] = []
  #leftOut = 0
  #lostNow = 0
  #anyLostRelNs = 0
  #anyLostNs = 0

  constructor(marketIds: readonly string[]) {
    this.#marketIds = marketIds
  }

  /** A market is known from now on, if it was not. */
  known(market: number, shard: number, relNs: number): void {
    const trust = this.#markets[market]
    if (trust !== undefined) {
      trust.shard = shard
      return
    }
    while (this.#markets.length < market) this.#markets.push(undefined)
    this.#markets[market] = { firstRelNs: relNs, shard, lostRelNs: NaN, untrustedNs: 0 }
  }

  lost(market: number, relNs: number): void {
    const trust = this.#markets[market]
    if (trust === undefined || trust.lostRelNs === trust.lostRelNs) return
    trust.lostRelNs = relNs
    if (this.#lostNow++ === 0) this.#anyLostRelNs = relNs
  }

  /** The connection of these markets ended, or bytes of its log are missing. */
  shardLost(shard: number, relNs: number): void {
    for (let market = 0; market < this.#markets.length; market++) if (this.#markets[market]?.shard === shard) this.lost(market, relNs)
  }

  regained(market: number, relNs: number): void {
    const trust = this.#markets[market]
    if (trust === undefined || trust.lostRelNs !== trust.lostRelNs) return
    trust.untrustedNs += relNs - trust.lostRelNs
    this.#keep(market, trust.lostRelNs, relNs)
    trust.lostRelNs = NaN
    if (--this.#lostNow === 0) this.#anyLostNs += relNs - this.#anyLostRelNs
  }

  /** @param endRelNs the end of the run */
  result(endRelNs: number): TrustResult {
    let untrusted = 0
    let known = 0
    let touched = 0
    let markets = 0
    let firstRelNs = endRelNs
    for (let market = 0; market < this.#markets.length; market++) {
      const trust = this.#markets[market]
      if (trust === undefined) continue
      this.regained(market, endRelNs)
      markets++
      firstRelNs = Math.min(firstRelNs, trust.firstRelNs)
      known += endRelNs - trust.firstRelNs
      untrusted += trust.untrustedNs
      if (trust.untrustedNs > 0) touched++
    }
    const anyShareE6 = shareE6(this.#anyLostNs, endRelNs - firstRelNs)
    const meanShareE6 = shareE6(untrusted, known)
    return { anyShareE6, meanShareE6, markets, marketsTouched: touched, spans: this.#spans, spansLeftOut: this.#leftOut }
  }

  #keep(market: number, fromRelNs: number, toRelNs: number): void {
    if (toRelNs <= fromRelNs) return
    if (this.#spans.length < MAX_SPANS) this.#spans.push({ marketId: this.#marketIds[market] ?? '', fromRelNs, toRelNs })
    else this.#leftOut++
  }
}

function shareE6(partNs: number, wholeNs: number): number {
  return wholeNs > 0 ? Math.round((1e6 * partNs) / wholeNs) : 0
}
