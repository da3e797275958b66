import type { Feed, MovedLevel, VenueFrame } from '../frame.ts'
import type { PolymarketListing } from '../polymarketMarket.ts'
import type { PolymarketFace } from '../source.ts'
import type { VenueTime } from '../venueTime.ts'
import { dumpBookJson, dumpFrame, restBookJson } from '../wire/bookHash.ts'
import { FrameQueue } from './frameQueue.ts'
import { RecordedToken, type BookEvent } from './recordedToken.ts'
import { readPolymarketRecording, type PolymarketRecordingFrame } from './readPolymarketRecording.ts'

type MarketEvent =
  | BookEvent
  | {
      readonly event_type: 'price_change'
      readonly market: string
      readonly timestamp: string
      readonly price_changes: readonly { asset_id: string; price: string; size: string; side: string; hash: string }[]
    }
  | { readonly event_type: 'last_trade_price'; readonly market: string; readonly asset_id: string; readonly price: string }
  | { readonly event_type: 'tick_size_change'; readonly market: string; readonly asset_id: string; readonly new_tick_size: string }

/** How far a recording is searched for its initial books. */
const PRESCAN_FRAMES = 200

/** A recorded Polymarket session: its frames go out unchanged, and its books are rolled forward for late subscribers and `GET /book`. */
export class RecordedPolymarket implements Feed {
  readonly face: PolymarketFace
  readonly #initial: readonly BookEvent[]
  readonly #tokens = new Map<string, RecordedToken>()
  readonly #queue: FrameQueue<PolymarketRecordingFrame>
  readonly #time: VenueTime
  #firstMs: number | undefined
  #atNs = 0
  #frames = 0

  private constructor(files: readonly string[], initial: readonly BookEvent[], time: VenueTime) {
    this.#initial = initial
    this.#time = time
    this.#queue = new FrameQueue(() => readAll(files))
    this.#restart()
    this.face = this.#makeFace()
  }

  /** @throws StudioError FILE_FAILED when a file cannot be read as a Polymarket recording */
  static async open(files: readonly string[], time: VenueTime): Promise<RecordedPolymarket> {
    const initial = new Map<string, BookEvent>()
    let frames = 0
    for await (const frame of readAll(files)) {
      for (const event of eventsOf(frame.text)) {
        // Only an initial book names its tick size.
        if (event.event_type === 'book' && event.tick_size !== undefined && !initial.has(event.asset_id)) initial.set(event.asset_id, event)
      }
      if (++frames >= PRESCAN_FRAMES) break
    }
    return new RecordedPolymarket(files, [...initial.values()], time)
  }

