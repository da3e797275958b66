import { describe, expect, test } from 'vitest'
import { encodeRecord, recordBytes, type Channel, type TapeRecord } from '../../../shared/channels/index.ts'
import { MAX_PENDING } from './bookState.ts'
import { MAX_INSTRUMENTS } from './instruments.ts'
import { binanceInStep, binanceTape, byWireId, depth, recordsIn, S, snapshot, TestTape } from './testTape.ts'

const REJECTED = 'rejected'

describe('the documented way into step with a Binance book', () => {
  test('updates wait for the snapshot, those that it holds are dropped, the rest is applied', () => {
    const t = binanceTape()
      .json(depth(5, 8, [['9', '1']]))
      .json(depth(9, 12, [['10', '7']]))
      .json(
        depth(
          13,
          13,
          [],
          [
            ['11', '0'],
            ['12', '3']
          ]
        )
      )
    expect(t.requests).toEqual(['ABC'])
    expect(t.of('l2_book')).toEqual([])
    t.rest('depth', 'ABC', snapshot(9))
    expect(t.of('l2_book').map((book) => [book.kind, book.seq, book.bookOk])).toEqual([
      ['snapshot', 9, true],
      ['delta', 12, true],
      ['delta', 13, true]
    ])
    expect(t.top('ABC')).toEqual([10e6, 12e6])
    expect(t.integrity()).toEqual([])
    expect(t.book('ABC').epoch).toBe(1)
  })

  test('a snapshot older than the first update that waits is asked for again', () => {
    const t = binanceTape().json(depth(20, 22)).rest('depth', 'ABC', snapshot(19))
    expect(t.requests).toEqual(['ABC', 'ABC'])
    expect(t.of('l2_book')).toEqual([])
    expect(t.book('ABC').ok).toBe(false)
    t.rest('depth', 'ABC', snapshot(20))
    expect(t.requests).toHaveLength(2)
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 22 })
    expect(t.integrity()).toEqual([])
  })

  test('a snapshot that holds everything that waits is enough, and the next update goes on from it', () => {
    const t = binanceTape()
      .json(depth(1, 2))
      .json(depth(3, 4))
      .rest('depth', 'ABC', snapshot(9))
      .json(depth(5, 9))
      .json(depth(8, 12, [['10', '2']]))
    expect(t.integrity()).toEqual([])
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 12 })
    expect(t.tape.books.counts.stale).toBe(1)
  })

  test('a snapshot nobody needs changes nothing', () => {
    const t = binanceInStep().rest('depth', 'ABC', snapshot(500, [['1', '1']], [['2', '1']]))
    expect(t.top('ABC')).toEqual([10e6, 11e6])
    expect(t.tape.books.counts.stale).toBe(1)
  })

  test('a body without its note, and a body after another one, belong to nothing', () => {
    const t = binanceTape().json(depth(9, 10))
    t.push(JSON.stringify(snapshot(10)), 9)
    expect(t.book('ABC').known).toBe(false)
    t.rest('depth', 'ABC', snapshot(10)).push(JSON.stringify(snapshot(11)), 9)
    expect(t.book('ABC').seq).toBe(10)
    expect(t.of('frame_raw').map((frame) => frame.outcome)).toEqual(['note', 'decoded', 'unknown', 'note', 'decoded', 'unknown'])
  })
})

