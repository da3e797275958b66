import { describe, expect, test } from 'vitest'
import { encodeRecord, recordBytes, type TapeRecord } from '../../../shared/channels/index.ts'
import { OrderBook } from '../../../shared/market/index.ts'
import { bookHash } from '../feeds/index.ts'
import { byWireId, recordsIn, S, TestTape, type Pair } from './testTape.ts'

const A = '111'
const B = '222'
const MARKET = '0xabc'

interface Change {
  readonly token?: string
  readonly side?: 'BUY' | 'SELL'
  readonly price: string
  readonly size: string
  readonly top?: readonly [string, string]
  readonly hash?: string
}

let stamp = 1_700_000_000_000

function levels(pairs: readonly Pair[]): object[] {
  return pairs.map(([price, size]) => ({ price, size }))
}

/** A full book as the venue sends it: the best level last on both sides. */
function book(token: string, bids: readonly Pair[], asks: readonly Pair[], more: object = {}): object {
  return {
    event_type: 'book',
    asset_id: token,
    market: MARKET,
    timestamp: String(stamp++),
    hash: '',
    bids: levels(bids),
    asks: levels(asks),
    ...more
  }
}

const BIDS: readonly Pair[] = [
  ['0.3', '5'],
  ['0.4', '10']
]
const ASKS: readonly Pair[] = [
  ['0.7', '5'],
  ['0.6', '10']
]

function change(...changes: readonly Change[]): object {
  const price_changes = changes.map(({ token = A, side = 'BUY', price, size, top, hash = '' }) => ({
    asset_id: token,
    price,
    size,
    side,
    hash,
    best_bid: top?.[0] ?? '',
    best_ask: top?.[1] ?? ''
  }))
  return { market: MARKET, price_changes, timestamp: String(stamp++), event_type: 'price_change' }
}

function tape(tokens: readonly string[] = [A, B]): TestTape {
  return new TestTape('polymarket').note({ note: 'conn_open', venue: 'polymarket', url: '', tokens })
}

const inStep = (): TestTape => tape().json([book(A, BIDS, ASKS), book(B, BIDS, ASKS)])

describe('books', () => {
  test('the first book needs no resync, and is recorded best first', () => {
    const t = inStep()
    expect(t.integrity()).toEqual([])
    expect(t.book(A)).toMatchObject({ ok: true, known: true, epoch: 1 })
    expect(t.of('l2_book')[0]).toMatchObject({
      kind: 'snapshot',
      levels: { bids: [400_000, 10e6, 300_000, 5e6], asks: [600_000, 10e6, 700_000, 5e6] }
    })
    expect(t.of('top_of_book')[0]).toMatchObject({ bidPxE6: 400_000, bidSizeE6: 10e6, askPxE6: 600_000, askSizeE6: 10e6, bookOk: true })
  })

  test('a change sets a level to its new total, and 0 takes it away', () => {
    const t = inStep()
      .json(change({ price: '0.45', size: '3' }))
      .json(change({ price: '0.4', size: '0' }))
      .json(change({ side: 'SELL', price: '0.6', size: '0' }))
    expect(t.top(A)).toEqual([450_000, 700_000])
    expect(t.top(B)).toEqual([400_000, 600_000])
  })

  test('a full book replaces the old one, levels left out included', () => {
    const t = inStep().json(book(A, [['0.2', '1']], []))
    expect(t.book(A).book.bids.count).toBe(1)
    expect(t.top(A)).toEqual([200_000, undefined])
    expect(t.of('top_of_book').at(-1)).not.toHaveProperty('askPxE6')
  })

  test('a one-sided book agrees with a stated top of 0 and 1', () => {
    const t = tape()
      .json(book(A, [['0.2', '1']], []))
      .json(change({ price: '0.3', size: '1', top: ['0.3', '1'] }))
      .json(change({ price: '0.3', size: '0', top: ['0.2', '1'] }))
      .json(change({ price: '0.2', size: '0', top: ['0', '1'] }))
    expect(t.integrity()).toEqual([])
    expect(t.book(A).ok).toBe(true)
  })

  test('changes before the first book wait, and those older than it are left out', () => {
    const t = tape()
      .json(change({ price: '0.45', size: '3' }))
      .json(change({ price: '0.46', size: '3' }))
    expect(t.requests).toEqual([A])
    stamp -= 1
    t.json(book(A, BIDS, ASKS))
    // The second change is of the book's own instant: applied again, which changes nothing where the book has it.
    expect(t.of('l2_book').map((record) => record.kind)).toEqual(['snapshot', 'delta'])
    expect(t.top(A)).toEqual([460_000, 600_000])
  })

  test('duplicates change nothing', () => {
    const one = change({ price: '0.45', size: '3', top: ['0.45', '0.6'] })
    const t = inStep().json(one).json(one)
    expect(t.book(A).book.bids.count).toBe(3)
    expect(t.integrity()).toEqual([])
    expect(t.of('top_of_book').filter((top) => top.instrumentId === 1)).toHaveLength(2)
  })
})

