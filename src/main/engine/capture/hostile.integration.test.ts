import { existsSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { verifyRun } from '../bundle/index.ts'
import { discoverPolymarket, type RecordedGet } from '../feeds/index.ts'
import { startPracticeVenue } from '../practice/index.ts'
import { restGet } from './restClient.ts'
import { startPlant, venueConfig } from './testPlant.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** A server that answers as it is told. */
async function serving(answer: (path: string, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => answer(request.url ?? '', response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const options = { timeoutMs: 5000, userAgent: 'test', signal: new AbortController().signal }

test('an answer without end is given up, not swallowed', async () => {
  const url = await serving((_path, response) => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20)
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', more)
    more()
  })
  expect(await restGet(url, options)).toEqual({ kind: 'failed', error: 'the answer is larger than 32 MB' })
})

test('redirects without end, garbage instead of HTTP, silence and a body cut short are outcomes', async () => {
  const circle = await serving((_path, response) => response.writeHead(302, { location: '/again' }).end())
  expect((await restGet(circle, options)).kind).toBe('failed')
  const cut = await serving((_path, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"half":')
    setTimeout(() => response.destroy(), 20)
  })
  expect((await restGet(cut, options)).kind).toBe('failed')
  const garbage = await serving((_path, response) => response.socket?.end('\u0000\u0001 no http at all\r\n\r\n'))
  expect((await restGet(garbage, options)).kind).toBe('failed')
  const silent = await serving(() => undefined)
  expect((await restGet(silent, { ...options, timeoutMs: 200 })).kind).toBe('failed')
})

test('a list of markets that is anything but one ends the start with a sentence and leaves nothing', async () => {
  for (const body of ['', '<html>', 'null', '7', '{"markets":{}}', '"[[["', '['.repeat(100_000), '{"markets":[]}', '[null,1,"x",[]]']) {
    const url = await serving((_path, response) => response.end(body))
    const running = startPlant({ gammaBaseUrl: url, clobWsUrl: 'ws://127.0.0.1:1', wsShards: 1 })
    await running.done
    expect(running.events.find((event) => event.kind === 'failed')?.failure).toMatchObject({
      code: 'VENUE_REFUSED',
      message: expect.stringMatching(/^The /) as string
    })
    expect(existsSync(running.dir())).toBe(false)
  }
})

test('of markets with wrong types, and of tokens that come twice, what cannot be is left out', async () => {
  const row = (id: unknown, clobTokenIds: unknown, more: object = {}): object => ({
    id,
    conditionId: '0x1',
    outcomes: '["Yes","No"]',
    clobTokenIds,
    ...more
  })
  const rows = [
    row('1', ['11', '12']),
    row('2', ['11', '11']),
    row('3', [null, {}]),
    row('4', '["' + 'x'.repeat(101) + '","y"]'),
    row('5', [51, 52]),
    row('6', [1e300, 2]),
    row('7', ['a b', 'c']),
    row('8', '["\\u0000","z"]'),
    row({ a: 1 }, ['81', '82']),
    row('9', 'not json,["'),
    row('10', ['101', '102'], { volume: 'NaN', liquidity: [], endDate: 'soon', slug: {} }),
    row('1', ['11', '12'])
  ]
  const get: RecordedGet = () => Promise.resolve({ status: 200, body: Buffer.from(JSON.stringify({ markets: rows })) })
  const { markets } = await discoverPolymarket(get, { gammaBaseUrl: 'http://g', pageLimit: 100, maxMarkets: undefined })
  expect(markets.map((market) => market.tokenIds.join('+')).toSorted()).toEqual(['101+102', '11+12', '51+52', '81+82'])
})

test('a slow accept, broken texts and frames over the limit stop nothing', async () => {
  const source = { kind: 'generator', seed: 3, markets: 6, messagesPerSecond: 200, venue: 'polymarket' } as const
  const venue = await startPracticeVenue({ source })
  open.push(() => venue.close())
  venue.inject({ kind: 'slowAccept', ms: 700 })
  const running = startPlant({ ...venueConfig(venue), wsShards: 1 })
  open.push(async () => {
    running.plant.stop('test over')
    await running.done
  })
  await running.until('shardState', (event) => event.state === 'open')
  for (let i = 0; i < 20; i++) venue.inject({ kind: 'malformed' })
  venue.inject({ kind: 'oversized', bytes: 60 * 1024 * 1024 })
  venue.inject({ kind: 'oversized', bytes: 64 * 1024 * 1024 })
  await expect.poll(() => running.runlog('reconnect').length, { timeout: 20_000 }).toBe(1)
  await expect.poll(() => running.runlog('ws_connect').length, { timeout: 20_000 }).toBe(2)
  running.plant.stop('stop')
  await running.done
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: true })
  expect(running.runlog('capture_stop')).toMatchObject([{ quality_ok: true, loss_total: 0 }])
  expect(verifyRun(running.dir()).ok).toBe(true)
}, 60_000)
