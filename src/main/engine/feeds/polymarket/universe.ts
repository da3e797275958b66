import { StudioError } from '../../../../shared/errors.ts'
import type { RecordedGet } from '../transport.ts'
import { segmentOf, type SegmentTag } from './segment.ts'

export interface PolymarketMarket {
  readonly id: string
  readonly tokenIds: readonly [string, string]
  readonly segment: SegmentTag
  /** As the venue states them; 0 where it does not. */
  readonly volume: number
  readonly liquidity: number
}

export interface PolymarketUniverse {
  /** Newest first, as selected. */
  readonly markets: readonly PolymarketMarket[]
  readonly pagesFetched: number
  readonly marketsSeen: number
  /** Address of the page that described a market, by the market's id. */
  readonly pageOf: ReadonlyMap<string, string>
}

export interface UniverseOptions {
  readonly gammaBaseUrl: string
  readonly pageLimit: number
  /** undefined: all there are */
  readonly maxMarkets: number | undefined
}

/** A guard against a service that never ends; far above the number of open markets. */
const MAX_PAGES = 2000
const KEYSET_PAGE_LIMIT = 100
/** Ids are long decimal numbers; a little more is let pass, and nothing that could not be a name. */
const TOKEN_ID = /^[0-9A-Za-z_-]{1,100}$/
const OPEN_MARKETS = 'order=id&ascending=false&active=true&closed=false'

type Json = Readonly<Record<string, unknown>>

interface Page {
  readonly url: string
  readonly rows: readonly Json[]
  readonly nextUrl: string | undefined
}

/**
 * Finds the open binary markets with an order book, the newest ones where a cap is given. Walks the keyset form of the list and falls back
 * to the offset form where there is none. A list that is not sorted as asked is walked to its end before it is cut. Every page is recorded whole by `get`.
 * @throws StudioError VENUE_UNREACHABLE, VENUE_REFUSED
 */
export async function discoverPolymarket(get: RecordedGet, options: UniverseOptions): Promise<PolymarketUniverse> {
  const base = options.gammaBaseUrl.replace(/\/$/, '')
  const selected = new Map<string, PolymarketMarket>()
  const pageOf = new Map<string, string>()
  const seen = new Set<string>()
  let pages = 0
  let previousId: string | undefined
  let descends = true
  let page = await firstPage(get, base, options.pageLimit)
  for (;;) {
    pages += 1
    const before = seen.size
    for (const row of page.rows) {
      const id = String(row['id'])
      descends &&= previousId === undefined || newestFirst(previousId, id) <= 0
      previousId = id
      seen.add(id)
      const market = binaryMarketOf(row)
      if (market === undefined) continue
      selected.set(market.id, market)
      pageOf.set(market.id, page.url)
    }
    const enough = descends && options.maxMarkets !== undefined && selected.size >= options.maxMarkets
    // A page without anything new means that the service repeats itself.
    if (enough || page.nextUrl === undefined || seen.size === before || pages >= MAX_PAGES) break
    page = await nextPage(get, base, page.nextUrl, options.pageLimit, pages)
  }
  const markets = [...selected.values()].toSorted((a, b) => newestFirst(a.id, b.id)).slice(0, options.maxMarkets)
  return { markets, pagesFetched: pages, marketsSeen: seen.size, pageOf }
}

async function firstPage(get: RecordedGet, base: string, limit: number): Promise<Page> {
  const url = `${base}/markets/keyset?${OPEN_MARKETS}&limit=${Math.min(limit, KEYSET_PAGE_LIMIT)}`
  const answer = await get('markets', url)
  const page = answer.status === 200 ? keysetPage(parsed(answer.body), url) : undefined
  return page ?? (await offsetPage(get, base, limit, 0))
}

async function nextPage(get: RecordedGet, base: string, url: string, limit: number, pages: number): Promise<Page> {
  if (!url.includes('/markets/keyset?')) return await offsetPage(get, base, limit, pages * limit)
  const answer = await get('markets', url)
  const page = answer.status === 200 ? keysetPage(parsed(answer.body), url) : undefined
  if (page === undefined) throw refused(url, answer.status)
  return page
}

