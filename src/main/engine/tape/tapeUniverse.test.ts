import { expect, test } from 'vitest'
import { depth, S, snapshot, TestTape, binanceInStep } from './testTape.ts'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'

const book = (token: string, bid = '0.4'): object => ({
  event_type: 'book',
  asset_id: token,
  market: `0x${token}`,
  timestamp: '1700000000000',
  hash: '',
  bids: [{ price: bid, size: '10' }],
  asks: [{ price: '0.6', size: '10' }]
})
const change = (token: string): object => ({
  event_type: 'price_change',
  market: `0x${token}`,
  timestamp: '1700000000001',
  price_changes: [{ asset_id: token, price: '0.41', size: '5', side: 'BUY', hash: '', best_bid: '0.41', best_ask: '0.6' }]
})
const opened = (tape: TestTape, ...tokens: string[]): TestTape => tape.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens })
const closedForRefresh = { note: 'conn_closed', venue: 'polymarket', trigger: 'refresh', code: 1006, reason: '' }

test('a token that the plant leaves is expected no more: not missing, not untrusted, and its messages change nothing', () => {
  const t = opened(new TestTape('polymarket'), '1', '2', '3').json(book('1')).json(book('2'))
  t.note({ note: 'unsubscribed', venue: 'polymarket', tokens: ['2', '3'] }).note(closedForRefresh)
  opened(t, '1', '4').json(book('1')).json(book('4')).json(change('2')).json(book('3'))
  t.ticksTo(60 * S)
  expect(t.integrity()).toEqual(['BOOK_RESYNC_START disconnected 2', 'BOOK_RESYNC_DONE none 2'])
  expect([t.book('2').known, t.book('3').known, t.requests]).toEqual([false, false, []])
  const last = t.of('timeline_1s').at(-1)
  expect(last).toMatchObject({ books: 2, untrustedBooks: 0 })
})

test('a token that comes back starts anew', () => {
  const t = opened(new TestTape('polymarket'), '1', '2').json(book('1')).json(book('2'))
  t.note({ note: 'unsubscribed', venue: 'polymarket', tokens: ['2'] }).note(closedForRefresh)
  opened(t, '1').json(book('1'))
  t.note(closedForRefresh)
  opened(t, '1', '2').json(book('1')).json(book('2', '0.3'))
  expect(t.top('2')).toEqual([300_000, 600_000])
  expect(t.book('2')).toMatchObject({ known: true, ok: true, retired: false })
  const ids = t.of('instrument').filter((record) => JSON.stringify(record).includes('"2"'))
  expect(new Set(ids.map((record) => record.instrumentId)).size).toBeLessThanOrEqual(1)
})

test('a resync of a token that the plant leaves is over', () => {
  const t = opened(new TestTape('polymarket'), '1').json(book('1'))
  t.note({ note: 'conn_closed', venue: 'polymarket', trigger: 'exception', code: 1006, reason: '' })
  t.note({ note: 'unsubscribed', venue: 'polymarket', tokens: ['1'] })
  expect(t.integrity()).toEqual(['BOOK_RESYNC_START disconnected 2', 'BOOK_RESYNC_DONE stopped 2'])
})

test('a connection that is renewed while the other one goes on costs no trust, and what both bring counts once', () => {
  const trade = (id: number): object => ({
    stream: 'abc@trade',
    data: { e: 'trade', E: 1, s: 'ABC', t: id, p: '10', q: '1', T: 1, m: true }
  })
  const top = (u: number): object => ({ stream: 'abc@bookTicker', data: { u, s: 'ABC', b: '10', B: '1', a: '11', A: '1' } })
  const t = binanceInStep().json(trade(1)).json(top(11)).json(depth(11, 12))
  t.note({ note: 'conn_open', venue: 'binance', url: '', streams: ['abc@trade', 'abc@depth@100ms'] })
  t.json(trade(2)).json(depth(13, 14)).json(top(14))
  t.json(trade(1)).json(trade(2)).json(depth(11, 12)).json(depth(13, 14)).json(top(11)).json(top(14))
  t.note({ ...closedForRefresh, venue: 'binance', overlap: true })
    .json(trade(3))
    .json(depth(15, 15))
  expect(t.integrity()).toEqual([])
  expect(t.of('tape_trades')).toHaveLength(3)
  expect(t.of('bbo')).toHaveLength(2)
  expect(t.book('ABC')).toMatchObject({ ok: true, seq: 15 })
  expect(t.tape.books.counts.stale).toBe(6)
})

test('a Binance connection that was closed for a renewal without another one is a loss', () => {
  const t = binanceInStep().note({ ...closedForRefresh, venue: 'binance' })
  expect(t.integrity()).toEqual(['BOOK_RESYNC_START disconnected 2'])
  t.note({ note: 'conn_open', venue: 'binance', url: '', streams: ['abc@depth@100ms'] }).rest('depth', 'ABC', snapshot(20))
  expect(t.book('ABC').ok).toBe(true)
})

test('a keyframe keeps that a token was left', () => {
  const t = opened(new TestTape('polymarket'), '1', '2').json(book('1')).json(book('2'))
  t.note({ note: 'unsubscribed', venue: 'polymarket', tokens: ['2'] })
  const frame = takeKeyframe(t.tape, undefined)
  const other = opened(new TestTape('polymarket'), '1', '2').json(book('2'))
  expect(other.book('2')).toMatchObject({ retired: false, known: true })
  restoreKeyframe(other.tape, frame, t.tape)
  expect(other.book('2')).toMatchObject({ retired: true, known: false })
  other.json(book('2'))
  expect(other.book('2').known).toBe(false)
})
