/** Messages as JSON.parse makes them. */
export interface JsonLevel {
  readonly price: string
  readonly size: string
}

export interface JsonChange extends JsonLevel {
  readonly asset_id: string
  readonly side: string
  readonly hash: string
  readonly best_bid: string
  readonly best_ask: string
}

export interface JsonMessage {
  readonly event_type: string
  readonly market: string
  readonly asset_id: string
  readonly timestamp: string
  readonly hash: string
  readonly bids: readonly JsonLevel[]
  readonly asks: readonly JsonLevel[]
  readonly price_changes: readonly JsonChange[]
}

/** One row of numbers a change: token, side, price, size, best bid, best ask, time. Old rows are overwritten. */
export class ChangeRows {
  readonly rows = new Float64Array(8 * 1024)
  count = 0

  push(token: number, side: number, px: number, size: number, bid: number, ask: number, timeMs: number): void {
    const { rows } = this
    let at = (this.count++ & 1023) << 3
    rows[at++] = token
    rows[at++] = side
    rows[at++] = px
    rows[at++] = size
    rows[at++] = bid
    rows[at++] = ask
    rows[at] = timeMs
  }
}

/** The peer: JSON.parse, then Number() on every field that is one. */
export class JsonReader {
  readonly changes = new ChangeRows()
  readonly levels = new Float64Array(4096)
  readonly top = new Float64Array(4)
  levelCount = 0
  books = 0
  readonly #tokens = new Map<string, number>()
  readonly #numbered: boolean
  #token = 0
  #timeMs = 0

  /** @param numbered look the token up and note its number; otherwise note how long it is */
  constructor(numbered: boolean) {
    this.#numbered = numbered
  }

  change(text: string): void {
    const message = JSON.parse(text) as JsonMessage
    const timeMs = Number(message.timestamp)
    for (const { asset_id, side, price, size, best_bid, best_ask } of message.price_changes)
      this.changes.push(
        this.#tokenOf(asset_id),
        side === 'BUY' ? 1 : 2,
        Number(price),
        Number(size),
        Number(best_bid),
        Number(best_ask),
        timeMs
      )
  }

  book(text: string): void {
    const message = JSON.parse(text) as JsonMessage
    this.#head(message)
    const { levels } = this
    let at = 0
    for (const side of [message.bids, message.asks])
      for (const { price, size } of side) {
        levels[at++] = Number(price)
        levels[at++] = Number(size)
      }
    this.levelCount += at >> 1
  }

  /** Only the best levels, and taken at their word that they are last. */
  bestOfBook(text: string): void {
    const message = JSON.parse(text) as JsonMessage
    this.#head(message)
    const bid = message.bids.at(-1)
    const ask = message.asks.at(-1)
    this.top[0] = Number(bid?.price)
    this.top[1] = Number(bid?.size)
    this.top[2] = Number(ask?.price)
    this.top[3] = Number(ask?.size)
  }

  #head(message: JsonMessage): void {
    this.#token = this.#tokenOf(message.asset_id)
    this.#timeMs = Number(message.timestamp)
    if (this.#token >= 0 && this.#timeMs > 0) this.books++
  }

  #tokenOf(id: string): number {
    if (!this.#numbered) return id.length
    let token = this.#tokens.get(id)
    if (token === undefined) this.#tokens.set(id, (token = this.#tokens.size))
    return token
  }
}
