import { parseE6 } from '../../../shared/market/index.ts'
import type { Books } from './books.ts'
import type { TokenFacts } from './instruments.ts'

/** What the plant wrote into the frame log about its own doings. Anything else is unknown and changes nothing. */
export type Note =
  | { readonly note: 'tick' }
  | { readonly note: 'conn_open'; readonly url?: string; readonly tokens?: readonly string[]; readonly streams?: readonly string[] }
  | {
      readonly note: 'conn_closed'
      readonly trigger?: string
      readonly code?: number
      readonly reason?: string
      /** Another connection of the shard had taken over: nothing was missed. */
      readonly overlap?: boolean
    }
  /** Instruments that the plant leaves: nothing more is expected of them. */
  | { readonly note: 'unsubscribed'; readonly tokens?: readonly string[]; readonly streams?: readonly string[] }
  | {
      readonly note: 'rest'
      readonly venue?: string
      readonly kind?: string
      readonly key?: string
      readonly status?: number
      readonly body?: boolean
      readonly error?: string
      /** Weather: time zone of the station, an IANA name. */
      readonly time_zone?: string
    }
  /** The user marks this moment. */
  | { readonly note: 'manual_window'; readonly reason?: string }
  /** How event windows are kept from here on. */
  | { readonly note: 'window_settings'; readonly extend?: boolean }

const text = new TextDecoder()

/** @returns undefined when the payload is not a note that this version knows */
export function parseNote(buf: Uint8Array, from: number, to: number): Note | undefined {
  try {
    const value = JSON.parse(text.decode(buf.subarray(from, to))) as Note | null
    return value !== null && typeof value === 'object' && typeof value.note === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Instruments of a subscription: token ids, or the symbols of stream names ("btcusdt@trade"). */
export function subscribedKeys(note: { tokens?: readonly string[]; streams?: readonly string[] }): string[] {
  const tokens = Array.isArray(note.tokens) ? note.tokens : []
  const symbols = (Array.isArray(note.streams) ? note.streams : []).map((stream) => String(stream).split('@')[0]!.toUpperCase())
  return [...new Set([...tokens.map(String), ...symbols])]
}

/** The HTTP answer that the shard's next frame holds. */
export interface ExpectedRest {
  readonly kind: string
  readonly key: string
  /** An answer of a weather service or a line of an outside model, not of the venue. */
  readonly world?: boolean
  readonly timeZone?: string | undefined
}

export function expectedRest({ venue, kind, key, time_zone: timeZone }: Extract<Note, { note: 'rest' }>): ExpectedRest {
  const common = { kind: String(kind ?? ''), key: String(key ?? '') }
  const isWorld = venue === 'weather' || venue === 'model'
  return isWorld ? { ...common, world: true, timeZone: typeof timeZone === 'string' ? timeZone : undefined } : common
}

/** Learns what a REST body of discovery says of instruments. Bodies that are not what they should be teach nothing. */
export function learnFromRest(books: Books, kind: string, buf: Uint8Array, from: number, to: number): void {
  let body: unknown
  try {
    body = JSON.parse(text.decode(buf.subarray(from, to)))
  } catch {
    return
  }
  if (kind === 'markets') for (const market of marketsOf(body)) learnMarket(books, market)
  else if (kind === 'exchange_info') for (const symbol of listOf((body as Json | null)?.['symbols'])) learnSymbol(books, symbol)
  else if (kind === 'book') learnBook(books, body as Json | null)
}

type Json = Readonly<Record<string, unknown>>

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((item): item is Json => item !== null && typeof item === 'object') : []
}

function marketsOf(body: unknown): Json[] {
  return listOf(Array.isArray(body) ? body : (body as Json | null)?.['markets'])
}

/** A list that the venue sends as a list or as JSON text of one. */
function textList(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String)
  if (typeof value !== 'string') return []
  try {
    const parsed: unknown = JSON.parse(value)
    return Array.isArray(parsed) ? parsed.map(String) : []
  } catch {
    return []
  }
}

function e6Of(value: unknown): number | undefined {
  const parsed = typeof value === 'number' || typeof value === 'string' ? parseE6(String(value)) : undefined
  return parsed !== undefined && parsed > 0 ? parsed : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 300) : undefined
}

function defined(facts: Record<string, unknown>): TokenFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

function learnMarket(books: Books, market: Json): void {
  const outcomes = textList(market['outcomes'])
  const minOrderSize = market['orderMinSize']
  for (const [i, tokenId] of textList(market['clobTokenIds'] ?? market['clob_token_ids']).entries()) {
    books.roster.learn(
      tokenId,
      defined({
        marketId: textOf(market['conditionId']),
        name: textOf(market['question']) ?? textOf(market['slug']),
        outcome: textOf(outcomes[i]),
        tickE6: e6Of(market['orderPriceMinTickSize']),
        negRisk: typeof market['negRisk'] === 'boolean' ? market['negRisk'] : undefined,
        minOrderSize: typeof minOrderSize === 'number' || typeof minOrderSize === 'string' ? String(minOrderSize) : undefined
      })
    )
  }
}

function learnSymbol(books: Books, symbol: Json): void {
  const name = textOf(symbol['symbol'])
  const filter = listOf(symbol['filters']).find((item) => item['filterType'] === 'PRICE_FILTER')
  if (name !== undefined) books.roster.learn(name, defined({ name, tickE6: e6Of(filter?.['tickSize']) }))
}

function learnBook(books: Books, body: Json | null): void {
  const tokenId = textOf(body?.['asset_id'])
  if (tokenId === undefined || body === null) return
  books.roster.learn(
    tokenId,
    defined({
      marketId: textOf(body['market']),
      tickE6: e6Of(body['tick_size']),
      negRisk: typeof body['neg_risk'] === 'boolean' ? body['neg_risk'] : undefined,
      minOrderSize: textOf(body['min_order_size'])
    })
  )
}