describe('what goes wrong on the way', () => {
  test('a hole in the sequence is a gap, then a resync with the next epoch, and until it is done snapshots say so', () => {
    const t = binanceInStep()
      .ticksTo(1.5 * S)
      .json(depth(13, 14, [['10', '5']]))
    expect(t.integrity()).toEqual(['GAP_DETECTED sequence_hole 1', 'BOOK_RESYNC_START sequence_hole 2'])
    expect(t.of('integrity').find((event) => event.kind === 'GAP_DETECTED')).toMatchObject({ seqExpected: 11, seqGot: 13 })
    expect(t.requests.slice(-1)).toEqual(['ABC'])
    t.json(depth(15, 16)).ticksTo(3.5 * S)
    t.rest('depth', 'ABC', snapshot(15, [['10', '5']], [['11', '1']])).ticksTo(6.5 * S)
    expect(t.integrity().slice(2)).toEqual(['BOOK_RESYNC_DONE none 2'])
    const done = t.of('integrity').find((event) => event.kind === 'BOOK_RESYNC_DONE')
    expect(done).toMatchObject({ seqGot: 15 })
    expect(done?.durationNs).toBeGreaterThan(2 * S)
    const snaps = t.of('l2_snap_1s').map((snap) => [snap.second - 1_700_000_000, snap.bookOk, snap.resyncEpochId])
    // The gap came in second 1, the new book in second 3: both were not trusted at some time.
    expect(snaps).toEqual([
      [0, true, 1],
      [1, false, 2],
      [2, false, 2],
      [3, false, 2],
      [4, true, 2],
      [5, true, 2]
    ])
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 16, epoch: 2 })
  })

  test('a hole among the updates that wait is found when the snapshot comes', () => {
    const t = binanceTape().json(depth(9, 10)).json(depth(14, 15)).rest('depth', 'ABC', snapshot(9))
    expect(t.integrity()).toEqual(['GAP_DETECTED sequence_hole 1', 'BOOK_RESYNC_START sequence_hole 2'])
    expect(t.book('ABC').ok).toBe(false)
    t.rest('depth', 'ABC', snapshot(14, [['3', '1']], [['4', '1']]))
    expect(t.integrity().slice(2)).toEqual(['BOOK_RESYNC_DONE none 2'])
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 15 })
  })

  test('duplicates change nothing but a count', () => {
    const once = binanceInStep().json(depth(11, 12, [['10', '5']]))
    const twice = binanceInStep()
      .json(depth(11, 12, [['10', '5']]))
      .json(depth(11, 12, [['10', '5']]))
      .json(depth(9, 10, [['10', '99']]))
    expect(twice.top('ABC')).toEqual(once.top('ABC'))
    expect(twice.book('ABC').book.bids.sizeAt(0)).toBe(5e6)
    expect(twice.of('l2_book')).toHaveLength(once.of('l2_book').length)
    expect(twice.integrity()).toEqual([])
    expect(twice.tape.books.counts.stale).toBe(2)
  })

  test('a lost connection makes its books untrusted until a new snapshot, and one told so', () => {
    const t = binanceInStep().note({ note: 'conn_closed', venue: 'binance', trigger: 'exception', code: 1006 })
    expect(t.integrity()).toEqual(['BOOK_RESYNC_START disconnected 2'])
    expect(t.of('integrity').at(-2)).toMatchObject({
      kind: 'FEED_CLOSED',
      reason: 'disconnected',
      text: expect.stringContaining('1006') as string
    })
    const asked = t.requests.length
    t.ticksTo(3 * S)
      .note({ note: 'conn_open', venue: 'binance', streams: ['abc@depth@100ms'] })
      .json(depth(50, 52))
    expect(t.requests.length).toBe(asked + 1)
    t.rest('depth', 'ABC', snapshot(50))
    expect(t.integrity()).toEqual(['BOOK_RESYNC_START disconnected 2', 'BOOK_RESYNC_DONE none 2'])
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 52 })
  })

  test('a book that was asked for before the connection was lost is not trusted while it is down', () => {
    const t = binanceInStep().json(depth(13, 14))
    t.note({ note: 'conn_closed', venue: 'binance', trigger: 'exception', code: 1006 })
    t.rest('depth', 'ABC', snapshot(20, [['10', '9']], [['11', '9']])).ticksTo(2.5 * S)
    expect(t.book('ABC').ok).toBe(false)
    expect(t.of('l2_snap_1s').map((snap) => snap.bookOk)).toEqual([false, false])
    t.note({ note: 'conn_open', venue: 'binance', streams: ['abc@depth@100ms'] })
      .json(depth(30, 31))
      .rest('depth', 'ABC', snapshot(30))
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 31 })
    expect(t.integrity().filter((event) => event.startsWith('GAP'))).toEqual(['GAP_DETECTED sequence_hole 1'])
  })

  test.each([
    ['its first book', false],
    ['its book again', true]
  ])('an instrument that waits for %s when the connection is lost asks again on the next one', (_name, known) => {
    const t = known ? binanceInStep().json(depth(13, 14)) : binanceTape().json(depth(5, 6))
    t.note({ note: 'conn_closed', venue: 'binance', trigger: 'exception' }).rest('depth', 'ABC', snapshot(20))
    const asked = t.requests.length
    t.note({ note: 'conn_open', venue: 'binance', streams: ['abc@depth@100ms'] }).json(depth(30, 31))
    expect(t.requests.length).toBe(asked + 1)
    const gaps = t.integrity().filter((event) => event.startsWith('GAP')).length
    t.rest('depth', 'ABC', snapshot(30))
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 31 })
    expect(t.integrity().filter((event) => event.startsWith('GAP'))).toHaveLength(gaps)
  })

  test('a connection that goes silent says so', () => {
    const t = binanceInStep().note({ note: 'conn_closed', venue: 'binance', trigger: 'data_idle_timeout' })
    expect(t.of('integrity').find((event) => event.kind === 'FEED_CLOSED')).toMatchObject({ reason: 'data_idle' })
    expect(t.integrity()).toEqual(['BOOK_RESYNC_START data_idle 2'])
  })

  test('a connection that is closed on purpose leaves its books as they are', () => {
    const t = binanceInStep().note({ note: 'conn_closed', venue: 'binance', trigger: 'stop', code: 1000 })
    expect(t.integrity()).toEqual([])
    expect(t.book('ABC').ok).toBe(true)
  })

  test('a lost connection concerns only its own books', () => {
    const t = new TestTape('binance')
      .note({ note: 'conn_open', streams: ['abc@depth'] }, 0)
      .note({ note: 'conn_open', streams: ['xyz@depth'] }, 1)
    t.json(depth(1, 2, [], [], 'ABC'), 0).rest('depth', 'ABC', snapshot(2), 0)
    t.json(depth(1, 2, [], [], 'XYZ'), 1).rest('depth', 'XYZ', snapshot(2), 1)
    t.note({ note: 'conn_closed', trigger: 'ping_timeout' }, 1)
    expect([t.book('ABC').ok, t.book('XYZ').ok]).toEqual([true, false])
  })

  test('what another connection says of an instrument is not taken', () => {
    const t = new TestTape('binance')
      .note({ note: 'conn_open', streams: ['abc@depth'] }, 0)
      .note({ note: 'conn_open', streams: ['xyz@depth'] }, 1)
    t.json(depth(1, 2), 0)
      .rest('depth', 'ABC', snapshot(2), 0)
      .json(depth(3, 4, [['10', '5']]), 1)
    expect(t.book('ABC').seq).toBe(2)
    expect(t.tape.books.counts.foreign).toBe(1)
  })

  test.each([
    ['{broken', 'malformed'],
    ['', 'control'],
    ['{"a":1}', 'unknown'],
    ['[]', 'unknown'],
    ['{"e":"depthUpdate","s":"ABC","U":11,"u":12,"b":[["10","-1"]],"a":[]}', REJECTED],
    ['{"e":"depthUpdate","s":"NEW","U":12,"u":11,"b":[],"a":[]}', REJECTED]
  ])('%j is %s: counted, kept, shown and nothing more', (text, outcome) => {
    const t = binanceInStep()
    const instruments = t.of('instrument').length
    t.push(text).json(depth(11, 11, [['10', '2']]))
    const frames = t.of('frame_raw')
    expect(frames.at(-2)).toMatchObject({ outcome, payloadBytes: text.length })
    const broken = outcome === 'malformed' || outcome === REJECTED
    expect(t.tape.malformed).toBe(broken ? 1 : 0)
    expect(t.integrity()).toEqual(broken ? ['MALFORMED_FRAME undecodable 0'] : [])
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: 11 })
    expect(t.of('instrument')).toHaveLength(instruments)
  })

  test('a crossed book is a gap and is fetched again', () => {
    const t = binanceInStep().json(depth(11, 11, [['12', '1']]))
    expect(t.integrity()).toEqual(['GAP_DETECTED crossed_book 1', 'BOOK_RESYNC_START crossed_book 2'])
    expect(t.tape.books.counts.crossed).toBe(1)
    t.json(depth(12, 12)).rest('depth', 'ABC', snapshot(12))
    expect(t.book('ABC').ok).toBe(true)
  })

  test('a snapshot that is crossed itself is not trusted either', () => {
    const t = binanceTape()
      .json(depth(1, 1))
      .rest('depth', 'ABC', snapshot(1, [['12', '1']], [['11', '1']]))
    expect(t.book('ABC').ok).toBe(false)
    expect(t.integrity()).toEqual(['GAP_DETECTED crossed_book 1', 'BOOK_RESYNC_START crossed_book 2'])
  })
})

