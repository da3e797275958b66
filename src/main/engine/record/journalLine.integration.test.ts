import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CHANNELS,
  decodeRecord,
  encodeRecord,
  eventJson,
  eventWindow,
  InstrumentTable,
  instrument,
  recordBytes,
  station,
  STATION_BASE,
  tapeTrades,
  topOfBook,
  windowIdOf,
  type Channel,
  type EventContext
} from '../../../shared/channels/index.ts'
import { randomRecord } from '../../../shared/testing/randomRecords.ts'
import { eventIdsOf } from '../tape/index.ts'
import { parseJournalLine } from './lineParser.ts'
import { LineWriter, type WindowStart } from './lineWriter.ts'
import { TextBuffer } from './textBuffer.ts'

const RUN = '20261120T093000Z-0badcafe'
const ORIGIN = 1_763_631_000_123_456_789n
const channels: readonly Channel[] = CHANNELS
const newLine = new TextDecoder('utf-8', { ignoreBOM: true })

function bytesOf(channel: Channel, record: object): Uint8Array {
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
  return bytes
}

function lineOf(writer: LineWriter, bytes: Uint8Array, window?: WindowStart): string {
  const out = new TextBuffer()
  writer.write(out, new DataView(bytes.buffer), 0, window)
  const text = newLine.decode(out.bytes.subarray(0, out.length))
  expect(text.endsWith(']}\n')).toBe(true)
  return text.slice(0, -1)
}

/** What the one writer of events for everybody else makes of the same records. */
function contextOf(instruments: InstrumentTable): EventContext {
  return { originTsNs: ORIGIN, instrument: (id) => instruments.get(id), eventId: eventIdsOf(RUN) }
}

/** Times that a calendar of four-digit years has, and that a run can have. */
const relNs = fc.integer({ min: 0, max: 104 * 86_400 }).chain((s) => fc.nat({ max: 999_999_999 }).map((ns) => s * 1e9 + ns))
const inRun = (channel: Channel) =>
  fc.tuple(randomRecord(channel), relNs).map(([record, recvRelNs]): Record<string, unknown> => ({ ...record, recvRelNs }))

describe.each(channels.map((channel) => [channel.name, channel] as const))('%s', (_name, channel) => {
  test('any record comes back from its line bit for bit', () => {
    const writer = new LineWriter(RUN, ORIGIN)
    fc.assert(
      fc.property(inRun(channel), (record) => {
        const bytes = bytesOf(channel, record)
        const parsed = parseJournalLine(lineOf(writer, bytes))
        expect(parsed?.channel).toBe(channel)
        expect(parsed?.bytes).toEqual(bytes)
      }),
      { numRuns: 300 }
    )
  })

  test('the line is the event as everybody writes it, with its place at the end', () => {
    const writer = new LineWriter(RUN, ORIGIN)
    const instruments = new InstrumentTable()
    const context = contextOf(instruments)
    const window = fc.option(fc.record({ shard: fc.nat(9), frameIdx: fc.nat(), pos: fc.nat(99) }), { nil: undefined })
    fc.assert(
      fc.property(inRun(channel), window, (record, inside) => {
        const bytes = bytesOf(channel, record)
        const plain = decodeRecord(channel, new DataView(bytes.buffer), 0) as never
        if (channel.name === 'instrument' || channel.name === 'station') instruments.take(plain)
        const windowId = inside && windowIdOf(context.eventId(inside.shard, inside.frameIdx, inside.pos))
        const event = eventJson(channel, plain, context, { windowId })
        const { shard, frameIdx, pos, instrumentId, recvRelNs } = record
        expect(lineOf(writer, bytes, inside)).toBe(
          `${event.slice(0, -1)},"at":[${[shard, frameIdx, pos, instrumentId, recvRelNs].map(String).join(',')}]}`
        )
      }),
      { numRuns: 300 }
    )
  })
})

test('instruments and stations give their names to the lines behind them', () => {
  const writer = new LineWriter(RUN, ORIGIN)
  const place = { shard: 1, frameIdx: 2, pos: 3, recvRelNs: 5 }
  const facts = '{"token_id":"77\\"1","market_id":"0xé"}'
  lineOf(writer, bytesOf(instrument, { ch: 'instrument', ...place, instrumentId: 4, tickE6: 10_000, venue: 'polymarket', text: facts }))
  lineOf(writer, bytesOf(station, { ch: 'station', ...place, instrumentId: STATION_BASE + 1, text: '{"station_id":"KLGA"}' }))
  const trade = { ch: 'tape_trades', ...place, pxE6: 1, sizeE6: 2, side: 'buy', text: '' }
  expect(JSON.parse(lineOf(writer, bytesOf(tapeTrades, { ...trade, instrumentId: 4 })))).toMatchObject({
    market_id: '0xé',
    token_id: '77"1'
  })
  expect(JSON.parse(lineOf(writer, bytesOf(tapeTrades, { ...trade, instrumentId: STATION_BASE + 1 })))).toMatchObject({
    station_id: 'KLGA'
  })
})

test('an event window is part of itself, and its end goes back to the frame that opened it', () => {
  const ids = eventIdsOf(RUN)
  const end = {
    ch: 'event_window',
    shard: 0,
    frameIdx: 900,
    pos: 1,
    instrumentId: 0,
    recvRelNs: 9,
    action: 'END',
    trigger: 'METAR',
    durationS: 120,
    startRelNs: 1,
    causeShard: 0,
    causeFrameIdx: 7,
    causePos: 2,
    text: 'over'
  }
  const line: unknown = JSON.parse(lineOf(new LineWriter(RUN, ORIGIN), bytesOf(eventWindow, end)))
  expect(line).toMatchObject({ event_id: ids(0, 900, 1), correlation_id: ids(0, 7), window_id: ids(0, 7, 2).slice(0, 8) })
})

test('a record that JSON cannot carry comes back all the same', () => {
  const writer = new LineWriter(RUN, ORIGIN)
  const place = { shard: 1, frameIdx: 2, pos: 3, instrumentId: 4, recvRelNs: 5 }
  const trade = bytesOf(tapeTrades, { ch: 'tape_trades', ...place, pxE6: 1, sizeE6: 2, side: 'buy', text: 'abc' })
  trade[trade.length - 2] = 0xff
  const nan = bytesOf(channels[4]!, {
    ch: 'l2_snap_1s',
    ...place,
    second: 1,
    resyncEpochId: 1,
    bookOk: true,
    midE6: NaN,
    levels: { bids: [], asks: [] }
  })
  const absent = bytesOf(topOfBook, { ch: 'top_of_book', ...place, bookOk: true })
  absent[topOfBook.at.bidPxE6] = 9
  for (const bytes of [trade, nan, absent]) {
    const line = lineOf(writer, bytes)
    expect(line).toContain('"data":{},"raw":"')
    expect(parseJournalLine(line)?.bytes).toEqual(bytes)
  }
})

test('no text that is not a whole line is taken for one', () => {
  const writer = new LineWriter(RUN, ORIGIN)
  fc.assert(
    fc.property(
      fc.constantFrom(...channels).chain((channel) => inRun(channel).map((record) => bytesOf(channel, record))),
      fc.nat(),
      (bytes, n) => {
        const line = lineOf(writer, bytes)
        expect(parseJournalLine(line.slice(0, n % line.length))).toBeUndefined()
      }
    ),
    { numRuns: 300 }
  )
  for (const text of ['', 'null', '[]', '{}', '{"ch":"bbo"}', '{"ch":"nothing","event_id":"x","at":[0,0,0,0,0],"data":{}}'])
    expect(parseJournalLine(text)).toBeUndefined()
})
