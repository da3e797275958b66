import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomRecord } from '../testing/randomRecords.ts'
import { millionthsText } from './exactJson.ts'
import {
  CHANNELS,
  csvHeader,
  csvRow,
  docsTable,
  eventJson,
  eventWindow,
  metarObs,
  millionthsOf,
  nowcast1m,
  type Nowcast1m,
  STATION_BASE,
  integrity,
  InstrumentTable,
  l2Book,
  parseEvent,
  tapeTrades,
  topOfBook,
  type Channel,
  type Envelope,
  type EventContext,
  type EventWindow,
  type MetarObs,
  type Instrument,
  type Integrity,
  type L2Book,
  type TapeTrade,
  type TopOfBook
} from './index.ts'

const channels: readonly Channel[] = CHANNELS
const ORIGIN = 1_732_060_799_999_999_999n // 2024-11-19T23:59:59.999999999Z
const context: EventContext = {
  originTsNs: ORIGIN,
  instrument: (id) => (id === 7 ? { tokenId: '123', marketId: '0xabc' } : id === 8 ? { tokenId: 'BTCUSDT', marketId: '' } : undefined),
  eventId: (shard, frame, pos) => (pos === undefined ? `frame ${shard}:${frame}` : `event ${shard}:${frame}:${pos}`)
}
const head = { shard: 2, frameIdx: 5, pos: 1, instrumentId: 7, recvRelNs: 1 } as const

const trade: TapeTrade = {
  ch: 'tape_trades',
  ...head,
  pxE6: 61_602_010_000,
  sizeE6: 1,
  side: 'buy',
  exchTsMs: 1_732_060_800_123,
  text: 'abc'
}

test('an event is the envelope of the seed, then the payload under data', () => {
  expect(eventJson(tapeTrades, trade, context)).toBe(
    '{"schema_version":1,"event_id":"event 2:5:1","correlation_id":"frame 2:5","ch":"tape_trades","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00",' +
      '"ts_nyc":"2024-11-19 19:00:00","ts_es":"2024-11-20 01:00:00","obs_time_utc":"2024-11-20T00:00:00.123000+00:00","market_id":"0xabc","token_id":"123",' +
      '"data":{"price":61602.01,"size":0.000001,"side":"buy","ts_exchange_ms":1732060800123,"trade_id":"abc"}}'
  )
})

test('what is absent is left out, and never null', () => {
  const top: TopOfBook = { ch: 'top_of_book', ...head, instrumentId: 8, bookOk: false }
  const event = JSON.parse(eventJson(topOfBook, top, context)) as Record<string, unknown>
  expect(event['data']).toEqual({ book_ok: false })
  expect(event['token_id']).toBe('BTCUSDT')
  for (const key of ['obs_time_utc', 'market_id', 'station_id', 'window_id']) expect(event).not.toHaveProperty(key)
  const gap: Integrity = {
    ch: 'integrity',
    ...head,
    instrumentId: 0,
    kind: 'GAP_DETECTED',
    reason: 'no_watermark',
    resyncEpochId: 0,
    text: 'x'
  }
  const other = JSON.parse(eventJson(integrity, gap, context)) as Record<string, unknown>
  expect(other).not.toHaveProperty('token_id')
})

test('levels are pairs of exact decimals, even where a double would lose digits', () => {
  const book: L2Book = {
    ch: 'l2_book',
    ...head,
    kind: 'snapshot',
    resyncEpochId: 1,
    bookOk: true,
    levels: { bids: [Number.MAX_SAFE_INTEGER, 10, 500_000, 0], asks: [] }
  }
  const line = eventJson(l2Book, book, context)
  expect(line).toContain('"bids":[[9007199254.740991,0.00001],[0.5,0]],"asks":[]')
  expect(parseEvent(line)?.levels).toEqual(book.levels)
})

test.each([
  [ORIGIN - 1_000n, '2024-11-19T23:59:59.999998+00:00'],
  [0n, '1970-01-01T00:00:00.000000+00:00'],
  [-1n, '1969-12-31T23:59:59.999999+00:00'],
  [1_711_846_800_000_000_000n, '2024-03-31T01:00:00.000000+00:00']
])('%d ns is %s', (ts, iso) => {
  const line = eventJson(tapeTrades, { ...trade, recvRelNs: 0 }, { ...context, originTsNs: ts })
  expect(JSON.parse(line)).toMatchObject({ ts_ingest_utc: iso })
})