describe('bounds', () => {
  test('updates that wait are bounded, and losing one is a hole that is found', () => {
    const t = binanceTape()
    for (let i = 0; i < MAX_PENDING + 10; i++) t.json(depth(i + 1, i + 1, [['10', String(i + 1)]]))
    expect(t.book('ABC').pending).toHaveLength(MAX_PENDING)
    expect(t.tape.books.counts.heldDropped).toBe(10)
    expect(t.integrity()).toEqual(['GAP_DETECTED changes_dropped 1'])
    t.rest('depth', 'ABC', snapshot(5))
    expect(t.book('ABC').ok).toBe(false)
    t.rest('depth', 'ABC', snapshot(MAX_PENDING))
    expect(t.book('ABC')).toMatchObject({ ok: true, seq: MAX_PENDING + 10 })
  })

  test('levels of a side are bounded, and leaving some out is told', () => {
    const levels = Array.from({ length: 20_050 }, (_, i) => [String(30_000 - i), '1'] as const)
    const t = binanceTape()
      .json(depth(1, 1))
      .rest('depth', 'ABC', snapshot(1, levels, [['30001', '1']]))
    expect(t.book('ABC').book.bids.count).toBe(20_000)
    expect(t.top('ABC')).toEqual([30_000e6, 30_001e6])
    const told = t.of('integrity').filter((event) => event.kind === 'LEVELS_DROPPED')
    expect(told.map((event) => event.text)).toEqual([expect.stringContaining(' 50 of the levels')])
  })

  test('instruments are bounded', () => {
    const t = new TestTape('binance', { withoutFingerprint: true })
    for (let i = 0; i < MAX_INSTRUMENTS + 5; i++) t.push(`{"u":1,"s":"S${i}","b":"1","B":"1","a":"2","A":"1"}`)
    expect(t.tape.books.instruments.all).toHaveLength(MAX_INSTRUMENTS)
    expect(t.tape.books.counts.overflow).toBe(5)
  })

  test('a symbol of any letters keeps its name', () => {
    const t = binanceTape(['币安人生USDT']).json(depth(1, 1, [], [], '币安人生USDT'))
    expect(t.requests).toEqual(['币安人生USDT'])
    t.rest('depth', '币安人生USDT', snapshot(1))
    expect(t.book('币安人生USDT').ok).toBe(true)
    expect(JSON.parse(t.of('instrument')[0]!.text)).toMatchObject({ token_id: '币安人生USDT' })
    expect(t.tape.books.instruments.all).toHaveLength(1)
  })
})

