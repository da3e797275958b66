import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { FLAG_BINARY, FLAG_NOTE, FLAG_REST, openBundle, verifyRun } from '../bundle/index.ts'
import { captureConfig } from '../capture/index.ts'
import { auditRun } from '../inspect/index.ts'
import { eventLines, replayReport } from '../replay/index.ts'
import { LiveRun } from './liveRun.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const TOKEN = '1001'
const OTHER = '1002'
const FOREIGN = '7777777777'
const levels = (from: number, prices: readonly string[]): string => prices.map((price) => `{"price":"${price}","size":"${from}"}`).join(',')

function book(token: string, stamp = '1700000000000', bids = levels(10, ['0.40', '0.41']), asks = levels(20, ['0.61', '0.60'])): string {
  return `{"event_type":"book","asset_id":"${token}","market":"0xm","timestamp":"${stamp}","hash":"","bids":[${bids}],"asks":[${asks}]}`
}

function trade(token: string, price: string, size: string, stamp = '"1700000000500"'): string {
  return `{"event_type":"last_trade_price","asset_id":"${token}","market":"0xm","price":${price},"size":${size},"side":"BUY","timestamp":${stamp}}`
}

function change(token: string, price: string, size: string, stamp = '1700000000600'): string {
  return `{"event_type":"price_change","market":"0xm","timestamp":"${stamp}","price_changes":[{"asset_id":"${token}","price":${price},"size":${size},"side":"BUY","hash":""}]}`
}

/** What a message has to become. */
type Outcome = 'decoded' | 'control' | 'unknown' | 'malformed' | 'rejected'
interface Sent {
  readonly bytes: Buffer
  readonly binary: boolean
  readonly outcome: Outcome
}
const sends = (outcome: Outcome, ...texts: (string | Buffer)[]): Sent[] =>
  texts.map((text) => ({ bytes: Buffer.from(text), binary: false, outcome }))

