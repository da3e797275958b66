import { expect, test } from 'vitest'
import { FLAG_TEXT } from '../bundle/index.ts'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'
import { A, B, GAP, Stage } from './testHashStage.ts'
import { MS, TestTape } from './testTape.ts'

test('a change that is sent again after those that waited for the full book proves nothing', () => {
  const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3).later(100)
  const answer = s.full()
  const again = s.change('SELL', '0.66', 1)
  s.t.json(again)
  s.moves('SELL', '0.66', 2)
  s.t.rest('book', A, answer)
  s.rests(1000).t.json(again)
  s.later(100)
  expect(s.integrity).toEqual([...GAP, 'BOOK_RESYNC_DONE none 2'])
})

test.each([
  { what: 'a change of the far future', aheadMs: 1e12 },
  { what: 'a clock that goes back', aheadMs: 300_000 }
])('missing changes are found after $what too', ({ aheadMs }) => {
  const s = new Stage().rests(aheadMs)
  const ahead = s.change('SELL', '0.65', 3)
  s.rests(-aheadMs - 1).t.json(ahead)
  s.rests(1000).moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 4).later(100)
  expect(s.integrity.filter((told) => told.includes('hash_mismatch'))).toEqual(GAP)
})

test('no gap is told where the trade is printed, and many others or a newer full book follow', () => {
  const s = new Stage()
  s.lastTrade = '0.123'
  s.moves('SELL', '0.65', 3).prints('0.123')
  for (let n = 0; n < 20; n++) s.prints(`0.2${10 + n}`)
  s.later(100)
  s.lastTrade = '0.133'
  s.rests(1000).moves('SELL', '0.65', 4).prints('0.133')
  s.lastTrade = '0.134'
  s.t.json(s.full())
  s.later(100)
  expect(s.integrity).toEqual([])
  expect(s.t.tape.books.counts).toMatchObject({ verified: 2, failed: 0 })
})

test('trades that go to and fro between two prices push no other one out', () => {
  const s = new Stage().prints('0.123')
  s.lastTrade = '0.123'
  for (let n = 0; n < 20; n++) s.prints(n % 2 === 0 ? '0.210' : '0.220')
  s.moves('SELL', '0.65', 3)
  expect(s.t.tape.books.counts).toMatchObject({ verified: 1, failed: 0 })
})

test('a doubt that ends does not spare the next change its check', () => {
  const s = new Stage()
  s.lastTrade = '0.123'
  s.moves('SELL', '0.65', 3).prints('0.123').rests(2000).moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 4).later(100)
  expect(s.integrity).toEqual(GAP)
})

test('a full book that does not fit its hash takes away what one before it had proven', () => {
  const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
  s.stamp()
  s.t.json(s.full())
  s.t.json({ ...s.full(), hash: 'f'.repeat(40), last_trade_price: undefined })
  s.later(100)
  expect(s.integrity).toEqual(GAP)
  expect(s.t.requests).toEqual([A])
})

test.each([
  { note: 'unsubscribed', shard: 0 },
  { note: 'conn_open', shard: 1 }
])('the doubt of a token that is gone ($note) holds up no other one, after a seek as without', ({ note, shard }) => {
  const s = new Stage()
  s.t.json({ event_type: 'book', asset_id: B, market: '0xdef', timestamp: s.stamp(), hash: '', bids: [], asks: [], tick_size: '0.01' })
  Object.assign(s.t.book(B).trust, { hashable: 'yes', negRisk: false })
  const first = { asset_id: B, price: '0.2', size: '1', side: 'BUY', hash: 'f'.repeat(40) }
  s.rests(50).t.json({ market: '0xdef', price_changes: [first], timestamp: s.stamp(), event_type: 'price_change' })
  s.t.now += 50 * MS
  s.rests(-50).moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
  s.t.note({ note, tokens: [B] }, shard)
  const other = new TestTape('polymarket')
  restoreKeyframe(other.tape, takeKeyframe(s.t.tape, undefined), s.t.tape)
  s.t.now += 50 * MS
  s.later(100)
  const { relNs, text } = s.t.frames.at(-1)!
  other.frame({ shard: 0, flags: FLAG_TEXT, relNs, text })
  for (const t of [s.t, other]) {
    const gaps = t.of('integrity').filter(({ kind, reason }) => kind === 'GAP_DETECTED' && reason === 'hash_mismatch')
    expect(gaps.map(({ instrumentId }) => instrumentId)).toEqual([s.t.book(A).id])
  }
})
