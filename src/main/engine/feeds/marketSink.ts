/** Growing list of price and size pairs, integers × 1e6: [px0, size0, px1, size1, ...]. */
export class LevelList {
  values = new Float64Array(128)
  count = 0

  clear(): void {
    this.count = 0
  }

  push(pxE6: number, sizeE6: number): void {
    const at = this.count * 2
    if (at === this.values.length) this.grow()
    this.values[at] = pxE6
    this.values[at + 1] = sizeE6
    this.count++
  }

  /** Doubles the room. @returns the new `values` */
  grow(): Float64Array<ArrayBuffer> {
    const larger = new Float64Array(this.values.length * 2)
    larger.set(this.values)
    this.values = larger
    return larger
  }
}

/**
 * One message of a venue in the tape's terms, filled again for each message: a sink that keeps something copies it.
 * NaN stands for "not given" inside the mapper's scratch space only; it never leaves the tape. Byte ranges point into `buf`.
 */
export class MarketMessage {
  buf: Uint8Array = new Uint8Array(0)
  instrumentId = 0
  marketFrom = 0
  marketTo = 0
  readonly bids: LevelList
  readonly asks: LevelList
  /** First and last update id of the venue; NaN where it has none. */
  firstSeq = NaN
  lastSeq = NaN
  exchTsMs = NaN
  hashFrom = 0
  hashTo = 0
  tickE6 = NaN
  oldTickE6 = NaN
  lastTradeFrom = 0
  lastTradeTo = 0
  /** Top of the book after the change, as the venue states it: 0 for an empty bid side, 1e6 for an empty ask side (Polymarket). */
  bestBidE6 = NaN
  bestAskE6 = NaN
  pxE6 = NaN
  sizeE6 = NaN
  bestBidSizeE6 = NaN
  bestAskSizeE6 = NaN
  /** 0 unknown, 1 buy, 2 sell. */
  side = 0
  tradeIdFrom = 0
  tradeIdTo = 0
  /** Of a full book that another thread has read ahead: bytes of the text that its hash covers, up to the levels, in the sum; 0 = none. */
  begunBytes = 0
  /** SHA-1 of their whole blocks; the rest stands in `buf`. */
  readonly begunSum = new Int32Array(5)
  begunRestFrom = 0

  /** Lists of its own, or those into which somebody reads. */
  constructor(bids = new LevelList(), asks = new LevelList()) {
    this.bids = bids
    this.asks = asks
  }
}

/** A place in the mapper where a sink keeps the number that it gave to a key, so that it need not look for it again. */
export interface KeyMemo {
  /** 0 = nothing is kept. */
  id: number
  /** What the number belongs to: a sink that starts over has another one. */
  generation: number
}

/** What a mapper tells the tape. Prices and sizes are checked: finite, not negative. */
export interface MarketSink {
  /**
   * Number of the instrument with this token id or symbol, announced if it is new.
   * @param hash of the bytes, as JsonScan computes it
   * @param memo always the same for the same bytes
   */
  instrumentOf(buf: Uint8Array, from: number, to: number, hash: number, memo?: KeyMemo): number
  snapshot(message: MarketMessage): void
  delta(message: MarketMessage): void
  trade(message: MarketMessage): void
  tickSize(message: MarketMessage): void
  /** The venue's own best bid and ask (bookTicker). */
  venueTop(message: MarketMessage): void
}

/** What became of a frame: index in FRAME_OUTCOMES of the `frame_raw` channel. */
export const OUTCOME = { decoded: 0, control: 1, note: 2, unknown: 3, malformed: 4, rejected: 5 } as const
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME]

/** The meaning of one venue's messages. Knows nothing of sockets. */
export interface FeedMapper {
  /**
   * Reads one received payload and tells the sink what it says, all of it or nothing.
   * @param restKey for a REST body: what was asked for (symbol or token id); undefined for a socket message
   */
  map(buf: Uint8Array, from: number, to: number, sink: MarketSink, restKey: string | undefined): Outcome
  /** Frames that the fast scanner could not take and JSON.parse read instead. */
  readonly fallbacks: number
  /** What the last decoded frame was, as the venue names it; of a list the last entry. */
  readonly kind: string
}
