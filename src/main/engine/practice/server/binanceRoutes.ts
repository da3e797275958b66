import { z } from 'zod'

import type { BinanceFace } from '../source.ts'
import { jsonAnswer, textAnswer, type HttpAnswer } from './httpExchange.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 5000

/** `GET /api/v3/depth?symbol=&limit=`: a snapshot of this instant, best levels first. */
export function binanceDepth(face: BinanceFace, query: URLSearchParams): HttpAnswer {
  const symbol = query.get('symbol')
  if (symbol === null || symbol === '') return refused(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
  const limit = query.get('limit') ?? String(DEFAULT_LIMIT)
  if (!/^[1-9]\d{0,8}$/.test(limit)) return refused(-1100, "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.")
  const snapshot = face.depth(symbol, Math.min(Number(limit), MAX_LIMIT))
  return snapshot === undefined ? refused(-1121, 'Invalid symbol.') : textAnswer(snapshot)
}

/** `GET /api/v3/exchangeInfo`, all symbols or those of `symbol` or `symbols`. */
export function binanceExchangeInfo(face: BinanceFace, query: URLSearchParams): HttpAnswer {
  const wanted = wantedSymbols(query)
  if (wanted === 'illegal') return refused(-1100, "Illegal characters found in parameter 'symbols'.")
  if (wanted?.some((symbol) => !face.symbols.includes(symbol))) return refused(-1121, 'Invalid symbol.')
  return textAnswer(face.exchangeInfo(wanted ?? face.symbols))
}

function wantedSymbols(query: URLSearchParams): readonly string[] | undefined | 'illegal' {
  const one = query.get('symbol')
  if (one !== null) return [one]
  const many = query.get('symbols')
  if (many === null) return undefined
  try {
    const list = z.array(z.string()).safeParse(JSON.parse(many))
    return list.success ? list.data : 'illegal'
  } catch (error) {
    if (error instanceof SyntaxError) return 'illegal'
    throw error
  }
}

function refused(code: number, msg: string): HttpAnswer {
  return jsonAnswer(400, { code, msg })
}
