import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { startPracticeVenue, type PracticeVenue } from '../index.ts'
import { VenueClient } from '../testing/venueClient.ts'

let venue: PracticeVenue
beforeEach(async () => {
  venue = await startPracticeVenue({ source: { kind: 'generator', seed: 1, markets: 2, messagesPerSecond: 200, venue: 'both' } })
})
afterEach(() => venue.close())

async function errorOf(path: string, init?: RequestInit): Promise<[number, string]> {
  const answer = await fetch(venue.httpUrl + path, init)
  const body = (await answer.json()) as { error?: string; msg?: string }
  return [answer.status, body.error ?? body.msg ?? '']
}

/** Sends raw bytes and gathers the answer until the other side closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(venue.port, '127.0.0.1', () => socket.end(bytes))
    let answer = ''
    socket.on('data', (data) => (answer += data.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

function withHeaders(headers: Record<string, string>, path = '/markets'): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port: venue.port, host: '127.0.0.1', path, headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

describe('hostile or mistaken HTTP requests', () => {
  test('an unknown path, a wrong method and a wrong parameter are told apart', async () => {
    expect(await errorOf('/nothing/here')).toEqual([404, expect.stringContaining('/markets')])
    expect(await errorOf('/__proto__')).toEqual([404, expect.any(String)])
    expect(await errorOf('/book?token_id=1', { method: 'DELETE' })).toEqual([405, expect.stringContaining('GET')])
    expect(await errorOf('/books')).toEqual([405, expect.stringContaining('POST')])
    expect(await errorOf('/book')).toEqual([400, 'Invalid token id'])
    expect(await errorOf('/book?token_id=1')).toEqual([404, expect.stringContaining('No orderbook')])
    expect(await errorOf('/markets?limit=-1')).toEqual([422, expect.any(String)])
    expect(await errorOf('/markets/keyset?offset=3')).toEqual([422, expect.stringContaining('after_cursor')])
    expect(await errorOf('/markets/keyset?after_cursor=zzz')).toEqual([422, expect.any(String)])
    expect(await errorOf('/api/v3/depth')).toEqual([400, expect.stringContaining('symbol')])
    expect(await errorOf('/api/v3/depth?symbol=NOPE')).toEqual([400, 'Invalid symbol.'])
    expect(await errorOf('/api/v3/depth?symbol=BTCUSDT&limit=x')).toEqual([400, expect.stringContaining('limit')])
    expect(await errorOf('/api/v3/exchangeInfo?symbols=[')).toEqual([400, expect.stringContaining('symbols')])
  })

  test('bodies that are broken, foreign or huge are refused', async () => {
    for (const body of ['{', '[1,', 'null', '{"a":1}', '[{"token_id":5}]'])
      expect((await errorOf('/books', { method: 'POST', body }))[0]).toBe(400)
    const huge = await errorOf('/books', { method: 'POST', body: 'x'.repeat(1_100_000) }).catch(() => [413, 'cut'])
    expect(huge[0]).toBe(413)
    expect((await errorOf('/practice/fault', { method: 'POST', body: '{"kind":' }))[0]).toBe(400)
  })

  test('a web page gets nothing: neither by another host name nor with an origin', async () => {
    expect(await withHeaders({ host: 'attacker.example' })).toBe(403)
    expect(await withHeaders({ origin: 'http://127.0.0.1:1' })).toBe(403)
    expect(await withHeaders({ host: `localhost:${venue.port}` })).toBe(200)
    await expect(VenueClient.connect(venue.polymarketWsUrl, { headers: { origin: 'http://attacker.example' } })).rejects.toThrow('403')
  })

  test('bytes that are no HTTP end the connection and nothing else', async () => {
    expect(await raw('\x16\x03\x01garbage\r\n\r\n')).toContain('400')
    expect(await raw('GET /ws/market HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 4\d\d/
    )
    expect((await fetch(`${venue.httpUrl}/markets`)).status).toBe(200)
  })
})

describe('hostile or mistaken WebSockets', () => {
  test('are refused where nothing is served', async () => {
    await expect(VenueClient.connect(`${venue.binanceWsUrl}/elsewhere`)).rejects.toThrow('404')
    const other = await startPracticeVenue({ source: { kind: 'generator', seed: 1, markets: 1, messagesPerSecond: 1, venue: 'binance' } })
    await expect(VenueClient.connect(other.polymarketWsUrl)).rejects.toThrow('404')
    await other.close()
  })

  test('Polymarket answers nonsense with INVALID OPERATION and keeps the connection', async () => {
    const socket = await VenueClient.connect(venue.polymarketWsUrl)
    const nonsense = [
      '',
      '{',
      'null',
      '[]',
      '5',
      'ping',
      '{"type":"user","assets_ids":[]}',
      '{"type":"market"}',
      '{"assets_ids":"x"}',
      '{"assets_ids":[1]}',
      '{"assets_ids":[],"operation":"fly"}'
    ]
    for (const text of nonsense) socket.send(text)
    socket.ws.send(Buffer.from('PONG'), { binary: true })
    await socket.until(() => socket.frames.length > nonsense.length, 'an answer to each')
    expect(new Set(socket.frames)).toEqual(new Set(['INVALID OPERATION']))
    socket.send('PING')
    await socket.frame((text) => text === 'PONG', 'PONG')
    socket.close()
  })

  test('Binance answers nonsense with its error form and keeps the connection', async () => {
    const socket = await VenueClient.connect(`${venue.binanceWsUrl}/ws`)
    socket.send('{')
    socket.send('null')
    socket.send({ method: 'FLY', id: 3 })
    socket.send({ method: 'SUBSCRIBE', params: [], id: 4 })
    socket.send({ method: 'SUBSCRIBE', params: Array.from({ length: 1025 }, (_, n) => `s${n}@trade`), id: 5 })
    await socket.until(() => socket.frames.length === 5, 'five answers')
    expect(socket.frames.map((text) => JSON.parse(text) as unknown)).toEqual([
      { error: { code: 3, msg: expect.stringContaining('Invalid JSON') }, id: null },
      { error: { code: 2, msg: expect.any(String) }, id: null },
      { error: { code: 2, msg: expect.any(String) }, id: 3 },
      { error: { code: 2, msg: expect.any(String) }, id: 4 },
      { error: { code: 2, msg: expect.stringContaining('1024') }, id: 5 }
    ])
    socket.close()
  })

  test('a message over the limit closes that connection only', async () => {
    const bystander = await VenueClient.connect(`${venue.binanceWsUrl}/ws/btcusdt@bookTicker`)
    const socket = await VenueClient.connect(venue.polymarketWsUrl)
    socket.send('x'.repeat(5 * 1024 * 1024))
    await socket.until(() => socket.closedWith !== undefined, 'the close')
    const count = bystander.frames.length
    await bystander.until(() => bystander.frames.length > count + 3, 'more frames')
    bystander.close()
  })
})