test('every record is written exactly as the generic codec would write it', () => {
  const t = binanceInStep()
  t.tape.seconds.watchedId = 1
  t.json({ e: 'trade', E: 5, s: 'ABC', t: 77, p: '10.5', q: '0.1', T: 6, m: true })
  t.json({ u: 11, s: 'ABC', b: '10', B: '1', a: '11', A: '1' }).json({ s: 'ABC', b: '10', B: '1', a: '11', A: '1' })
  t.json(depth(11, 12, [['10', '0']], [['11', '0']]))
    .ticksTo(2 * S)
    .json(depth(20, 21))
    .push('{broken')
    .ticksTo(3 * S)
  t.tape.seconds.writeLadder(t.book('ABC'), t.now)
  t.rest('exchange_info', '', { symbols: [{ symbol: 'ABC', filters: [{ filterType: 'PRICE_FILTER', tickSize: '0.1' }] }] })
  t.now += 60 * S
  t.json(depth(30, 31))
    .rest('depth', 'ABC', snapshot(30))
    .push('{}', 1, 0, t.now + 5 * S)
  t.note({ note: 'conn_closed', trigger: 'exception', code: 1006 }).ticksTo(65 * S)
  t.tape.seconds.writeLadder(t.book('ABC'), t.now)
  t.tape.drain()
  const channels = new Set<string>()
  for (const bytes of [...t.bytes, ...t.viewBytes]) {
    for (const { channel, record, own } of rawRecords(bytes)) {
      channels.add(channel.name)
      const view = new DataView(new ArrayBuffer(recordBytes(channel, record)))
      encodeRecord(channel, record as never, view, 0)
      expect({ record, bytes: Buffer.from(view.buffer).toString('hex') }).toEqual({ record, bytes: own.toString('hex') })
    }
  }
  expect([...channels].sort()).toEqual([
    'bbo',
    'depth_1s',
    'frame_raw',
    'instrument',
    'integrity',
    'l2_book',
    'l2_snap_1s',
    'ladder',
    'tape_trades',
    'timeline_1s',
    'top_of_book'
  ])
})

function* rawRecords(bytes: Uint8Array): Generator<{ channel: Channel; record: TapeRecord; own: Buffer }> {
  const t = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; at += t.getUint32(at, true)) {
    const own = Buffer.from(bytes.subarray(at, at + t.getUint32(at, true)))
    const channel = byWireId.get(own[4]!)!
    const [record] = recordsOf(own)
    yield { channel, record: record!, own }
  }
}

function recordsOf(own: Buffer): TapeRecord[] {
  return recordsIn(new Uint8Array(own))
}

test('positions of the events of a frame rise from 0, and frame_raw counts them', () => {
  const t = binanceInStep()
    .ticksTo(2 * S)
    .json(depth(20, 21))
    .push('{broken')
  const byFrame = new Map<string, TapeRecord[]>()
  for (const record of t.records()) {
    const key = `${record.shard}/${record.frameIdx}`
    byFrame.set(key, [...(byFrame.get(key) ?? []), record])
  }
  expect(byFrame.size).toBe(t.frames.length)
  for (const events of byFrame.values()) {
    expect(events.map((event) => event.pos)).toEqual(events.map((_, i) => i))
    expect(events.at(-1)).toMatchObject({ ch: 'frame_raw', events: events.length - 1 })
    expect(new Set(events.map((event) => event.recvRelNs)).size).toBe(1)
  }
})
