import { TimeUnion } from './timeUnion.ts'

/** A time in which a market was not to be trusted, ns since the origin of the run. */
export interface UntrustedSpan {
  readonly marketId: string
  readonly fromRelNs: number
  readonly toRelNs: number
}

export interface TrustResult {
  /** Time in which some market was untrusted, by the time from the first event to the end, in millionths: 0 = always trusted. Undefined: nothing came that could be judged. */
  readonly anyShareE6: number | undefined
  /** The same of the mean market: untrusted time of all markets by the time for which they were known. */
  readonly meanShareE6: number | undefined
  readonly markets: number
  /** Markets that were untrusted at some time. */
  readonly marketsTouched: number
  /** The first spans in order of their end. */
  readonly spans: readonly UntrustedSpan[]
  readonly spansLeftOut: number
}

/** A shard from which something is missing: its connection ended, or bytes of its log are lost. */
export interface ShardLoss {
  readonly shard: number
  /** Nothing before this instant is missing; -Infinity: from the first event of the run on. */
  readonly relNs: number
  /** What is missing may be everything that was ever said of some market. */
  readonly hole: boolean
}

/** Numbers of markets by id. */
export interface MarketNumbers {
  readonly ids: readonly string[]
  ofText(id: string): number
}

interface MarketTrust {
  readonly firstRelNs: number
  shard: number
  /** An event of it was seen. */
  seen: boolean
  /** Start of the running untrusted time; NaN while trusted. */
  lostRelNs: number
  /** End of the last untrusted time. */
  regainedRelNs: number
  untrustedNs: number
}

const MAX_SPANS = 1000
/** The shard of a market that nobody listens to any more. */
const NO_SHARD = -1

/**
 * For each market: how much of the time since its first event it was not to be trusted. What is told of markets comes in order of time; losses of
 * whole shards may be told early or late.
 */
export class Trust {
  readonly #markets: (MarketTrust | undefined)[] = []
  readonly #numbers: MarketNumbers
  readonly #spans: UntrustedSpan[] = []
  #leftOut = 0
  readonly #anyLost = new TimeUnion()
  /** Losses whose time has not come, the latest first. */
  readonly #coming: ShardLoss[] = []
  #nextLossRelNs = Infinity
  #firstEventRelNs: number | undefined
  readonly #subscribed = new Map<number, readonly string[]>()
  /** Shards with a hole of which no market is known at all, and since when. */
  readonly #blind = new Map<number, number>()

  constructor(numbers: MarketNumbers) {
    this.#numbers = numbers
  }

  /** Markets of a shard, whether or not anything was said of them yet. */
  subscribed(shard: number, ids: readonly string[]): void {
    this.#subscribed.set(shard, ids)
  }

