import { describe, expect, test } from 'vitest'
import { OrderBook } from '../../../shared/market/index.ts'
import { FLAG_TEXT } from '../bundle/index.ts'
import { bookHash } from '../feeds/index.ts'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'
import { A, B, FACTS, FIRST_MS, GAP, MARKET, OTHER, Stage } from './testHashStage.ts'
import { MS, S, TestTape } from './testTape.ts'

describe('a hash that differs', () => {
  test('is a gap with the first message of the connection after 100 ms, although the market rests', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3).later(98)
    expect(s.integrity).toEqual([])
    expect(s.t.book(A).ok).toBe(true)
    s.later(1)
    expect(s.integrity).toEqual(GAP)
    expect(s.t.requests).toEqual([A])
    expect(s.t.book(A).ok).toBe(false)
  })

  test('is a gap also when the book comes right before anything else is checked', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3).moves('BUY', '0.31', 9).later(100)
    expect(s.integrity).toEqual(GAP)
  })

  test('is none when the trade behind it is printed in the meantime', () => {
    const s = new Stage()
    s.lastTrade = '0.123'
    s.moves('SELL', '0.65', 3)
    expect(s.t.tape.books.counts).toMatchObject({ verified: 0, failed: 1 })
    s.prints('0.123').later(100)
    expect(s.integrity).toEqual([])
    expect(s.t.tape.books.counts).toMatchObject({ verified: 1, failed: 0 })
    s.rests(1000).moves('SELL', '0.66', 3)
    expect(s.t.tape.books.counts).toMatchObject({ verified: 2, failed: 0 })
  })

  test.each([
    { since: 63, verified: 2, failed: 0 },
    { since: 64, verified: 1, failed: 1 }
  ])(
    'is explained by a trade that is not printed at the price of a change $since changes ago, of 63 at most',
    ({ since, verified, failed }) => {
      const s = new Stage()
      s.t.now += S
      s.moves('BUY', '0.39', 1)
      s.lastTrade = '0.610'
      for (let n = 1; n < since; n++) s.moves('SELL', '0.65', n)
      s.t.now += S
      s.moves('SELL', '0.65', 99)
      expect(s.t.tape.books.counts).toMatchObject({ verified, failed })
    }
  )

  test.each([1, 400])('is none when the trade is printed after books of %i levels were hashed', (levels) => {
    const s = new Stage()
    s.lastTrade = '0.123'
    s.moves('SELL', '0.65', 3).otherBook(levels).prints('0.123').later(100)
    expect(s.integrity).toEqual([])
    expect(s.t.tape.books.counts).toMatchObject({ verified: 1, failed: 0 })
  })

  test('is none when the connection stalls before the trade, or tells of others first after it', () => {
    const s = new Stage()
    s.lastTrade = '0.123'
    s.moves('SELL', '0.65', 3).later(500, { venueMs: 20 }).prints('0.123').later(100)
    expect(s.integrity).toEqual([])
    s.lastTrade = '0.124'
    s.rests(1000).moves('SELL', '0.65', 4)
    s.t.now += 300 * MS
    s.prints('0.124').later(100)
    expect(s.integrity).toEqual([])
    expect(s.t.tape.books.counts).toMatchObject({ verified: 2, failed: 0 })
  })

  test('is a gap after five seconds where the venue tells no time that helps', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3).later(4900, { venueMs: -1000 })
    expect(s.integrity).toEqual([])
    expect(s.later(100, { venueMs: 0 }).integrity).toEqual(GAP)
  })

  test('waits for its own connection, which may become another one', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    s.t.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: ['444'] }, 1)
    s.later(200, { shard: 1, token: '444' }).t.note({ note: 'tick' })
    expect(s.integrity).toEqual([])
    s.t.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: [A] }, 1)
    s.later(0)
    expect(s.integrity).toEqual([])
    s.later(0, { shard: 1, token: '444' })
    expect(s.integrity).toEqual(GAP)
  })

  test('of a change that is older than the full book says nothing', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3).later(100)
    const late = s.change('BUY', '0.32', 5)
    s.moves('BUY', '0.33', 4, false)
    s.t.rest('book', A, s.full())
    s.rests(1000).t.json(late)
    expect(s.integrity).toEqual([...GAP, 'BOOK_RESYNC_DONE none 2'])
    s.moves('SELL', '0.65', 4).later(100)
    expect(s.integrity).toHaveLength(3)
    expect(s.t.tape.books.counts).toMatchObject({ verified: 1, failed: 1 })
  })

  test('of a change that is sent again, after another one, says nothing', () => {
    const s = new Stage()
    const again = s.change('BUY', '0.31', 5)
    s.t.json(again)
    s.moves('SELL', '0.65', 3).rests(1000).t.json(again)
    s.later(100)
    expect(s.integrity).toEqual([])
    expect(s.t.tape.books.counts).toMatchObject({ verified: 1, failed: 0 })
  })

  test.each(['changes', 'price_changes'])('is looked for after the last of several changes of one message: %s', (shape) => {
    const s = new Stage()
    s.venue.bids.set(310_000, 5e6)
    s.venue.asks.set(650_000, 6e6)
    const timestamp = s.stamp()
    const hash = bookHash(s.venue, FACTS, timestamp, s.lastTrade)
    const changes = [
      { price: '0.31', size: '5', side: 'BUY' },
      { price: '0.65', size: '6', side: 'SELL' }
    ]
    if (shape === 'changes') s.t.json({ event_type: 'price_change', asset_id: A, market: MARKET, changes, timestamp, hash })
    else
      s.t.json({
        event_type: 'price_change',
        market: MARKET,
        price_changes: changes.map((one) => ({ ...one, asset_id: A, hash })),
        timestamp
      })
    s.later(100)
    expect(s.integrity).toEqual([])
    expect(s.t.tape.books.counts).toMatchObject({ verified: 1, failed: 0 })
  })

  test('leaves a book alone that a full one with a true hash has replaced since, and is told all the same', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    s.stamp()
    s.t.json(s.full())
    s.later(100)
    expect(s.integrity).toEqual([...GAP, 'BOOK_RESYNC_DONE none 2'])
    expect(s.t.requests).toEqual([])
    expect(s.t.book(A)).toMatchObject({ ok: true, resyncing: false, trust: { failures: 0 } })
  })

  test('is forgotten with whatever makes the book untrusted', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    s.t.note({ note: 'conn_closed', venue: 'polymarket', trigger: 'lost' })
    s.t.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: [A, B, OTHER] })
    s.t.json([s.full()])
    s.later(500)
    expect(s.integrity).toEqual(['BOOK_RESYNC_START disconnected 2', 'BOOK_RESYNC_DONE none 2'])
  })

  test('is forgotten when the instrument is no longer recorded', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    s.t.note({ note: 'unsubscribed', tokens: [A] })
    s.later(500)
    expect(s.integrity).toEqual([])
  })

  test('three times in a row, each with a fresh full book, ends the belief in hashes of this token', () => {
    const s = new Stage()
    for (let n = 1; n <= 4; n++) {
      s.rests(1000).moves('BUY', '0.31', n, false).moves('SELL', '0.65', n).later(100)
      s.lastTrade = ''
      s.t.rest('book', A, { ...s.full(), hash: '', last_trade_price: undefined })
    }
    expect(s.integrity.filter((told) => told.startsWith('GAP_DETECTED'))).toHaveLength(3)
    expect(s.t.book(A).trust.hashable).toBe('no')
  })

  test('is remembered by a keyframe, whatever is hashed meanwhile', () => {
    for (const printed of ['0.123', '0.124']) {
      const s = new Stage()
      s.lastTrade = '0.123'
      s.moves('SELL', '0.65', 3)
      const other = new TestTape('polymarket')
      restoreKeyframe(other.tape, takeKeyframe(s.t.tape, undefined), s.t.tape)
      other.now = s.t.now
      new Stage().otherBook(30)
      s.prints(printed).later(100)
      for (const { text, relNs } of s.t.frames.slice(-2)) other.frame({ shard: 0, flags: FLAG_TEXT, relNs, text })
      const told = printed === '0.123' ? [] : GAP
      expect([s.integrity, other.integrity()]).toEqual([told, told])
      expect(other.tape.books.counts).toEqual(s.t.tape.books.counts)
    }
  })

  test('of many books of one instant are decided in the order in which they came, also after a seek', () => {
    const tokens = Array.from({ length: 50 }, (_, i) => String(1000 + i))
    const t = new TestTape('polymarket').note({ note: 'conn_open', venue: 'polymarket', url: '', tokens })
    for (const asset_id of tokens) {
      const own = new OrderBook()
      own.bids.set(300_000, 5e6)
      const facts = { ...FACTS, assetId: asset_id }
      const timestamp = String(FIRST_MS)
      const hash = bookHash(own, facts, timestamp, '0.500')
      const bids = [{ price: '0.3', size: '5' }]
      t.json({
        event_type: 'book',
        asset_id,
        market: MARKET,
        timestamp,
        hash,
        bids,
        asks: [],
        last_trade_price: '0.500',
        tick_size: '0.01'
      })
    }
    const hash = 'f'.repeat(40)
    const price_changes = tokens.toReversed().map((asset_id) => ({ asset_id, price: '0.2', size: '1', side: 'BUY', hash }))
    t.json({ market: MARKET, price_changes, timestamp: String(FIRST_MS + 1), event_type: 'price_change' })
    const other = new TestTape('polymarket')
    restoreKeyframe(other.tape, takeKeyframe(t.tape, undefined), t.tape)
    const next = {
      event_type: 'last_trade_price',
      asset_id: tokens[0],
      market: '0xdef',
      price: '0.5',
      size: '1',
      side: 'BUY',
      timestamp: String(FIRST_MS + 101)
    }
    t.now += 100 * MS
    other.now = t.now
    for (const one of [t, other]) one.json(next)
    const gaps = t.of('integrity').filter(({ kind }) => kind === 'GAP_DETECTED')
    expect(gaps.map(({ instrumentId }) => instrumentId)).toEqual(tokens.map((_, i) => 50 - i))
    expect(other.of('integrity').map(({ kind, instrumentId }) => [kind, instrumentId])).toEqual(
      t.of('integrity').flatMap(({ kind, instrumentId }) => (kind === 'FEED_OPEN' ? [] : [[kind, instrumentId]]))
    )
  })
})