const HOSTILE: readonly Sent[] = [
  ...sends('decoded', book(TOKEN), `[${book(OTHER)}]`),
  // Nulls.
  ...sends('unknown', 'null', '{}', '{"event_type":null}', '{"event_type":null,"asset_id":null,"bids":null,"asks":null}'),
  ...sends(
    'rejected',
    '{"event_type":"book","asset_id":null,"bids":null,"asks":null}',
    trade(TOKEN, 'null', 'null'),
    change(TOKEN, 'null', '"1"')
  ),
  ...sends('rejected', '[null]', `[${book(TOKEN)},null,{}]`, '{"event_type":"price_change","price_changes":null}'),
  // Numbers that cannot be.
  ...sends(
    'rejected',
    trade(TOKEN, '1e400', '"1"'),
    trade(TOKEN, '"NaN"', '"1"'),
    trade(TOKEN, '"-0.5"', '"1"'),
    trade(TOKEN, '"0x1f"', '"1"')
  ),
  ...sends(
    'rejected',
    change(TOKEN, '"0.5"', '"-3"'),
    change(TOKEN, '"99999999999999999999999999999999"', '"1"'),
    change(TOKEN, '"0.5"', '1e308')
  ),
  ...sends('rejected', book(TOKEN, '1700000000000', '{"price":{},"size":[]}'), book(TOKEN, '1700000000000', '7')),
  // Twenty decimals are a number like any other.
  ...sends(
    'decoded',
    trade(TOKEN, '"0.12345678901234567890"', '"1.00000000000000000001"'),
    change(OTHER, '"0.42000000000000000000"', '"5"')
  ),
  // Nesting.
  ...sends('malformed', '['.repeat(200_000), '{"a":'.repeat(50_000)),
  ...sends('rejected', `{"event_type":"mystery","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  // Bytes that are no text, and text that is no JSON.
  ...sends(
    'malformed',
    Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
    Buffer.from([0]),
    '{"event_type":"book"',
    '<html></html>',
    '{"a":01}',
    '\u0000\u0000'
  ),
  ...sends('malformed', Buffer.concat([Buffer.from('{"event_type":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])),
  { bytes: Buffer.from([0x80, 0x81, 0x82]), binary: true, outcome: 'malformed' },
  // Tokens that nobody asked for.
  ...sends(
    'decoded',
    book(FOREIGN),
    trade(FOREIGN, '"0.5"', '"1"'),
    change(`${TOKEN}0`, '"0.5"', '"1"'),
    change('x'.repeat(300), '"0.5"', '"1"')
  ),
  // Time that runs backwards, stands in the far future, or is none.
  ...sends(
    'decoded',
    trade(TOKEN, '"0.5"', '"2"', '"1600000000000"'),
    trade(TOKEN, '"0.5"', '"3"', '"-5"'),
    trade(TOKEN, '"0.5"', '"4"', '"99999999999999999999"')
  ),
  ...sends('decoded', trade(TOKEN, '"0.5"', '"5"', 'null'), trade(TOKEN, '"0.5"', '"6"', '{"a":1}')),
  // Types that nobody knows, and texts of the connection itself.
  ...sends('unknown', '{"event_type":"mystery"}', '{"__proto__":{"event_type":"book"}}', '7', '"book"', 'true'),
  ...sends('control', '[]', 'PONG', ''),
  ...sends('decoded', trade(TOKEN, '"0.55"', '"7"'))
]

/** A venue that answers a subscription with what it is given. */
async function venueThatSends(messages: readonly Sent[]): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  await new Promise((resolve) => server.once('listening', resolve))
  const answer = (socket: WebSocket) => (data: Buffer) => {
    if (data.toString() === 'PING') return
    for (const { bytes, binary } of messages) socket.send(bytes, { binary })
  }
  server.on('connection', (socket) => socket.on('message', answer(socket)))
  open.push(async () => {
    for (const socket of server.clients) socket.terminate()
    await new Promise((resolve) => server.close(resolve))
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function rawEvents(runDir: string, channel: string): Promise<{ data: Record<string, unknown>; market_id?: string }[]> {
  const events: { data: Record<string, unknown>; market_id?: string }[] = []
  for await (const lines of eventLines(runDir, { format: 'ndjson', channels: new Set([channel as 'frame_raw']) }))
    for (const line of lines) events.push(JSON.parse(line) as { data: Record<string, unknown> })
  return events
}

async function payloads(runDir: string): Promise<Sent['bytes'][]> {
  const bundle = await openBundle(runDir)
  const reader = bundle.openReader(0)
  const found: Buffer[] = []
  while (reader.next()) {
    if ((reader.flags & (FLAG_NOTE | FLAG_REST)) !== 0) continue
    found.push(Buffer.from(reader.payload()))
    expect((reader.flags & FLAG_BINARY) !== 0).toBe(HOSTILE[found.length - 1]?.binary)
  }
  reader.close()
  bundle.close()
  return found
}

test('whatever a venue sends is kept as it came, judged and counted, and neither plant nor tape stops for it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-hostile-'))
  open.push(() => Promise.resolve(rmSync(dataDir, { recursive: true, force: true })))
  const config = captureConfig({
    dataDir,
    clobWsUrl: await venueThatSends(HOSTILE),
    clobBaseUrl: 'http://127.0.0.1:1',
    tokenIds: [TOKEN, OTHER],
    wsShards: 1,
    wsPingIntervalSeconds: 600,
    minFreeDiskGb: null,
    captureHeartbeatIntervalSeconds: 0.2,
    captureBackpressureFatalMs: 60_000,
    captureCoverageMetricsIntervalSeconds: 0.2
  })
  let beat: Record<string, unknown> = {}
  const onCapture = (event: { kind: string; json?: string }): void => {
    if (event.kind === 'heartbeat') beat = JSON.parse(event.json ?? '{}') as Record<string, unknown>
  }
  const run = new LiveRun({ config, name: 'test', onEvent: () => undefined, onCapture })
  open.push(() => run.stop('test over'))
  const { runDir } = await run.started
  const total = (counts: unknown): number => Object.values((counts ?? {}) as Record<string, number>).reduce((sum, n) => sum + n, 0)
  // The tape says what it counted and what it lacks in reports of its own, which the next heartbeats carry.
  const told = (): unknown[] => [total(beat['msg_type_counts']), beat['tokens_without_first_book']]
  await expect.poll(told, { timeout: 30_000 }).toEqual([HOSTILE.length, 0])
  const counted = beat
  const result = await run.stop('stop')
  expect([result.ok, result.failure]).toEqual([true, undefined])

  expect((await payloads(runDir)).map((bytes, i) => bytes.equals(HOSTILE[i]!.bytes))).toEqual(HOSTILE.map(() => true))
  expect(verifyRun(runDir).ok).toBe(true)
  const socketFrames = (await rawEvents(runDir, 'frame_raw')).filter(
    ({ data }) => data['outcome'] !== 'note' && (Number(data['flags']) & FLAG_REST) === 0
  )
  const judged = socketFrames.map(({ data }, i) => `${String(data['outcome'])} ${HOSTILE[i]?.bytes.toString('latin1').slice(0, 90) ?? ''}`)
  expect(judged).toEqual(HOSTILE.map(({ outcome, bytes }) => `${outcome} ${bytes.toString('latin1').slice(0, 90)}`))

  const of = (...outcomes: Outcome[]): number => HOSTILE.filter(({ outcome }) => outcomes.includes(outcome)).length
  expect(counted).toMatchObject({
    decode_errors: of('malformed', 'rejected'),
    parts_foreign: 4,
    reconnects: 0
  })
  const kinds = counted['msg_type_counts'] as Record<string, number>
  expect(kinds).toMatchObject({ unknown: of('unknown'), malformed: of('malformed'), rejected: of('rejected'), control: of('control') })
  expect((kinds['book'] ?? 0) + (kinds['price_change'] ?? 0) + (kinds['last_trade_price'] ?? 0)).toBe(of('decoded'))

  const trades = await rawEvents(runDir, 'tape_trades')
  expect(trades.map(({ data }) => `${String(data['price'])} x ${String(data['size'])}`)).toEqual([
    '0.123457 x 1',
    ...[2, 3, 4, 5, 6].map((size) => `0.5 x ${size}`),
    '0.55 x 7'
  ])
  const integrity = await rawEvents(runDir, 'integrity')
  expect(integrity.filter(({ data }) => data['kind'] === 'MALFORMED_FRAME').length).toBe(of('malformed', 'rejected'))
  expect((await replayReport(runDir)).fingerprint).toBe(result.summary?.sha256)
  expect((await auditRun(runDir)).quality_status).toBe('ok')
  expect(readFileSync(join(runDir, 'runlog.ndjson'), 'utf8')).not.toContain('"record_type":"reconnect"')
}, 60_000)