function keysetPage(body: unknown, url: string): Page | undefined {
  const fields = body as Json | null
  if (fields === null || typeof fields !== 'object' || !Array.isArray(fields['markets'])) return undefined
  const cursor = fields['next_cursor']
  const first = url.replace(/&after_cursor=.*$/, '')
  const nextUrl = typeof cursor === 'string' && cursor !== '' ? `${first}&after_cursor=${encodeURIComponent(cursor)}` : undefined
  return { url, rows: objectsOf(fields['markets']), nextUrl }
}

async function offsetPage(get: RecordedGet, base: string, limit: number, offset: number): Promise<Page> {
  const url = `${base}/markets?${OPEN_MARKETS}&limit=${limit}&offset=${offset}`
  const answer = await get('markets', url)
  const body = answer.status === 200 ? parsed(answer.body) : undefined
  const list = Array.isArray(body) ? (body as unknown[]) : (body as Json | null | undefined)?.['markets']
  if (!Array.isArray(list)) throw refused(url, answer.status)
  return { url, rows: objectsOf(list), nextUrl: list.length === 0 ? undefined : url }
}

function refused(url: string, status: number): StudioError {
  return new StudioError(
    'VENUE_REFUSED',
    `The list of markets could not be used: the venue answered with status ${status} and not with a list of markets. Address: ${url}`
  )
}

/** Open, tradable, with an order book, two outcomes and two tokens. `closed` decides: `active` stays true on closed markets. */
function binaryMarketOf(row: Json): PolymarketMarket | undefined {
  const open = row['active'] !== false && row['closed'] !== true && row['archived'] !== true
  const tradable = row['enableOrderBook'] !== false && row['acceptingOrders'] !== false
  if (!open || !tradable || typeof row['conditionId'] !== 'string' || row['conditionId'] === '') return undefined
  const outcomes = textList(row['outcomes'])
  const [first, second, ...more] = textList(row['clobTokenIds'] ?? row['clob_token_ids'])
  if (first === undefined || second === undefined || more.length > 0 || outcomes.length !== 2) return undefined
  if (!TOKEN_ID.test(first) || !TOKEN_ID.test(second) || first === second) return undefined
  return {
    id: String(row['id']),
    tokenIds: [first, second],
    segment: segmentOf(row),
    volume: amountOf(row['volumeNum'] ?? row['volume']),
    liquidity: amountOf(row['liquidityNum'] ?? row['liquidity'])
  }
}

function amountOf(value: unknown): number {
  const amount = typeof value === 'number' || typeof value === 'string' ? Number(value) : 0
  return Number.isFinite(amount) && amount > 0 ? amount : 0
}

/** A list that comes as a list, as JSON text of one, or as comma text. */
function textList(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(itemText)
  if (typeof value !== 'string' || value.trim() === '') return []
  const list = value.trim().startsWith('[') ? parsed(Buffer.from(value)) : undefined
  return Array.isArray(list) ? list.map(itemText) : value.split(',').map((item) => item.trim())
}

/** A number as an id has lost digits already, and an object is no id: both become text that no check lets pass. */
function itemText(item: unknown): string {
  return typeof item === 'string' || (typeof item === 'number' && Number.isSafeInteger(item)) ? String(item) : ''
}

/** Ids that are numbers come first, the greatest before all; then the others, by their text. */
function newestFirst(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)]
  const [xIsNumber, yIsNumber] = [Number.isFinite(x), Number.isFinite(y)]
  if (xIsNumber && yIsNumber) return y - x
  if (xIsNumber !== yIsNumber) return xIsNumber ? -1 : 1
  return a === b ? 0 : a < b ? 1 : -1
}

function objectsOf(list: readonly unknown[]): Json[] {
  return list.filter((item): item is Json => item !== null && typeof item === 'object')
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
