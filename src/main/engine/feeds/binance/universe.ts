import { StudioError } from '../../../../shared/errors.ts'
import type { RecordedGet } from '../transport.ts'

/** Prices are kept as integers × 1e6. */
const SMALLEST_TICK = 0.000001

type Json = Readonly<Record<string, unknown>>

/**
 * Asks the venue for the wanted symbols and checks that they trade and that their price step can be kept.
 * The answer is recorded whole by `get`.
 * @throws StudioError CONFIG_INVALID for an unknown symbol or one whose price step is too small; VENUE_UNREACHABLE, VENUE_REFUSED
 */
export async function checkBinanceSymbols(get: RecordedGet, restUrl: string, symbols: readonly string[]): Promise<void> {
  const base = `${restUrl.replace(/\/$/, '')}/api/v3/exchangeInfo`
  const [only] = symbols
  const query =
    symbols.length === 1 && only !== undefined
      ? `symbol=${encodeURIComponent(only)}`
      : `symbols=${encodeURIComponent(JSON.stringify(symbols))}`
  const answer = await get('exchange_info', `${base}?${query}`)
  const body = parsed(answer.body)
  if (answer.status === 400 && body?.['code'] === -1121) {
    throw new StudioError(
      'CONFIG_INVALID',
      `The venue does not know every one of these symbols: ${symbols.join(', ')}. Check their spelling.`
    )
  }
  const list = Array.isArray(body?.['symbols']) ? (body['symbols'] as Json[]) : undefined
  if (answer.status !== 200 || list === undefined) {
    throw new StudioError(
      'VENUE_REFUSED',
      `The list of symbols could not be used: the venue answered with status ${answer.status}. Address: ${base}`
    )
  }
  for (const symbol of symbols)
    checkSymbol(
      symbol,
      list.find((entry) => entry['symbol'] === symbol)
    )
}

function checkSymbol(symbol: string, entry: Json | undefined): void {
  if (entry === undefined) throw new StudioError('CONFIG_INVALID', `The venue did not describe the symbol ${symbol}. Check its spelling.`)
  const filters = Array.isArray(entry['filters']) ? (entry['filters'] as Json[]) : []
  const tick = filters.find((filter) => filter['filterType'] === 'PRICE_FILTER')?.['tickSize']
  if (typeof tick !== 'string' || Number(tick) >= SMALLEST_TICK) return
  throw new StudioError(
    'CONFIG_INVALID',
    `The symbol ${symbol} has a price step of ${tick}, but prices are kept to 0.000001, so it cannot be recorded faithfully. Leave it out.`
  )
}

function parsed(body: Buffer): Json | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Json) : undefined
  } catch {
    return undefined
  }
}
