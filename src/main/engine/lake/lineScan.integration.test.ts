import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHANNELS, encodeRecord, eventJson, recordBytes, type Channel } from '../../../shared/channels/index.ts'
import { randomRecord } from '../../../shared/testing/randomRecords.ts'
import { eventIdsOf } from '../tape/index.ts'
import { LineScanner } from './lineScan.ts'
import { RecordBatch } from './recordBatch.ts'
import { journalLine } from './testJournal.ts'

const recorded = CHANNELS.filter(({ scope }) => (scope as string) !== 'view') as readonly Channel[]

test.each(recorded)('a line of $name gives back the bytes of its record', (channel) => {
  const scanner = new LineScanner(channel)
  fc.assert(
    fc.property(randomRecord(channel), fc.boolean(), (random, inside) => {
      const record = { ...random, recvRelNs: Math.abs(random['recvRelNs'] as number) % 1e15 }
      const bytes = new Uint8Array(recordBytes(channel, record))
      encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
      const line = Buffer.from(
        `\n${journalLine(channel, bytes, 'run', 5n, inside && channel.name !== 'event_window' ? 'ab12cd34' : undefined)}\n`
      )
      const out = new RecordBatch(8)
      expect(scanner.scan(line, 1, line.length - 1, out)).toBe(true)
      expect(Buffer.from(out.bytes.subarray(0, out.used)).equals(Buffer.from(bytes))).toBe(true)
      // An event window is always inside itself.
      if (channel.name !== 'event_window') expect(out.windowIds.get(0)).toBe(inside ? 'ab12cd34' : undefined)
    }),
    { numRuns: 300 }
  )
  // Numbers like 1e-7 and those that JSON spells otherwise are what the slow way is for, and texts that are objects.
  if (channel.tail?.json !== true) expect(scanner.unusual).toBeLessThan(30)
})

test('a torn line, a line of another channel and text that is no JSON are no events', () => {
  const [bbo, trades] = ['bbo', 'tape_trades'].map((name) => CHANNELS.find((channel) => channel.name === name) as Channel)
  const record = { shard: 0, frameIdx: 1, pos: 2, instrumentId: 3, recvRelNs: 4, bidPxE6: 1, bidSizeE6: 2, askPxE6: 3, askSizeE6: 4 }
  const bytes = new Uint8Array(recordBytes(bbo!, record))
  encodeRecord(bbo!, record as never, new DataView(bytes.buffer), 0)
  const line = Buffer.from(journalLine(bbo!, bytes, 'run', 5n))
  const out = new RecordBatch()
  for (let cut = 0; cut < line.length; cut += 7) expect(new LineScanner(bbo!).scan(line, 0, cut, out)).toBe(false)
  expect(new LineScanner(trades!).scan(line, 0, line.length, out)).toBe(false)
  expect(new LineScanner(bbo!).scan(Buffer.from('{"schema_version":1,,}'), 0, 22, out)).toBe(false)
  expect(out.count).toBe(0)
  expect(new LineScanner(bbo!).scan(line, 0, line.length, out)).toBe(true)
})

test('a line in another spelling gives the same record', () => {
  const bbo = CHANNELS.find(({ name }) => name === 'bbo') as Channel
  const record = { shard: 0, frameIdx: 1, pos: 2, instrumentId: 3, recvRelNs: 4, bidPxE6: 1, bidSizeE6: 2, askPxE6: 3, askSizeE6: 4 }
  const bytes = new Uint8Array(recordBytes(bbo, record))
  encodeRecord(bbo, record as never, new DataView(bytes.buffer), 0)
  const spelled = JSON.stringify(JSON.parse(journalLine(bbo, bytes, 'run', 5n)), undefined, 1).replaceAll('\n', ' ')
  const out = new RecordBatch()
  const scanner = new LineScanner(bbo)
  expect(scanner.scan(Buffer.from(spelled), 0, Buffer.byteLength(spelled), out)).toBe(true)
  expect(Buffer.from(out.bytes.subarray(0, out.used)).equals(Buffer.from(bytes))).toBe(true)
  expect(scanner.unusual).toBe(1)
})

test('the line of a test is the line that the shared writer makes', () => {
  const bbo = CHANNELS.find(({ name }) => name === 'bbo') as Channel
  const record = { shard: 0, frameIdx: 1, pos: 2, instrumentId: 0, recvRelNs: 4, bidPxE6: 1, bidSizeE6: 2, askPxE6: 3, askSizeE6: 4 }
  const bytes = new Uint8Array(recordBytes(bbo, record))
  encodeRecord(bbo, record as never, new DataView(bytes.buffer), 0)
  const context = { originTsNs: 5n, instrument: () => undefined, eventId: eventIdsOf('run') }
  const shared = eventJson(bbo, { ch: 'bbo', ...record }, context)
  expect(journalLine(bbo, bytes, 'run', 5n)).toBe(`${shared.slice(0, -1)},"at":[0,1,2,0,4]}`)
})
