import { parseE6 } from '../../../shared/market/index.ts'
import { keyHash } from './json/keyHash.ts'
import { OUTCOME, type MarketMessage, type MarketSink, type Outcome } from './marketSink.ts'

/** What reached a sink, as plain values: the mapper's scratch space is used again for the next message. */
export type Told = Readonly<Record<string, unknown>>

const latin = new TextDecoder('utf-8')
const textIn = (m: MarketMessage, from: number, to: number): string => latin.decode(m.buf.subarray(from, to))
const pairsOf = (list: MarketMessage['bids']): number[][] =>
  Array.from({ length: list.count }, (_, i) => [list.values[2 * i]!, list.values[2 * i + 1]!])
const orNone = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)

/** For tests: a sink that writes down what it is told. */
export class Notebook implements MarketSink {
  readonly told: Told[] = []
  readonly keys: string[] = []
  /** Hashes that did not cover the bytes of their key. */
  wrongHashes = 0

  instrumentOf(buf: Uint8Array, from: number, to: number, hash: number): number {
    if (keyHash(buf, from, to) !== hash) this.wrongHashes++
    const key = latin.decode(buf.subarray(from, to))
    const at = this.keys.indexOf(key)
    return at < 0 ? this.keys.push(key) : at + 1
  }

  snapshot(m: MarketMessage): void {
    this.#tell('snapshot', m, {
      bids: pairsOf(m.bids),
      asks: pairsOf(m.asks),
      seq: orNone(m.lastSeq),
      ts: orNone(m.exchTsMs),
      hash: textIn(m, m.hashFrom, m.hashTo),
      market: textIn(m, m.marketFrom, m.marketTo),
      tick: orNone(m.tickE6),
      lastTrade: textIn(m, m.lastTradeFrom, m.lastTradeTo)
    })
  }

  delta(m: MarketMessage): void {
    this.#tell('delta', m, {
      bids: pairsOf(m.bids),
      asks: pairsOf(m.asks),
      first: orNone(m.firstSeq),
      last: orNone(m.lastSeq),
      ts: orNone(m.exchTsMs),
      hash: textIn(m, m.hashFrom, m.hashTo),
      // Where updates are numbered nobody looks at the stated top.
      bestBid: m.lastSeq >= 0 ? undefined : orNone(m.bestBidE6),
      bestAsk: m.lastSeq >= 0 ? undefined : orNone(m.bestAskE6)
    })
  }

  trade(m: MarketMessage): void {
    this.#tell('trade', m, { px: m.pxE6, size: m.sizeE6, side: m.side, ts: orNone(m.exchTsMs), id: textIn(m, m.tradeIdFrom, m.tradeIdTo) })
  }

  tickSize(m: MarketMessage): void {
    this.#tell('tick', m, { tick: m.tickE6, old: orNone(m.oldTickE6) })
  }

  venueTop(m: MarketMessage): void {
    this.#tell('top', m, { seq: orNone(m.lastSeq), bid: m.bestBidE6, bidSize: m.bestBidSizeE6, ask: m.bestAskE6, askSize: m.bestAskSizeE6 })
  }

  #tell(kind: string, m: MarketMessage, what: Told): void {
    this.told.push({ kind, key: this.keys[m.instrumentId - 1], ...what })
  }
}

/** What a mapper must make of a payload. */
export interface Expected {
  readonly outcome: Outcome
  readonly told: readonly Told[]
}

class Num {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

type Obj = Readonly<Record<string, unknown>>

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parse(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    const keep = ((_key: string, value: unknown, context: { source: string }) =>
      typeof value === 'number' ? new Num(context.source) : value) as (key: string, value: unknown) => unknown
    return { value: JSON.parse(strict.decode(bytes), keep) }
  } catch {
    return undefined
  }
}

const isObj = (value: unknown): value is Obj =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Num)
/** A string as it stands in compact JSON. */
const jsonText = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : '')
const textOrNumber = (value: unknown): string => (value instanceof Num ? value.source : jsonText(value))
const e6 = (value: unknown): number => parseE6(textOrNumber(value)) ?? NaN
const none = { outcome: OUTCOME.unknown, told: [] } as const
const rejected = { outcome: OUTCOME.rejected, told: [] } as const