test.each([
  // Madrid leaves standard time on 31 March, New York had done so on 10 March.
  ['2024-03-31T00:59:59.000000+00:00', '2024-03-30 20:59:59', '2024-03-31 01:59:59'],
  ['2024-03-31T01:00:00.000000+00:00', '2024-03-30 21:00:00', '2024-03-31 03:00:00'],
  // Midnight in New York is 00, never 24.
  ['2024-07-04T04:00:00.000000+00:00', '2024-07-04 00:00:00', '2024-07-04 06:00:00'],
  ['2024-11-03T06:00:00.000000+00:00', '2024-11-03 01:00:00', '2024-11-03 07:00:00']
])('at %s the local times are %s and %s', (iso, newYork, madrid) => {
  const originTsNs = BigInt(Date.parse(iso)) * 1_000_000n
  expect(JSON.parse(eventJson(tapeTrades, { ...trade, recvRelNs: 0 }, { ...context, originTsNs }))).toMatchObject({
    ts_ingest_utc: iso,
    ts_nyc: newYork,
    ts_es: madrid
  })
})

test('a venue time that no calendar has is left out of the envelope and kept in the payload', () => {
  const event = JSON.parse(eventJson(tapeTrades, { ...trade, exchTsMs: 9_000_000_000_000_000 }, context)) as Record<string, unknown>
  expect(event).not.toHaveProperty('obs_time_utc')
  expect(event['data']).toMatchObject({ ts_exchange_ms: 9_000_000_000_000_000 })
})

describe.each(channels.map((channel) => [channel.name, channel] as const))('%s', (name, channel) => {
  const { shard, frameIdx, pos, instrumentId } = head

  test('any record survives the way to JSON and back, nested or flat', () => {
    fc.assert(
      fc.property(randomRecord(channel), fc.integer({ min: 0, max: 1e15 }), (random, recvRelNs) => {
        const record = { ...random, shard, frameIdx, pos, instrumentId, recvRelNs }
        const line = eventJson(channel, record as never, context)
        expect(line).not.toMatch(/[\r\n]/)
        const { ch: _ch, levels, text, ...rest } = random
        for (const key of ['shard', 'frameIdx', 'pos', 'instrumentId', 'recvRelNs']) delete rest[key]
        const nested = parseEvent(line)
        expect(nested).toMatchObject({ ch: name, values: rest, recvTsNs: ((ORIGIN + BigInt(recvRelNs)) / 1000n) * 1000n })
        expect(Object.keys(nested!.values).sort()).toEqual(Object.keys(rest).sort())
        expect([nested?.levels, nested?.text]).toEqual([levels, text])
        const flat = line.replace(/,"data":\{(.*)\}\}$/s, (_all, body: string) => (body === '' ? '}' : `,${body}}`))
        expect(parseEvent(flat)).toEqual(nested)
      }),
      { numRuns: 100 }
    )
  })

  test('a row of CSV has as many cells as the header, whatever the text holds', () => {
    fc.assert(
      fc.property(randomRecord(channel), (random) => {
        const record = { ...random, shard, frameIdx, pos, instrumentId, recvRelNs: 5 }
        const [row, ...more] = readCsv(csvRow(channel, record as never, context))
        expect(more).toEqual([])
        const columns = csvHeader(channel).split(',')
        expect(row).toHaveLength(columns.length)
        const { text } = random as { text?: string }
        if (text !== undefined) expect(row?.at(-1)).toBe(text)
      }),
      { numRuns: 100 }
    )
  })

  test('has a table for the docs with a row for each field, and one for the members of its text that are columns', () => {
    const page = docsTable(channel)
    for (const { wire } of [...Object.values(channel.fields), ...(channel.tail?.members ?? [])]) expect(page).toContain(`\`${wire}\``)
    const tables = page
      .trimEnd()
      .split('\n\n')
      .filter((block) => block.startsWith('|'))
    expect(tables.length).toBeLessThanOrEqual(2)
    for (const table of tables) {
      const widths = table.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length)
      expect(new Set(widths).size).toBe(1)
    }
  })
})

