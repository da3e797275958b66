import { expect, test } from 'vitest'
import { MarketMessage } from '../feeds/index.ts'
import { BookState } from './bookState.ts'
import { RefreshCheck } from './refreshCheck.ts'

function stateAt(ts: number): BookState {
  const state = new BookState(1, 'polymarket', new Uint8Array([49]), '1', 0)
  state.ok = true
  state.changedTsMs = ts
  state.book.bids.set(400_000, 5)
  state.book.asks.set(600_000, 7)
  return state
}

function full(ts: number, bidSize: number): MarketMessage {
  const message = new MarketMessage()
  message.exchTsMs = ts
  message.bids.push(400_000, bidSize)
  message.asks.push(600_000, 7)
  return message
}

test('a full book of the instant of our last change that differs from ours shows that something was missed', () => {
  const state = stateAt(10)
  expect(new RefreshCheck().replace(state, full(10, 6))).toBe(true)
  expect(state.book.bids.sizeAt(0)).toBe(6)
})

test.each([
  ['the same book', 10, 5],
  ['a book of a later instant', 11, 6]
])('%s shows nothing', (_, ts, bidSize) => expect(new RefreshCheck().replace(stateAt(10), full(ts, bidSize))).toBe(false))

test('a book that is not trusted cannot show anything', () => {
  const state = stateAt(10)
  state.ok = false
  expect(new RefreshCheck().replace(state, full(10, 6))).toBe(false)
})
