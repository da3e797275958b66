import { NO_LEVELS, OTHER_CONTENT, type Feed, type VenueFrame } from '../frame.ts'
import type { BinanceFace } from '../source.ts'
import type { VenueTime } from '../venueTime.ts'
import { depthSnapshotJson, exchangeInfoJson, type BinanceSymbolFacts } from '../wire/binanceText.ts'
import { DecimalBook } from './decimalBook.ts'
import { FrameQueue } from './frameQueue.ts'
import { readBinanceRecording, type BinanceRecordingLine } from './readBinanceRecording.ts'

interface DepthMessage {
  readonly data: {
    readonly s: string
    readonly U: number
    readonly u: number
    readonly b: [string, string][]
    readonly a: [string, string][]
  }
}
interface Snapshot {
  readonly lastUpdateId: number
  readonly bids: [string, string][]
  readonly asks: [string, string][]
}

interface RecordedSymbol {
  readonly facts: BinanceSymbolFacts
  /** The first snapshot of the recording: where the rolled book starts, and the answer as recorded until a newer change went out. */
  readonly firstSnapshot: string | undefined
  readonly book: DecimalBook
  lastUpdateId: number
}

/** How far the start of a recording is searched for its symbols and their first snapshots. */
const PRESCAN_LINES = 20_000

/** A recorded Binance session: its text goes out unchanged, and its books are rolled forward so that a snapshot fits any instant. */
export class RecordedBinance implements Feed {
  readonly face: BinanceFace
  readonly #symbols: ReadonlyMap<string, RecordedSymbol>
  readonly #queue: FrameQueue<BinanceRecordingLine>
  readonly #firstNs: bigint
  readonly #time: VenueTime
  #atNs = 0