test('the columns of CSV are the envelope, the fields on the wire and the tail', () => {
  expect(csvHeader(tapeTrades)).toBe(
    'event_id,correlation_id,ts_ingest_utc,ts_nyc,ts_es,obs_time_utc,station_id,market_id,token_id,window_id,price,size,side,ts_exchange_ms,trade_id'
  )
  expect(csvHeader(l2Book)).toMatch(/,book_ok,bids,asks$/)
  expect(csvRow(tapeTrades, { ...trade, text: 'a"b,c' }, context)).toMatch(/,61602\.01,0\.000001,buy,1732060800123,"a""b,c"$/)
})

test.each([
  '',
  '{',
  'null',
  '[]',
  '42',
  '"x"',
  '{"ch":"tape_trades"}',
  '{"ch":"nonsense","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00"}',
  '{"ch":"tape_trades","ts_ingest_utc":"yesterday","data":{"price":1,"size":1,"side":"buy","trade_id":""}}',
  '{"ch":"tape_trades","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00","data":{"price":"1","size":1,"side":"buy","trade_id":""}}',
  '{"ch":"tape_trades","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00","data":{"price":1,"size":1,"side":"both","trade_id":""}}',
  '{"ch":"tape_trades","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00","data":{"price":1e99,"size":1,"side":"buy","trade_id":""}}',
  '{"ch":"l2_book","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00","data":{"kind":"delta","resync_epoch_id":1,"book_ok":true,"bids":[[1]],"asks":[]}}',
  '{"ch":"l2_book","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00","data":{"kind":"delta","resync_epoch_id":-1,"book_ok":true,"bids":[],"asks":[]}}'
])('%s is no event', (line) => expect(parseEvent(line)).toBeUndefined())

test('a torn line is no event, wherever it is torn', () => {
  const line = eventJson(tapeTrades, trade, context)
  for (let end = 0; end < line.length; end++) expect(parseEvent(line.slice(0, end))).toBeUndefined()
  expect(parseEvent(`${line}\n`)).toBeDefined()
})

test('instrument numbers are looked up in what the instrument records said last', () => {
  const table = new InstrumentTable()
  const facts: Instrument = { ch: 'instrument', ...head, instrumentId: 3, tickE6: 1, venue: 'binance', text: '{"token_id":"A"}' }
  table.take(facts)
  expect(table.get(3)).toEqual({ tokenId: 'A', marketId: '' })
  table.take({ ...facts, text: '{"token_id":"A","market_id":"M"}' })
  expect(table.get(3)).toEqual({ tokenId: 'A', marketId: 'M' })
  table.take({ ...facts, instrumentId: 4, text: 'no json' })
  expect(table.get(4)).toEqual({ tokenId: '', marketId: '' })
  expect(table.get(5)).toBeUndefined()
})

test('what a channel says beside its fields stands beside them in JSON, with its own names', () => {
  const head0 = { ...head, instrumentId: 0 }
  const report = { ...head0, ch: 'metar_obs', windSpeedKt: 10, tempSource: 'none', kind: 'METAR', corrected: false, qc: 'OK', exchTsMs: 0 }
  const text = '{"src":"METAR","raw":"METAR KLGA","sky":[{"cover":"CLR"}],"at":[1],"data":{"x":1}}'
  const line = eventJson(metarObs, { ...report, text } as MetarObs, context)
  expect((JSON.parse(line) as { data: object }).data).toEqual({
    wind_speed: 10,
    temp_source: 'none',
    kind: 'METAR',
    corrected: false,
    qc: 'OK',
    obs_ts_ms: 0,
    ...(JSON.parse(text) as object)
  })
  expect(parseEvent(line)?.text).toBe(text)
})

test.each([
  ['{"qc":"OK","p_bucket":[]}', '"nowcast":{"qc":"OK","p_bucket":[]}'],
  ['{"nowcast":3}', '"nowcast":{"nowcast":3}'],
  ['{ "p_bucket":[]}', '"nowcast":"{ \\"p_bucket\\":[]}"'],
  ['no JSON', '"nowcast":"no JSON"'],
  ['[1]', '"nowcast":"[1]"'],
  ['{"p_bucket":[],"n":12345678901234567890}', '"p_bucket":[],"n":12345678901234567890']
])('the text %s is told as %s, and comes back', (text, members) => {
  const record = { ...head, ch: 'nowcast_1m', minute: 0, tmaxMeanF: 1, tmaxSigmaF: 1, confidence: 1, qc: 'OK', model: 'external', text }
  const line = eventJson(nowcast1m, record as Nowcast1m, context)
  expect(line.endsWith(`"model":"external",${members}}}`)).toBe(true)
  expect(parseEvent(line)?.text).toBe(text)
})

