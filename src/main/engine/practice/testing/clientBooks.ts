import { createHash } from 'node:crypto'

/**
 * Books as a client would build them from the wire alone; written apart from the venue's own code, so that the tests compare two
 * independent readings of the protocol.
 */

export interface WireLevel {
  readonly price: string
  readonly size: string
}
export interface WireBook {
  readonly market: string
  readonly asset_id: string
  readonly timestamp: string
  readonly hash: string
  readonly bids: WireLevel[]
  readonly asks: WireLevel[]
  readonly tick_size?: string
  readonly last_trade_price?: string
}
export interface WireChange {
  readonly asset_id: string
  readonly price: string
  readonly size: string
  readonly side: 'BUY' | 'SELL'
  readonly hash: string
  readonly best_bid: string
  readonly best_ask: string
}
export interface WirePriceChange {
  readonly market: string
  readonly price_changes: WireChange[]
  readonly timestamp: string
}

export interface BookFacts {
  readonly minOrderSize: string
  readonly negRisk: boolean
}

/** One token's book on the client's side, with the hash rule of the documentation. */
export class ClientTokenBook {
  readonly market: string
  readonly assetId: string
  tickSize: string
  lastTradePrice: string
  readonly #facts: BookFacts
  #bids = new Map<number, WireLevel>()
  #asks = new Map<number, WireLevel>()

  constructor(dump: WireBook, facts: BookFacts) {
    this.market = dump.market
    this.assetId = dump.asset_id
    this.tickSize = dump.tick_size!
    this.lastTradePrice = dump.last_trade_price!
    this.#facts = facts
    this.load(dump)
  }

  load(book: WireBook): void {
    this.#bids = new Map(book.bids.map((level) => [Number(level.price), level]))
    this.#asks = new Map(book.asks.map((level) => [Number(level.price), level]))
  }

  apply(change: WireChange): void {
    const side = change.side === 'BUY' ? this.#bids : this.#asks
    if (change.size === '0') side.delete(Number(change.price))
    else side.set(Number(change.price), { price: change.price, size: change.size })
  }

  /** @returns the hash that the venue should have sent */
  hash(timestamp: string, lastTradePrice = this.lastTradePrice): string {
    const json = JSON.stringify({
      market: this.market,
      asset_id: this.assetId,
      timestamp,
      hash: '',
      bids: this.#sorted(this.#bids, 1),
      asks: this.#sorted(this.#asks, -1),
      min_order_size: this.#facts.minOrderSize,
      tick_size: this.tickSize,
      neg_risk: this.#facts.negRisk,
      last_trade_price: lastTradePrice
    })
    return createHash('sha1').update(json).digest('hex')
  }

  top(): { bid: number; ask: number } {
    return { bid: Math.max(0, ...this.#bids.keys()), ask: Math.min(1, ...this.#asks.keys()) }
  }

  #sorted(side: Map<number, WireLevel>, sign: 1 | -1): WireLevel[] {
    return [...side].sort((a, b) => (a[0] - b[0]) * sign).map(([, level]) => level)
  }
}

/** All books of a Polymarket connection. Counts which hashes fit; a hash that does not is tried with the price of a trade just made. */
export class ClientMarketChannel {
  readonly books = new Map<string, ClientTokenBook>()
  verified = 0
  readonly mismatches: { assetId: string; text: string }[] = []
  readonly kinds = new Map<string, number>()
  readonly #facts: (market: string) => BookFacts

  constructor(facts: (market: string) => BookFacts) {
    this.#facts = facts
  }

  receive(text: string): void {
    const parsed = JSON.parse(text) as unknown
    for (const event of (Array.isArray(parsed) ? parsed : [parsed]) as { event_type: string }[]) {
      this.kinds.set(event.event_type, (this.kinds.get(event.event_type) ?? 0) + 1)
      this.#event(event, text)
    }
  }

  #event(event: { event_type: string }, text: string): void {
    if (event.event_type === 'book') this.#book(event as unknown as WireBook, text)
    else if (event.event_type === 'price_change') this.#change(event as unknown as WirePriceChange, text)
    else if (event.event_type === 'tick_size_change') {
      const { asset_id: id, new_tick_size: tick } = event as unknown as { asset_id: string; new_tick_size: string }
      const book = this.books.get(id)
      if (book) book.tickSize = tick
    }
  }

  #book(event: WireBook, text: string): void {
    const known = this.books.get(event.asset_id)
    const book = known && event.tick_size === undefined ? known : new ClientTokenBook(event, this.#facts(event.market))
    book.load(event)
    this.books.set(event.asset_id, book)
    this.#check(book, event.hash, event.timestamp, undefined, text)
  }

  #change(event: WirePriceChange, text: string): void {
    for (const change of event.price_changes) {
      const book = this.books.get(change.asset_id)
      if (!book) continue
      book.apply(change)
      const top = book.top()
      if (top.bid !== Number(change.best_bid) || top.ask !== Number(change.best_ask))
        this.mismatches.push({ assetId: change.asset_id, text })
      this.#check(book, change.hash, event.timestamp, Number(event.price_changes[0]!.price).toFixed(3), text)
    }
  }

  #check(book: ClientTokenBook, hash: string, timestamp: string, traded: string | undefined, text: string): void {
    if (book.hash(timestamp) === hash) this.verified++
    else if (traded !== undefined && book.hash(timestamp, traded) === hash) {
      book.lastTradePrice = traded
      this.verified++
    } else this.mismatches.push({ assetId: book.assetId, text })
  }
}

export interface WireDepth {
  readonly U: number
  readonly u: number
  readonly b: [string, string][]
  readonly a: [string, string][]
}
export interface WireSnapshot {
  readonly lastUpdateId: number
  readonly bids: [string, string][]
  readonly asks: [string, string][]
}

/** A spot book synced as the exchange documents it: buffer, snapshot, drop, then every first id must follow the last one. */
export class ClientSpotBook {
  readonly bids = new Map<number, string>()
  readonly asks = new Map<number, string>()
  id: number
  gaps = 0
  applied = 0
  crossed = 0

  constructor(snapshot: WireSnapshot) {
    this.id = snapshot.lastUpdateId
    this.#set(this.bids, snapshot.bids)
    this.#set(this.asks, snapshot.asks)
  }

  apply(event: WireDepth): void {
    if (event.u <= this.id && this.applied === 0) return
    if (event.u < this.id) return
    if (event.U > this.id + 1) this.gaps++
    this.#set(this.bids, event.b)
    this.#set(this.asks, event.a)
    this.id = event.u
    this.applied++
    const { bid, ask } = this.top()
    if (bid >= ask) this.crossed++
  }

  top(): { bid: number; ask: number } {
    return { bid: Math.max(...this.bids.keys()), ask: Math.min(...this.asks.keys()) }
  }

  /** Best `count` levels of a side as the snapshot endpoint would print them. */
  best(side: 'bids' | 'asks', count: number): [number, string][] {
    const sign = side === 'bids' ? -1 : 1
    return [...this[side]].sort((a, b) => (a[0] - b[0]) * sign).slice(0, count)
  }

  #set(side: Map<number, string>, levels: readonly [string, string][]): void {
    for (const [price, size] of levels) {
      if (Number(size) === 0) side.delete(Number(price))
      else side.set(Number(price), size)
    }
  }
}