function integer(value: unknown): number {
  const text = textOrNumber(value)
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  return number <= Number.MAX_SAFE_INTEGER ? number : NaN
}

/** Levels as [price, size] pairs; undefined when one of them cannot be. */
function levels(value: unknown, pairOf: (level: unknown) => [unknown, unknown] | undefined): number[][] | undefined {
  if (!Array.isArray(value)) return undefined
  const out: number[][] = []
  for (const level of value as unknown[]) {
    const pair = pairOf(level)
    const px = e6(pair?.[0])
    const size = e6(pair?.[1])
    if (!(px > 0 && size >= 0)) return undefined
    out.push([px, size])
  }
  return out
}

const named = (level: unknown): [unknown, unknown] | undefined => (isObj(level) ? [level['price'], level['size']] : undefined)
const listed = (level: unknown): [unknown, unknown] | undefined =>
  Array.isArray(level) && level.length >= 2 ? [level[0], level[1]] : undefined

/** The plain and slow way to read the Polymarket market channel: JSON.parse, then look. */
export function expectedOfPolymarket(bytes: Uint8Array): Expected {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 32 || bytes[end - 1] === 10)) end--
  if (end <= 4 && ['', '[]', 'PONG', 'PING'].includes(Buffer.from(bytes.subarray(0, end)).toString('latin1')))
    return { outcome: OUTCOME.control, told: [] }
  const json = parse(bytes)
  if (json === undefined) return { outcome: OUTCOME.malformed, told: [] }
  const { value } = json
  if (!Array.isArray(value) && !isObj(value)) return none
  const told: Told[] = []
  let known = false
  for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const one = isObj(item) ? readPolymarket(item) : undefined
    if (one === undefined) return rejected
    if (one === 'unknown') continue
    known = true
    told.push(...one)
  }
  return known ? { outcome: OUTCOME.decoded, told } : none
}

function readPolymarket(item: Obj): readonly Told[] | 'unknown' | undefined {
  const has = (key: string): boolean => Object.hasOwn(item, key)
  const key = jsonText(item['asset_id'])
  const ts = orNone(integer(item['timestamp']))
  const event = item['event_type']
  if (event === 'book' || (!has('event_type') && has('bids') && has('asks'))) {
    const bids = levels(item['bids'], named)
    const asks = levels(item['asks'], named)
    if (key === '' || bids === undefined || asks === undefined) return undefined
    return [
      {
        kind: 'snapshot',
        key,
        bids,
        asks,
        seq: undefined,
        ts,
        hash: jsonText(item['hash']),
        market: jsonText(item['market']),
        tick: orNone(e6(item['tick_size'])),
        lastTrade: textOrNumber(item['last_trade_price'])
      }
    ]
  }
  if (event === 'price_change') return readChanges(item, key, ts)
  if (event === 'last_trade_price') {
    const px = e6(item['price'])
    const size = e6(item['size'])
    if (key === '' || !(px >= 0 && size >= 0)) return undefined
    const side = item['side'] === 'BUY' ? 1 : item['side'] === 'SELL' ? 2 : 0
    return [{ kind: 'trade', key, px, size, side, ts, id: textOrNumber(item['transaction_hash']) }]
  }
  if (event === 'tick_size_change') {
    const tick = e6(item['new_tick_size'])
    return key === '' || !(tick > 0) ? undefined : [{ kind: 'tick', key, tick, old: orNone(e6(item['old_tick_size'])) }]
  }
  return 'unknown'
}