describe('doubt', () => {
  test('a stated top that differs, without a hash to go by, is a gap and asks for the book', () => {
    const t = inStep().json(change({ price: '0.45', size: '3', top: ['0.46', '0.6'] }))
    expect(t.integrity()).toEqual(['GAP_DETECTED top_mismatch 1', 'BOOK_RESYNC_START top_mismatch 2'])
    expect(t.requests).toContain(A)
    t.json(change({ price: '0.47', size: '1' })).ticksTo(2.2 * S)
    const rest = book(A, [['0.46', '9']], ASKS, { tick_size: '0.01', min_order_size: '5', neg_risk: false, event_type: undefined })
    t.rest('book', A, rest)
    expect(t.integrity().at(-1)).toBe('BOOK_RESYNC_DONE none 2')
    expect(
      t
        .of('l2_snap_1s')
        .filter((snap) => snap.instrumentId === 1)
        .map((snap) => snap.bookOk)
    ).toEqual([false, false])
    expect(t.book(A).ok).toBe(true)
    expect(t.book(B).epoch).toBe(1)
  })

  test('changes of the resync are applied on top of the book that comes, when they are newer', () => {
    const t = inStep().json(change({ price: '0.45', size: '3', top: ['0.46', '0.6'] }))
    const old = stamp
    stamp += 10
    t.json(change({ price: '0.47', size: '1' }))
    const now = stamp
    stamp = old + 5
    t.rest('book', A, book(A, [['0.46', '9']], ASKS, { event_type: undefined }))
    stamp = now
    expect(t.top(A)).toEqual([470_000, 600_000])
  })

  test('a hash that agrees is proof against a stated top', () => {
    const own = new OrderBook()
    for (const [px, size] of BIDS) own.bids.set(Number(px) * 1e6, Number(size) * 1e6)
    for (const [px, size] of ASKS) own.asks.set(Number(px) * 1e6, Number(size) * 1e6)
    const facts = { market: MARKET, assetId: A, minOrderSize: '5', tickE6: 10_000, negRisk: false }
    const at = stamp
    const t = tape().json([
      book(A, BIDS, ASKS, { last_trade_price: '0.500', tick_size: '0.01', hash: bookHash(own, facts, String(at), '0.500') })
    ])
    expect(t.tape.books.counts.snapshotHashes).toEqual({ verified: 1, failed: 0 })
    own.bids.set(450_000, 3e6)
    t.json(change({ price: '0.45', size: '3', top: ['0.46', '0.6'], hash: bookHash(own, facts, String(stamp), '0.500') }))
    expect(t.integrity()).toEqual([])
    expect(t.tape.books.counts.verified).toBe(1)
  })

  test('a hash beside a time that is no whole number of milliseconds proves nothing', () => {
    const own = new OrderBook()
    for (const [px, size] of BIDS) own.bids.set(Number(px) * 1e6, Number(size) * 1e6)
    for (const [px, size] of ASKS) own.asks.set(Number(px) * 1e6, Number(size) * 1e6)
    const facts = { market: MARKET, assetId: A, minOrderSize: '5', tickE6: 10_000, negRisk: false }
    const hash = bookHash(own, facts, String(stamp), '0.500')
    const t = tape().json([book(A, BIDS, ASKS, { last_trade_price: '0.500', tick_size: '0.01', hash })])
    for (let n = 1; n <= 5; n++) {
      t.now += 1.1 * S
      const size = String(n)
      own.bids.set(450_000, n * 1e6)
      const timestamp = `${stamp}.5`
      const said = change({ price: '0.45', size, top: ['0.45', '0.6'], hash: bookHash(own, facts, timestamp, '0.500') })
      t.json({ ...said, timestamp })
    }
    expect(t.integrity()).toEqual([])
    expect(t.tape.books.counts).toMatchObject({ verified: 0, failed: 0, unverifiable: 5 })
  })

  test('a change may be hashed before trades that another connection printed already', () => {
    const own = new OrderBook()
    for (const [px, size] of BIDS) own.bids.set(Number(px) * 1e6, Number(size) * 1e6)
    for (const [px, size] of ASKS) own.asks.set(Number(px) * 1e6, Number(size) * 1e6)
    const facts = { market: MARKET, assetId: A, minOrderSize: '5', tickE6: 10_000, negRisk: false }
    const hash = bookHash(own, facts, String(stamp), '0.500')
    const t = tape().json([book(A, BIDS, ASKS, { last_trade_price: '0.500', tick_size: '0.01', hash }), book(B, BIDS, ASKS)])
    for (const price of ['0.46', '0.47', '0.48']) {
      t.json({ event_type: 'last_trade_price', asset_id: B, market: MARKET, price, size: '1', side: 'BUY', timestamp: '1' })
    }
    own.bids.set(450_000, 3e6)
    t.json(change({ price: '0.45', size: '3', top: ['0.45', '0.6'], hash: bookHash(own, facts, String(stamp), '0.500') }))
    expect(t.tape.books.counts).toMatchObject({ verified: 1, failed: 0 })
  })

  test('a full book of an earlier request does not put a book back that is in step', () => {
    const late = book(A, [['0.1', '1']], [['0.9', '1']], { event_type: undefined })
    const t = inStep().json(change({ price: '0.45', size: '3', top: ['0.45', '0.6'] }))
    const before = t.of('l2_book').length
    t.rest('book', A, late)
    expect(t.top(A)).toEqual([450_000, 600_000])
    expect(t.of('l2_book')).toHaveLength(before)
    expect(t.tape.books.counts.stale).toBe(1)
  })

  test('a new price step makes the book untrusted until a full one comes, and is no gap', () => {
    const t = inStep().json({
      event_type: 'tick_size_change',
      asset_id: A,
      market: MARKET,
      old_tick_size: '0.01',
      new_tick_size: '0.001',
      timestamp: String(stamp++)
    })
    expect(t.integrity()).toEqual(['BOOK_RESYNC_START tick_size_changed 2'])
    expect(t.of('instrument').at(-1)).toMatchObject({ instrumentId: 1, tickE6: 1000 })
    t.json(book(A, BIDS, ASKS))
    expect(t.integrity().at(-1)).toBe('BOOK_RESYNC_DONE none 2')
    t.json({
      event_type: 'tick_size_change',
      asset_id: A,
      market: MARKET,
      old_tick_size: '0.01',
      new_tick_size: '0.001',
      timestamp: String(stamp++)
    })
    expect(t.integrity()).toHaveLength(2)
  })

  test('a crossed book is a gap', () => {
    const t = inStep().json(change({ price: '0.65', size: '3' }))
    expect(t.integrity()).toEqual(['GAP_DETECTED crossed_book 1', 'BOOK_RESYNC_START crossed_book 2'])
  })

  test('a book that is crossed only inside a frame is none', () => {
    const t = inStep().json(change({ price: '0.65', size: '3' }, { side: 'SELL', price: '0.6', size: '0' }))
    expect(t.integrity()).toEqual([])
  })

  test('a lost connection: the next one brings the book', () => {
    const t = inStep().note({ note: 'conn_closed', venue: 'polymarket', trigger: 'data_idle_timeout', code: 4000, reason: '' })
    expect(t.integrity()).toEqual(['BOOK_RESYNC_START data_idle 2', 'BOOK_RESYNC_START data_idle 2'])
    t.rest('book', A, book(A, BIDS, ASKS, { event_type: undefined }))
    expect(t.book(A).ok).toBe(false)
    t.note({ note: 'conn_open', venue: 'polymarket', tokens: [A, B] }).json([book(A, BIDS, ASKS), book(B, BIDS, ASKS)])
    expect(t.integrity().slice(2)).toEqual(['BOOK_RESYNC_DONE none 2', 'BOOK_RESYNC_DONE none 2'])
  })
})

