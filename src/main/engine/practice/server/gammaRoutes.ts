import { gammaMarket } from '../polymarketMarket.ts'
import type { PolymarketFace } from '../source.ts'
import { jsonAnswer, type HttpAnswer } from './httpExchange.ts'

const MAX_PAGE = 500
const MAX_KEYSET_PAGE = 100

type MarketEntry = PolymarketFace['markets'][number]

/** Gamma `GET /markets`: a bare array, paged by `limit` and `offset`. */
export function gammaMarkets(face: PolymarketFace, query: URLSearchParams): HttpAnswer {
  const limit = wholeNumber(query.get('limit'), 20)
  const offset = wholeNumber(query.get('offset'), 0)
  if (limit === undefined || offset === undefined) return refused('limit and offset are whole numbers from 0 up')
  const page = selected(face, query).slice(offset, offset + Math.min(limit, MAX_PAGE))
  return jsonAnswer(200, page.map(object))
}

/** Gamma `GET /markets/keyset`: pages of at most 100, walked by `after_cursor`; the last page has no `next_cursor`. */
export function gammaKeyset(face: PolymarketFace, query: URLSearchParams): HttpAnswer {
  if (query.has('offset')) return refused('offset is not supported here, use after_cursor')
  const limit = wholeNumber(query.get('limit'), 20)
  const from = startOf(query.get('after_cursor'))
  if (limit === undefined || limit === 0) return refused('limit is a whole number from 1 up')
  if (from === undefined) return refused('after_cursor is not one that this service gave out')
  const all = selected(face, query)
  const end = from + Math.min(limit, MAX_KEYSET_PAGE)
  const more = end < all.length ? { next_cursor: Buffer.from(`after:${end}`).toString('base64url') } : {}
  return jsonAnswer(200, { markets: all.slice(from, end).map(object), ...more })
}

function selected(face: PolymarketFace, query: URLSearchParams): readonly MarketEntry[] {
  // Every market here is open: whoever asks for closed, archived or inactive ones gets none.
  if (query.get('closed') === 'true' || query.get('archived') === 'true' || query.get('active') === 'false') return []
  const ids = query.getAll('id')
  const slugs = query.getAll('slug')
  const conditions = query.getAll('condition_ids').flatMap((text) => text.split(','))
  const tokens = query.getAll('clob_token_ids').flatMap((text) => text.split(','))
  const kept = face.markets.filter(
    ({ listing }) =>
      (ids.length === 0 || ids.includes(listing.id)) &&
      (slugs.length === 0 || slugs.includes(listing.slug)) &&
      (conditions.length === 0 || conditions.includes(listing.conditionId)) &&
      (tokens.length === 0 || listing.tokenIds.some((id) => tokens.includes(id)))
  )
  return ordered(kept, query)
}

function ordered(markets: readonly MarketEntry[], query: URLSearchParams): readonly MarketEntry[] {
  const order = query.get('order')
  if (order === null) return markets
  const value = ({ listing }: MarketEntry): number =>
    order.startsWith('volume') ? listing.volume : order.startsWith('liquidity') ? listing.liquidity : Number(listing.id)
  // The real service orders downwards unless told otherwise.
  const sign = query.get('ascending') === 'true' ? 1 : -1
  return markets.toSorted((a, b) => (value(a) - value(b)) * sign)
}

function object(entry: MarketEntry): Record<string, unknown> {
  return gammaMarket(entry.listing, entry.top())
}

function wholeNumber(text: string | null, otherwise: number): number | undefined {
  if (text === null) return otherwise
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function startOf(cursor: string | null): number | undefined {
  if (cursor === null || cursor === '') return 0
  const match = /^after:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString())
  return match ? Number(match[1]) : undefined
}

function refused(error: string): HttpAnswer {
  return jsonAnswer(422, { type: 'validation error', error })
}