function readChanges(item: Obj, key: string, ts: number | undefined): readonly Told[] | undefined {
  const lists = ['price_changes', 'changes'].filter((name) => Object.hasOwn(item, name))
  if (lists.length > 1) return undefined
  const list: unknown = lists[0] === undefined ? [item] : item[lists[0]]
  if (!Array.isArray(list)) return undefined
  const told: Told[] = []
  for (const change of list as unknown[]) {
    if (!isObj(change)) return undefined
    const own = jsonText(change['asset_id'])
    const px = e6(change['price'])
    const size = e6(change['size'])
    const side = change['side']
    if (!(px > 0 && size >= 0) || (side !== 'BUY' && side !== 'SELL') || (own === '' && key === '')) return undefined
    const hash = jsonText((own === '' ? item : change)['hash'])
    const level = [[px, size]]
    told.push({
      kind: 'delta',
      key: own === '' ? key : own,
      bids: side === 'BUY' ? level : [],
      asks: side === 'BUY' ? [] : level,
      first: undefined,
      last: undefined,
      ts,
      hash,
      bestBid: orNone(e6(change['best_bid'])),
      bestAsk: orNone(e6(change['best_ask']))
    })
  }
  return told
}

/** The plain and slow way to read Binance spot streams and depth snapshots. */
export function expectedOfBinance(bytes: Uint8Array, restKey: string | undefined): Expected {
  if (bytes.length === 0) return { outcome: OUTCOME.control, told: [] }
  const json = parse(bytes)
  if (json === undefined) return { outcome: OUTCOME.malformed, told: [] }
  if (!isObj(json.value)) return none
  const data = isObj(json.value['data']) ? json.value['data'] : json.value
  const has = (key: string): boolean => Object.hasOwn(data, key)
  const event = data['e']
  const symbol = jsonText(data['s'])
  if (event === 'depthUpdate') return depthOf(data, symbol)
  if (event === 'trade') return tradeOf(data, symbol)
  if (event === 'aggTrade') return { outcome: OUTCOME.decoded, told: [] }
  if (has('e')) return none
  if (has('bids') || has('asks') || Array.isArray(data['b']) || Array.isArray(data['a'])) return snapshotOf(data, restKey)
  if (symbol !== '' && (has('b') || has('a'))) return topOf(data, symbol)
  return has('result') || has('id') ? { outcome: OUTCOME.control, told: [] } : none
}

function depthOf(data: Obj, key: string): Expected {
  const bids = levels(data['b'], listed)
  const asks = levels(data['a'], listed)
  const first = integer(data['U'])
  const last = integer(data['u'])
  if (Object.hasOwn(data, 'bids') || Object.hasOwn(data, 'asks')) return rejected
  if (key === '' || bids === undefined || asks === undefined || !(first >= 0 && last >= first)) return rejected
  const told = [
    { kind: 'delta', key, bids, asks, first, last, ts: orNone(integer(data['E'])), hash: '', bestBid: undefined, bestAsk: undefined }
  ]
  return { outcome: OUTCOME.decoded, told }
}

function tradeOf(data: Obj, key: string): Expected {
  const px = e6(data['p'])
  const size = e6(data['q'])
  if (key === '' || !(px > 0 && size >= 0)) return rejected
  const traded = integer(data['T'])
  const maker = data['m']
  const side = maker === true || maker === 'true' ? 2 : maker === false || maker === 'false' ? 1 : 0
  const ts = orNone(traded >= 0 ? traded : integer(data['E']))
  return { outcome: OUTCOME.decoded, told: [{ kind: 'trade', key, px, size, side, ts, id: textOrNumber(data['t']) }] }
}

function snapshotOf(data: Obj, key: string | undefined): Expected {
  const bids = levels(data['bids'], listed)
  const asks = levels(data['asks'], listed)
  const seq = integer(data['lastUpdateId'])
  if (Array.isArray(data['b']) || Array.isArray(data['a'])) return rejected
  if (key === undefined || bids === undefined || asks === undefined || !(seq >= 0)) return rejected
  return {
    outcome: OUTCOME.decoded,
    told: [{ kind: 'snapshot', key, bids, asks, seq, ts: undefined, hash: '', market: '', tick: undefined, lastTrade: '' }]
  }
}

function topOf(data: Obj, key: string): Expected {
  const [bid, bidSize, ask, askSize] = [e6(data['b']), e6(data['B']), e6(data['a']), e6(data['A'])]
  if (!(bid >= 0 && bidSize >= 0 && ask >= 0 && askSize >= 0)) return rejected
  return { outcome: OUTCOME.decoded, told: [{ kind: 'top', key, seq: orNone(integer(data['u'])), bid, bidSize, ask, askSize }] }
}