describe('who speaks for a token', () => {
  test('both tokens stand in each change, and each connection speaks for its own', () => {
    const t = new TestTape('polymarket').note({ note: 'conn_open', tokens: [A] }, 0).note({ note: 'conn_open', tokens: [B] }, 1)
    t.json(book(A, BIDS, ASKS), 0).json(book(B, BIDS, ASKS), 1)
    const both = change({ price: '0.45', size: '3' }, { token: B, side: 'SELL', price: '0.55', size: '3' })
    t.json(both, 0)
    expect([t.top(A), t.top(B)]).toEqual([
      [450_000, 600_000],
      [400_000, 600_000]
    ])
    t.json(both, 1)
    expect(t.top(B)).toEqual([400_000, 550_000])
    expect(t.of('l2_book').filter((record) => record.kind === 'delta')).toHaveLength(2)
    expect(t.tape.books.counts.foreign).toBe(2)
  })

  test('without a subscription note whoever speaks first is heard', () => {
    const t = new TestTape('polymarket').json([book(A, BIDS, ASKS)], 3).json(change({ price: '0.45', size: '3' }), 3)
    expect(t.top(A)).toEqual([450_000, 600_000])
  })

  test('what discovery said is known when the token appears, and said again when it changes', () => {
    const t = new TestTape('polymarket').rest('markets', '', [
      {
        conditionId: MARKET,
        question: 'Up or down?',
        outcomes: '["Up","Down"]',
        clobTokenIds: `["${A}","${B}"]`,
        orderPriceMinTickSize: 0.001,
        negRisk: true,
        orderMinSize: 15
      }
    ])
    t.note({ note: 'conn_open', tokens: [A, B] })
    expect(t.of('instrument').map((record) => [record.tickE6, JSON.parse(record.text)])).toEqual([
      [1000, { token_id: A, market_id: MARKET, name: 'Up or down?', outcome: 'Up', neg_risk: true, min_order_size: '15' }],
      [1000, { token_id: B, market_id: MARKET, name: 'Up or down?', outcome: 'Down', neg_risk: true, min_order_size: '15' }]
    ])
    t.rest('book', A, book(A, BIDS, ASKS, { event_type: undefined, tick_size: '0.01', neg_risk: true, min_order_size: '15' }))
    expect(t.of('instrument')).toHaveLength(3)
    expect(JSON.parse(t.of('instrument')[2]!.text)).toMatchObject({ name: 'Up or down?' })
  })

  test('a later and poorer answer about a token does not take away what is known before it appears', () => {
    const t = new TestTape('polymarket').rest('markets', '', [
      { conditionId: MARKET, question: 'Q?', outcomes: '["Yes","No"]', clobTokenIds: `["${A}","${B}"]` }
    ])
    t.rest('book', A, book(A, BIDS, ASKS, { event_type: undefined, tick_size: '0.01' }))
    expect(JSON.parse(t.of('instrument')[0]!.text)).toMatchObject({ name: 'Q?', outcome: 'Yes', market_id: MARKET })
  })

  test('what is learned again and again takes no more room', () => {
    const t = inStep()
    for (let i = 0; i < 50; i++) t.rest('book', A, book(A, BIDS, ASKS, { event_type: undefined, tick_size: '0.01' }))
    expect(t.tape.books.instruments.learned).toBe(1)
  })
})

