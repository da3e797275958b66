import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomRecord } from '../testing/randomRecords.ts'
import { CHANNELS, decodeRecord, encodeRecord, forEachRecord, HEADER_BYTES, recordBytes, type Channel } from './index.ts'

const channels: readonly Channel[] = CHANNELS
const wire = fc.constantFrom(...channels).chain((channel) => randomRecord(channel).map((record) => ({ channel, record })))

function encoded(channel: Channel, record: object): DataView {
  // A prefix and rubbish behind: offsets must count from the start that was given.
  const view = new DataView(new Uint8Array(7 + recordBytes(channel, record) + 5).fill(0xaa).buffer)
  const end = encodeRecord(channel, record as never, view, 7)
  expect(end).toBe(7 + recordBytes(channel, record))
  expect(new Uint8Array(view.buffer).slice(end)).toEqual(new Uint8Array(5).fill(0xaa))
  return view
}

describe.each(channels.map((channel) => [channel.name, channel] as const))('%s', (_name, channel) => {
  test('any record survives the way to bytes and back', () => {
    fc.assert(
      fc.property(randomRecord(channel), (record) => {
        expect(decodeRecord(channel, encoded(channel, record), 7)).toEqual(record)
      }),
      { numRuns: 300 }
    )
  })

  test('an absent field leaves no trace of what was in the buffer before', () => {
    fc.assert(
      fc.property(randomRecord(channel), (record) => {
        const dirty = encoded(channel, record)
        const clean = new DataView(new ArrayBuffer(dirty.byteLength))
        const end = encodeRecord(channel, record as never, clean, 7)
        expect(new Uint8Array(dirty.buffer).slice(7, end)).toEqual(new Uint8Array(clean.buffer).slice(7, end))
      }),
      { numRuns: 100 }
    )
  })
})

test('wire ids are unique and rise by one from 1, since the list is append only', () => {
  expect(channels.map((channel) => channel.wireId)).toEqual(channels.map((_, i) => i + 1))
  expect(new Set(channels.map((channel) => channel.name)).size).toBe(channels.length)
})

test('a batch of records of all channels is walked record by record', () => {
  fc.assert(
    fc.property(fc.array(wire, { maxLength: 20 }), (batch) => {
      const view = new DataView(new ArrayBuffer(batch.reduce((sum, { channel, record }) => sum + recordBytes(channel, record), 0)))
      let end = 0
      for (const { channel, record } of batch) end = encodeRecord(channel, record as never, view, end)
      const seen: unknown[] = []
      forEachRecord(view, 0, end, (wireId, start) => seen.push(decodeRecord(channels[wireId - 1]!, view, start)))
      expect(seen).toEqual(batch.map(({ record }) => record))
    }),
    { numRuns: 200 }
  )
})

test('garbage never makes the walk leave the batch or run for ever', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat({ max: 40 }), (bytes, from) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const starts: number[] = []
      try {
        forEachRecord(view, Math.min(from, bytes.length), bytes.length, (_id, start) => starts.push(start))
      } catch (error) {
        expect((error as Error).message).toMatch(/^record at \d+ claims \d+ bytes, \d+ are left$/)
      }
      for (const start of starts) expect(start + view.getUint32(start, true)).toBeLessThanOrEqual(bytes.length)
    }),
    { numRuns: 2000 }
  )
})

test('a batch that ends inside a record is refused, not cut short in silence', () => {
  const frame = {
    ch: 'frame_raw',
    shard: 0,
    frameIdx: 0,
    pos: 0,
    instrumentId: 0,
    recvRelNs: 1,
    rxWallRelNs: 1,
    flags: 1,
    payloadBytes: 2,
    payloadCrc32: 3,
    outcome: 'decoded',
    events: 0
  }
  const view = new DataView(new ArrayBuffer(2 * recordBytes(channels[0]!, frame)))
  encodeRecord(channels[0]!, frame as never, view, 0)
  encodeRecord(channels[0]!, frame as never, view, view.byteLength / 2)
  for (let cut = view.byteLength / 2 + 1; cut < view.byteLength; cut++) {
    expect(() => forEachRecord(view, 0, cut, () => undefined)).toThrow(/record at \d+/)
  }
})

test('a record shorter than its own fixed part is refused', () => {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES))
  view.setUint32(0, HEADER_BYTES - 1, true)
  expect(() => forEachRecord(view, 0, HEADER_BYTES, () => undefined)).toThrow(/claims 31 bytes/)
})

test('a record without a required field or with a value outside its list is a bug, not bytes', () => {
  const view = new DataView(new ArrayBuffer(1000))
  const base = {
    ch: 'frame_raw',
    shard: 0,
    frameIdx: 0,
    pos: 0,
    instrumentId: 0,
    recvRelNs: 0,
    rxWallRelNs: 1,
    flags: 1,
    payloadBytes: 2,
    payloadCrc32: 3,
    events: 0
  }
  expect(() => encodeRecord(channels[0]!, base as never, view, 0)).toThrow(/lacks outcome/)
  expect(() => encodeRecord(channels[0]!, { ...base, outcome: 'nonsense' }, view, 0)).toThrow(/nonsense is not one of/)
})