  peekNs(): number | undefined | Promise<number | undefined> {
    const frame = this.#queue.peek()
    return frame instanceof Promise ? frame.then((read) => this.#dueNs(read)) : this.#dueNs(frame)
  }

  advance(emit: (frame: VenueFrame) => void): void {
    const { text } = this.#queue.take()
    this.#atNs = this.#dueNs({ text })!
    const events = eventsOf(text)
    // The first array is the state before everything else; whoever subscribes is given it.
    if (this.#frames++ === 0 && text.startsWith('[')) return
    const keys = new Set<string>()
    const levels: MovedLevel[] = []
    let book = ''
    for (const event of events) book = this.#apply(event, keys, levels) ?? book
    const content: VenueFrame['content'] =
      levels.length > 0
        ? { kind: 'change', book, levels }
        : events.some((e) => e.event_type === 'book')
          ? { kind: 'refresh', book }
          : { kind: 'other' }
    emit({ venue: 'polymarket', keys: [...keys], content, render: () => skewed(text, this.#time.skewMs) })
  }

  async rewind(): Promise<void> {
    await this.#queue.rewind()
    this.#restart()
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  #restart(): void {
    this.#firstMs = undefined
    this.#atNs = 0
    this.#frames = 0
    this.#tokens.clear()
    for (const book of this.#initial) this.#tokens.set(book.asset_id, new RecordedToken(book))
  }

  /** The recording has no receive stamps: the venue's own latest time inside a frame paces it, and never goes back. */
  #dueNs(frame: PolymarketRecordingFrame | undefined): number | undefined {
    if (!frame) return undefined
    let latestMs = 0
    for (const match of frame.text.matchAll(/"timestamp": ?"(\d{1,15})"/g)) latestMs = Math.max(latestMs, Number(match[1]))
    if (latestMs > 0) this.#firstMs ??= latestMs
    return Math.max(this.#atNs, (latestMs - (this.#firstMs ?? 0)) * 1e6)
  }

  /** Rolls the books. @returns the market of the event */
  #apply(event: MarketEvent, keys: Set<string>, levels: MovedLevel[]): string | undefined {
    if (event.event_type === 'price_change') {
      const [first] = event.price_changes
      for (const entry of event.price_changes) {
        keys.add(entry.asset_id)
        const token = this.#tokens.get(entry.asset_id)
        const before = token?.change(entry, event.timestamp, first?.price) ?? '0'
        levels.push({ key: `${entry.asset_id}${entry.side}${Number(entry.price)}`, before, after: entry.size })
      }
      return event.market
    }
    if (event.asset_id !== undefined) keys.add(event.asset_id)
    const token = this.#tokens.get(event.asset_id)
    if (event.event_type === 'book') token?.replace(event)
    else if (event.event_type === 'tick_size_change') token?.setTick(event.new_tick_size)
    else if (event.event_type === 'last_trade_price') {
      for (const other of this.#tokens.values()) if (other.market === event.market) other.traded(event.price)
    }
    return event.market
  }

  #makeFace(): PolymarketFace {
    const known = (ids: readonly string[]): RecordedToken[] => ids.map((id) => this.#tokens.get(id)).filter((token) => token !== undefined)
    return {
      markets: listingsOf(this.#initial).map((listing) => ({
        listing,
        top: () => this.#tokens.get(listing.tokenIds[0])?.top() ?? { bestBid: undefined, bestAsk: undefined, lastTradePrice: '' }
      })),
      hasToken: (id) => this.#tokens.has(id),
      dump: (ids) => dumpFrame(known(ids).map((token) => token.original ?? dumpBookJson(token.hashed()))),
      book: (id) => {
        const token = this.#tokens.get(id)
        return token && restBookJson(token.hashed())
      }
    }
  }
}

async function* readAll(files: readonly string[]): AsyncIterable<PolymarketRecordingFrame> {
  for (const file of files) yield* readPolymarketRecording(file)
}

/** A broken frame of the recording goes out as it is; it just moves no book. */
function eventsOf(text: string): readonly MarketEvent[] {
  try {
    const parsed = JSON.parse(text) as MarketEvent | MarketEvent[]
    return Array.isArray(parsed) ? parsed : [parsed]
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

/** Tokens of one market pair up in the order in which the initial array names them. */
function listingsOf(books: readonly BookEvent[]): PolymarketListing[] {
  const pairs = new Map<string, BookEvent[]>()
  for (const book of books) pairs.set(book.market, [...(pairs.get(book.market) ?? []), book])
  const whole = [...pairs].filter(([, pair]) => pair.length === 2)
  return whole.map(([market, [first, second]], index) => {
    const { minOrderSize, negRisk } = new RecordedToken(first!).hashFacts
    return {
      id: String(1_000_000 + index),
      conditionId: market,
      tokenIds: [first!.asset_id, second!.asset_id],
      outcomes: ['Yes', 'No'],
      question: `Recorded market ${index + 1} (${market.slice(0, 10)})`,
      slug: `recorded-${market.slice(2, 12)}`,
      negRisk,
      minOrderSize,
      tickSize: first!.tick_size ?? '0.01',
      startDate: new Date(Number(first!.timestamp)).toISOString(),
      endDate: new Date(Number(first!.timestamp) + 86_400_000).toISOString(),
      volume: (whole.length - index) * 1000,
      liquidity: (whole.length - index) * 500
    }
  })
}

/** Shifts the times of a recorded frame. Its hashes cover the unshifted time, so under skew they no longer fit. */
function skewed(text: string, skewMs: number): string {
  return skewMs === 0
    ? text
    : text.replace(/"timestamp":( ?)"(\d{13})"/g, (_, space: string, ms: string) => `"timestamp":${space}"${Number(ms) + skewMs}"`)
}