test('a trade is recorded with its id and side, and belongs to both tokens of the market', () => {
  const t = inStep().json({
    event_type: 'last_trade_price',
    asset_id: A,
    market: MARKET,
    price: '0.456',
    size: '219.217767',
    side: 'SELL',
    fee_rate_bps: '0',
    timestamp: '1750428146322',
    transaction_hash: '0xfeed'
  })
  expect(t.of('tape_trades')).toEqual([
    expect.objectContaining({ pxE6: 456_000, sizeE6: 219_217_767, side: 'sell', exchTsMs: 1_750_428_146_322, text: '0xfeed' })
  ])
  expect([t.book(A).trust.lastTradeText, t.book(B).trust.lastTradeText]).toEqual(['0.456', '0.456'])
})

test('every record is written exactly as the generic codec would write it', () => {
  const t = inStep()
  t.tape.seconds.watchedId = 1
  t.json(change({ price: '0.45', size: '0.000001', top: ['0.46', '0.6'] }))
    .ticksTo(2 * S)
    .json(book(A, [], [['0.5', '1']]))
    .ticksTo(4 * S)
  t.json({ event_type: 'last_trade_price', asset_id: A, market: MARKET, price: '0.456', size: '1', side: '', timestamp: '' })
  t.rest('book', B, '{"error":"nothing"}').push('{"event_type":"book","asset_id":"1","market":"0xé","bids":[],"asks":[]}')
  t.tape.seconds.writeLadder(t.book(A), t.now)
  t.tape.drain()
  for (const bytes of [...t.bytes, ...t.viewBytes]) {
    for (const record of recordsIn(bytes)) {
      const channel = [...byWireId.values()].find(({ name }) => name === record.ch)!
      const view = new DataView(new ArrayBuffer(recordBytes(channel, record)))
      encodeRecord(channel, record as never, view, 0)
      expect(recordsIn(new Uint8Array(view.buffer))).toEqual([record] satisfies TapeRecord[])
    }
  }
})