  /** An event of a market: it is known from now on, if it was not. */
  known(market: number, shard: number, relNs: number): void {
    this.#firstEventRelNs ??= relNs
    if (relNs > this.#nextLossRelNs) this.#applyLosses(relNs)
    if (this.#blind.size > 0) this.#sees(shard, relNs)
    const trust = this.#markets[market]
    if (trust === undefined) {
      this.#add(market, shard, relNs, true)
      return
    }
    trust.shard = shard
    if (trust.seen) return
    trust.seen = true
    this.#regain(market, trust, relNs)
  }

  lost(market: number, relNs: number): void {
    if (relNs > this.#nextLossRelNs) this.#applyLosses(relNs)
    const trust = this.#markets[market]
    if (trust !== undefined) lose(trust, relNs)
  }

  regained(market: number, relNs: number): void {
    if (relNs > this.#nextLossRelNs) this.#applyLosses(relNs)
    const trust = this.#markets[market]
    if (trust !== undefined) this.#regain(market, trust, relNs)
  }

  /** Nothing more is expected of these markets. */
  left(ids: readonly string[], relNs: number): void {
    for (const id of ids) {
      const market = this.#numbers.ofText(id)
      this.regained(market, relNs)
      const trust = this.#markets[market]
      if (trust !== undefined) trust.shard = NO_SHARD
    }
  }

  shardLost(loss: ShardLoss): void {
    const before = this.#coming.findIndex(({ relNs }) => relNs <= loss.relNs)
    this.#coming.splice(before < 0 ? this.#coming.length : before, 0, loss)
    this.#nextLossRelNs = this.#coming.at(-1)!.relNs
  }

  /** @param endRelNs the end of the run */
  result(endRelNs: number): TrustResult {
    this.#applyLosses(endRelNs)
    let untrusted = 0
    let known = 0
    let touched = 0
    let markets = 0
    for (const since of this.#blind.values()) this.#anyLost.add(since, endRelNs)
    let firstRelNs = this.#anyLost.firstNs ?? endRelNs
    for (let market = 0; market < this.#markets.length; market++) {
      const trust = this.#markets[market]
      if (trust === undefined) continue
      this.#regain(market, trust, endRelNs)
      markets++
      firstRelNs = Math.min(firstRelNs, trust.firstRelNs)
      known += endRelNs - trust.firstRelNs
      untrusted += trust.untrustedNs
      if (trust.untrustedNs > 0) touched++
    }
    return {
      anyShareE6: shareE6(this.#anyLost.totalNs(endRelNs), endRelNs - firstRelNs, markets > 0 && this.#blind.size === 0),
      meanShareE6: shareE6(untrusted, known, markets > 0),
      markets,
      marketsTouched: touched,
      spans: this.#spans,
      spansLeftOut: this.#leftOut
    }
  }

  #add(market: number, shard: number, relNs: number, seen: boolean): MarketTrust {
    while (this.#markets.length < market) this.#markets.push(undefined)
    const trust: MarketTrust = { firstRelNs: relNs, shard, seen, lostRelNs: NaN, regainedRelNs: relNs, untrustedNs: 0 }
    this.#markets[market] = trust
    return trust
  }

  /** Losses of shards that began before this instant. */
  #applyLosses(relNs: number): void {
    for (let loss = this.#coming.at(-1); loss !== undefined && loss.relNs < relNs; loss = this.#coming.at(-1)) {
      this.#coming.pop()
      this.#loseShard(loss)
    }
    this.#nextLossRelNs = this.#coming.at(-1)?.relNs ?? Infinity
  }

  #loseShard({ shard, relNs: lossRelNs, hole }: ShardLoss): void {
    let found = false
    const relNs = lossRelNs > -Infinity ? lossRelNs : (this.#firstEventRelNs ?? 0)
    if (hole) {
      for (const id of this.#subscribed.get(shard) ?? []) {
        const market = this.#numbers.ofText(id)
        if (market >= 0 && this.#markets[market] === undefined) this.#add(market, shard, relNs, false)
      }
    }
    for (const trust of this.#markets) {
      if (trust?.shard !== shard) continue
      found = true
      lose(trust, relNs)
    }
    if (hole && !found && !this.#blind.has(shard)) this.#blind.set(shard, relNs)
  }

  #sees(shard: number, relNs: number): void {
    const since = this.#blind.get(shard)
    if (since === undefined) return
    this.#anyLost.add(since, relNs)
    this.#blind.delete(shard)
  }

  #regain(market: number, trust: MarketTrust, relNs: number): void {
    if (trust.lostRelNs !== trust.lostRelNs) return
    const { lostRelNs } = trust
    trust.lostRelNs = NaN
    trust.regainedRelNs = relNs
    if (relNs <= lostRelNs) return
    trust.untrustedNs += relNs - lostRelNs
    this.#anyLost.add(lostRelNs, relNs)
    if (this.#spans.length < MAX_SPANS)
      this.#spans.push({ marketId: this.#numbers.ids[market] ?? '', fromRelNs: lostRelNs, toRelNs: relNs })
    else this.#leftOut++
  }
}

/** A time that was told of before is not lost once more. */
function lose(trust: MarketTrust, relNs: number): void {
  const from = Math.max(relNs, trust.regainedRelNs)
  if (trust.lostRelNs !== trust.lostRelNs || from < trust.lostRelNs) trust.lostRelNs = from
}

/** @param whole without any time: whether nothing is known to be missing */
function shareE6(partNs: number, wholeNs: number, whole: boolean): number | undefined {
  if (wholeNs > 0) return Math.round((1e6 * partNs) / wholeNs)
  return whole ? 0 : undefined
}
