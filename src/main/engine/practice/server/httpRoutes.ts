import type { IncomingMessage, ServerResponse } from 'node:http'

import { StudioError } from '../../../../shared/errors.ts'
import { checkFault } from '../faults/faultText.ts'
import type { CheckedFault } from '../faults/fault.ts'
import type { VenueSource } from '../source.ts'
import { binanceDepth, binanceExchangeInfo } from './binanceRoutes.ts'
import { clobBook, clobBooks } from './clobRoutes.ts'
import { gammaKeyset, gammaMarkets } from './gammaRoutes.ts'
import { jsonAnswer, readBody, send, unlessKnown, type HttpAnswer } from './httpExchange.ts'

const MAX_BODY_BYTES = 1024 * 1024

export interface HttpFace {
  readonly source: VenueSource
  /** Answers the weather services' addresses, where there is weather. */
  readonly weather: { readonly paths: readonly string[]; answer(path: string, query: URLSearchParams): HttpAnswer } | undefined
  /** @returns how a venue request has to fail, undefined when it may pass */
  failure(path: string): { status: number; retryAfterS: number } | undefined
  inject(fault: CheckedFault): number
  state(): unknown
  counted(): void
}

type Route = (query: URLSearchParams, body: unknown) => HttpAnswer
type RouteTable = Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST', Route>>>>>

/** Answers every plain HTTP request: the venues' REST endpoints and the practice venue's own control endpoints. */
export function httpHandler(face: HttpFace): (request: IncomingMessage, response: ServerResponse) => void {
  const table = routeTable(face)
  return (request, response) => {
    answer(face, table, request)
      .catch((error: unknown) =>
        jsonAnswer(500, { error: `The practice venue failed: ${error instanceof Error ? error.message : String(error)}` })
      )
      .then((result) => send(response, result))
      // The client went away before the answer: nobody is left to tell.
      .catch(() => response.destroy())
  }
}

function routeTable(face: HttpFace): RouteTable {
  const { polymarket, binance } = face.source
  const { weather } = face
  return {
    ...Object.fromEntries((weather?.paths ?? []).map((path) => [path, { GET: (query: URLSearchParams) => weather!.answer(path, query) }])),
    ...(polymarket && {
      '/markets': { GET: (query) => gammaMarkets(polymarket, query) },
      '/markets/keyset': { GET: (query) => gammaKeyset(polymarket, query) },
      '/book': { GET: (query) => clobBook(polymarket, query) },
      '/books': { POST: (_, body) => clobBooks(polymarket, body) }
    }),
    ...(binance && {
      '/api/v3/depth': { GET: (query) => binanceDepth(binance, query) },
      '/api/v3/exchangeInfo': { GET: (query) => binanceExchangeInfo(binance, query) },
      '/api/v3/ping': { GET: () => jsonAnswer(200, {}) }
    }),
    '/practice/state': { GET: () => jsonAnswer(200, face.state()) },
    '/practice/fault': { POST: (_, body) => injectFaults(face, body) }
  }
}

async function answer(face: HttpFace, table: RouteTable, request: IncomingMessage): Promise<HttpAnswer> {
  face.counted()
  if (!isLocal(request))
    return jsonAnswer(
      403,
      { error: 'The practice venue only answers programs on this machine, by its loopback address.' },
      { connection: 'close' }
    )
  const url = URL.parse(request.url ?? '/', 'http://127.0.0.1')
  if (!url) return jsonAnswer(400, { error: 'The address of the request is not readable.' })
  // Both prefixes are optional: the two real hosts are one server here.
  const path = url.pathname.replace(/^\/(gamma|clob)(?=\/)/, '')
  const methods = Object.hasOwn(table, path) ? table[path] : undefined
  if (!methods) return jsonAnswer(404, { error: `Nothing is served at ${url.pathname}. Known: ${Object.keys(table).join(', ')}.` })
  const route = request.method === 'GET' || request.method === 'POST' ? methods[request.method] : undefined
  if (!route) {
    const allow = Object.keys(methods).join(', ')
    return jsonAnswer(405, { error: `${url.pathname} takes ${allow}, not ${request.method}.` }, { allow })
  }
  if (face.weather?.paths.includes(path)) return unlessKnown(request, route(url.searchParams, undefined))
  if (!path.startsWith('/practice/')) {
    const failure = face.failure(path)
    if (failure) return failedAnswer(failure)
  }
  return request.method === 'POST' ? withBody(request, url.searchParams, route) : route(url.searchParams, undefined)
}

async function withBody(request: IncomingMessage, query: URLSearchParams, route: Route): Promise<HttpAnswer> {
  const body = await readBody(request, MAX_BODY_BYTES)
  if (body === 'too large') return jsonAnswer(413, { error: `A request body is at most ${MAX_BODY_BYTES} bytes.` }, { connection: 'close' })
  let json: unknown
  try {
    json = JSON.parse(body.text)
  } catch (error) {
    return jsonAnswer(400, { error: `The request body should be JSON (${error instanceof Error ? error.message : 'not readable'}).` })
  }
  return route(query, json)
}

function injectFaults(face: HttpFace, body: unknown): HttpAnswer {
  const list: unknown[] = Array.isArray(body) ? body : [body]
  try {
    const faults = list.map((fault, index) => checkFault(fault, `fault ${index + 1} of the request`, 'CONFIG_INVALID'))
    return jsonAnswer(200, { accepted: faults.map((fault) => ({ fault_id: face.inject(fault), kind: fault.kind })) })
  } catch (error) {
    if (error instanceof StudioError) return jsonAnswer(400, { error: error.message })
    throw error
  }
}

function failedAnswer(failure: { status: number; retryAfterS: number }): HttpAnswer {
  const body = failure.status === 429 ? { code: -1003, msg: 'Too many requests.' } : { error: 'Internal server error' }
  return jsonAnswer(failure.status, body, { 'retry-after': String(failure.retryAfterS) })
}

/** A web page cannot use this server: neither by a name that points here, nor from its own origin. */
export function isLocal(request: IncomingMessage): boolean {
  const host = URL.parse(`http://${request.headers.host ?? ''}`)?.hostname
  return (host === '127.0.0.1' || host === 'localhost') && request.headers.origin === undefined
}