  private constructor(files: readonly string[], start: RecordingStart, time: VenueTime) {
    this.#symbols = start.symbols
    this.#firstNs = start.firstNs
    this.#time = time
    this.#queue = new FrameQueue(() => readBinanceRecording(files))
    this.face = {
      symbols: [...start.symbols.keys()],
      depth: (symbol, limit) => snapshotNow(this.#symbols.get(symbol), limit),
      exchangeInfo: (symbols) =>
        exchangeInfoJson(
          symbols.map((name) => this.#symbols.get(name)?.facts).filter((facts) => facts !== undefined),
          time.msAt(this.#atNs)
        )
    }
  }

  /** @throws StudioError FILE_FAILED when a file cannot be read as a Binance recording */
  static async open(files: readonly string[], time: VenueTime): Promise<RecordedBinance> {
    return new RecordedBinance(files, await prescan(files), time)
  }

  peekNs(): number | undefined | Promise<number | undefined> {
    const line = this.#queue.peek()
    return line instanceof Promise ? line.then((read) => this.#dueNs(read)) : this.#dueNs(line)
  }

  advance(emit: (frame: VenueFrame) => void): void {
    const line = this.#queue.take()
    this.#atNs = this.#dueNs(line)!
    if (line.kind === 'snapshot') return this.#passSnapshot(line.text)
    const stream = /^\{"stream":"([^"]{1,100})"/.exec(line.text)?.[1]
    if (stream === undefined) return
    const book = stream.includes('@depth') ? this.#roll(line.text) : undefined
    const content: VenueFrame['content'] = book === undefined ? OTHER_CONTENT : { kind: 'change', book, levels: NO_LEVELS }
    emit({ venue: 'binance', keys: [stream], content, render: () => skewed(line.text, this.#time.skewMs) })
  }

  async rewind(): Promise<void> {
    await this.#queue.rewind()
    this.#atNs = 0
    for (const symbol of this.#symbols.values()) startBook(symbol)
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  /** A recorder's clock that stepped back must not stop the playback: such a line is due at once. */
  #dueNs(line: BinanceRecordingLine | undefined): number | undefined {
    return line && Math.max(this.#atNs, Number(line.localNs - this.#firstNs))
  }

  /** @returns the symbol whose book the message moves */
  #roll(text: string): string | undefined {
    const data = parsed<DepthMessage>(text)?.data
    if (!data) return undefined
    const symbol = this.#symbols.get(data.s)
    if (symbol && data.u > symbol.lastUpdateId) {
      for (const [price, size] of data.b) symbol.book.bids.set(price, size)
      for (const [price, size] of data.a) symbol.book.asks.set(price, size)
      symbol.lastUpdateId = data.u
    }
    return data.s
  }

  #passSnapshot(text: string): void {
    const snapshot = parsed<Snapshot>(text)
    if (!snapshot) return
    const symbol = nearestSymbol(this.#symbols.values(), snapshot.lastUpdateId)
    // A snapshot older than the rolled book has nothing to add: newer changes are in it already.
    if (symbol && snapshot.lastUpdateId > symbol.lastUpdateId) loadBook(symbol, snapshot)
  }
}

interface RecordingStart {
  readonly firstNs: bigint
  readonly symbols: ReadonlyMap<string, RecordedSymbol>
}

async function prescan(files: readonly string[]): Promise<RecordingStart> {
  const lastIds = new Map<string, number>()
  const snapshots: string[] = []
  let firstNs: bigint | undefined
  let lines = 0
  for await (const line of readBinanceRecording(files)) {
    firstNs ??= line.localNs
    if (line.kind === 'snapshot') snapshots.push(line.text)
    else {
      const symbol = /"s":"([^"]{1,40})"/.exec(line.text)?.[1]
      const id = /"u":(\d+)/.exec(line.text)?.[1]
      if (symbol !== undefined && (id !== undefined || !lastIds.has(symbol))) lastIds.set(symbol, Number(id ?? 0))
    }
    if (++lines >= PRESCAN_LINES || (snapshots.length > 0 && snapshots.length >= lastIds.size && lines >= 100)) break
  }
  return { firstNs: firstNs ?? 0n, symbols: assignSnapshots(lastIds, snapshots) }
}

function assignSnapshots(lastIds: ReadonlyMap<string, number>, snapshots: readonly string[]): Map<string, RecordedSymbol> {
  const first = new Map<string, string>()
  for (const text of snapshots) {
    const { lastUpdateId } = JSON.parse(text) as Snapshot
    const candidates = [...lastIds].map(([name, id]) => ({ name, lastUpdateId: id }))
    const name = nearestSymbol(candidates, lastUpdateId)?.name
    if (name !== undefined && !first.has(name)) first.set(name, text)
  }
  return new Map([...lastIds.keys()].map((name) => [name, newSymbol(name, first.get(name))]))
}

/** A snapshot does not name its symbol: it belongs to the one whose update ids are nearest. */
function nearestSymbol<T extends { readonly lastUpdateId: number }>(symbols: Iterable<T>, id: number): T | undefined {
  let nearest: T | undefined
  for (const symbol of symbols) {
    if (!nearest || Math.abs(symbol.lastUpdateId - id) < Math.abs(nearest.lastUpdateId - id)) nearest = symbol
  }
  return nearest
}

function newSymbol(name: string, firstSnapshot: string | undefined): RecordedSymbol {
  const quote = ['USDT', 'USDC', 'FDUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY'].find((text) => name.endsWith(text)) ?? name.slice(-3)
  const levels = firstSnapshot === undefined ? [] : (JSON.parse(firstSnapshot) as Snapshot).bids
  const facts = {
    symbol: name,
    base: name.slice(0, name.length - quote.length),
    quote,
    tickSize: smallestStep(levels.map((level) => level[0])),
    stepSize: smallestStep(levels.map((level) => level[1]))
  }
  const symbol = { facts, firstSnapshot, book: new DecimalBook(), lastUpdateId: 0 }
  startBook(symbol)
  return symbol
}

function startBook(symbol: RecordedSymbol): void {
  loadBook(
    symbol,
    symbol.firstSnapshot === undefined ? { lastUpdateId: 0, bids: [], asks: [] } : (JSON.parse(symbol.firstSnapshot) as Snapshot)
  )
}

function loadBook(symbol: RecordedSymbol, snapshot: Snapshot): void {
  symbol.book.clear()
  for (const [price, size] of snapshot.bids) symbol.book.bids.set(price, size)
  for (const [price, size] of snapshot.asks) symbol.book.asks.set(price, size)
  symbol.lastUpdateId = snapshot.lastUpdateId
}

/** The finest decimal place in use, for example "0.01000000". */
function smallestStep(texts: readonly string[]): string {
  const places = Math.max(0, ...texts.map((text) => (text.split('.')[1] ?? '').replace(/0+$/, '').length))
  return places === 0 ? '1.00000000' : `0.${'1'.padStart(places, '0').padEnd(8, '0')}`
}

function snapshotNow(symbol: RecordedSymbol | undefined, limit: number): string | undefined {
  if (!symbol) return undefined
  const pair = (level: readonly [string, string]): string => `["${level[0]}","${level[1]}"]`
  if (symbol.firstSnapshot !== undefined && limit >= Math.max(symbol.book.bids.count, symbol.book.asks.count)) {
    // As long as nothing newer went out, the recorded answer itself.
    if (symbol.firstSnapshot.startsWith(`{"lastUpdateId":${symbol.lastUpdateId},`)) return symbol.firstSnapshot
  }
  const { bids, asks } = symbol.book
  return depthSnapshotJson(symbol.lastUpdateId, bids.descending().slice(0, limit).map(pair), asks.ascending().slice(0, limit).map(pair))
}

/** A broken line of the recording goes out as it is; it just moves no book. */
function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Shifts the event and trade times of a recorded message; without skew the text stays untouched. */
function skewed(text: string, skewMs: number): string {
  return skewMs === 0 ? text : text.replace(/"([ET])":(\d{13})/g, (_, name: string, ms: string) => `"${name}":${Number(ms) + skewMs}`)
}