test('lines of before are read: text as a string, and the names of then', () => {
  const old = (data: string): string => `{"ch":"l2_snap_1s","ts_ingest_utc":"2024-11-20T00:00:00.000000+00:00","data":{${data}}}`
  const snap = '"second":1,"resync_epoch_id":1,"book_ok":true,"mid_e6":500000.5,"bids":[],"asks":[]'
  expect(parseEvent(old(snap))?.values).toMatchObject({ midE6: 500_000.5 })
  const fields = '"temp_source":"none","wind_speed_kt":7,"kind":"METAR","corrected":false,"qc":"OK","obs_ts_ms":0'
  const report = old(`${fields},"report":"{\\"src\\":\\"METAR\\"}"`).replace('l2_snap_1s', 'metar_obs')
  expect(parseEvent(report)).toMatchObject({ values: { windSpeedKt: 7 }, text: '{"src":"METAR"}' })
})

test.each([0, -0, 1, 500_000.5, 404_285.714_285_714_3, 1e21, 1e-9, -123.456, 5e-324, 1.7976931348623157e308, 999_999, 1_000_000, 0.1])(
  '%d millionths have a decimal that gives them back',
  (stored) => {
    const text = millionthsText(stored)
    expect(JSON.parse(text)).toBeCloseTo(stored / 1e6)
    expect(millionthsOf(text)).toBe(stored)
  }
)

test('an event of a station has its name and the time of the observation, and no token', () => {
  const table = new InstrumentTable()
  const number = STATION_BASE + 1
  table.take({ ch: 'station', ...head, instrumentId: number, text: '{"station_id":"KLGA","time_zone":"America/New_York"}' })
  const report: MetarObs = {
    ch: 'metar_obs',
    ...head,
    instrumentId: number,
    tempC: 26.7,
    tempSource: 't_group',
    kind: 'METAR',
    corrected: false,
    qc: 'OK',
    exchTsMs: 1_732_060_260_000,
    text: '{"src":"METAR"}'
  }
  const event = JSON.parse(eventJson(metarObs, report, { ...context, instrument: (id) => table.get(id) })) as Record<string, unknown>
  expect(event).toMatchObject({ station_id: 'KLGA', obs_time_utc: '2024-11-19T23:51:00.000000+00:00', correlation_id: 'frame 2:5' })
  for (const key of ['market_id', 'token_id', 'window_id']) expect(event).not.toHaveProperty(key)
})

test('both ends of an event window carry its id and the correlation of the frame that opened it', () => {
  const eventId = eventIdOfParts
  const start: EventWindow = {
    ch: 'event_window',
    ...head,
    action: 'START',
    trigger: 'METAR',
    durationS: 120,
    startRelNs: 1,
    causeShard: head.shard,
    causeFrameIdx: head.frameIdx,
    causePos: head.pos,
    text: ''
  }
  const end: EventWindow = { ...start, shard: 1, frameIdx: 900, pos: 0, action: 'END' }
  const [first, last] = [start, end].map((event) => JSON.parse(eventJson(eventWindow, event, { ...context, eventId })) as Envelope)
  expect(first?.window_id).toBe(first?.event_id.slice(0, 8))
  expect(last?.window_id).toBe(first?.window_id)
  expect(last?.correlation_id).toBe(first?.correlation_id)
  expect(last?.event_id).not.toBe(first?.event_id)
})

test('what was recorded inside a window names the window', () => {
  const line = eventJson(tapeTrades, trade, context, { windowId: 'deadbeef' })
  expect(parseEvent(line)?.envelope.window_id).toBe('deadbeef')
})

function eventIdOfParts(shard: number, frame: number, pos?: number): string {
  return `${(shard * 100_000 + frame * 100 + (pos ?? 99)).toString(16).padStart(8, '0')}-rest`
}

/** RFC 4180, the plain way. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [['']]
  let inQuotes = false
  for (let i = 0; i < text.length; i++) {
    const row = rows.at(-1)!
    const c = text[i]!
    if (inQuotes && c === '"' && text[i + 1] === '"') {
      row[row.length - 1] += '"'
      i++
    } else if (c === '"') inQuotes = !inQuotes
    else if (!inQuotes && c === ',') row.push('')
    else if (!inQuotes && c === '\n') rows.push([''])
    else row[row.length - 1] += c
  }
  return rows
}
