import { expect, test } from 'vitest'
import { MarketTable } from '../events/marketTable.ts'
import { Trust } from './trust.ts'

function trustOf(...ids: string[]): Trust {
  const table = new MarketTable()
  ids.forEach((id) => table.ofText(id))
  return new Trust(table)
}

test('without an event nothing can be said, with one all is well', () => {
  expect(trustOf().result(100)).toMatchObject({ anyShareE6: undefined, meanShareE6: undefined, markets: 0 })
  const trust = trustOf('a')
  trust.known(0, 0, 0)
  expect(trust.result(100)).toMatchObject({ anyShareE6: 0, meanShareE6: 0, markets: 1, marketsTouched: 0 })
})

test('times of several markets overlap in the share of any, and not in that of the mean market', () => {
  const trust = trustOf('a', 'b')
  trust.known(0, 0, 0)
  trust.known(1, 1, 0)
  trust.lost(0, 10)
  trust.lost(1, 15)
  trust.regained(0, 20)
  trust.regained(1, 30)
  expect(trust.result(100)).toMatchObject({ anyShareE6: 200_000, meanShareE6: 125_000, marketsTouched: 2 })
})

test('a hole that is noticed late counts from its beginning, but not twice what was lost before', () => {
  const trust = trustOf('a', 'b')
  trust.known(0, 0, 0)
  trust.known(1, 1, 0)
  trust.lost(0, 5)
  trust.regained(0, 20)
  trust.known(1, 1, 60)
  trust.shardLost({ shard: 0, relNs: 10, hole: true })
  trust.known(0, 0, 60)
  trust.regained(0, 60)
  expect(trust.result(100).spans).toEqual([
    { marketId: 'a', fromRelNs: 5, toRelNs: 20 },
    { marketId: 'a', fromRelNs: 20, toRelNs: 60 }
  ])
})

test('a loss that is told of early counts when its time has come', () => {
  const trust = trustOf('a')
  trust.shardLost({ shard: 0, relNs: 50, hole: true })
  trust.known(0, 0, 0)
  trust.regained(0, 20)
  expect(trust.result(100)).toMatchObject({ anyShareE6: 500_000 })
  const short = trustOf('a')
  short.shardLost({ shard: 0, relNs: 50, hole: true })
  short.known(0, 0, 0)
  expect(short.result(40)).toMatchObject({ anyShareE6: 0 })
})

test('a hole in front of the first event of a market counts where the market was subscribed, a lost connection does not', () => {
  for (const hole of [true, false]) {
    const trust = trustOf('seen')
    trust.subscribed(1, ['later', 'never'])
    trust.known(0, 0, 0)
    trust.shardLost({ shard: 1, relNs: 20, hole })
    trust.known(1, 1, 60)
    expect(trust.result(100)).toMatchObject(
      hole ? { anyShareE6: 800_000, markets: 3, marketsTouched: 2 } : { anyShareE6: 0, markets: 2, marketsTouched: 0 }
    )
  }
})

test('of a shard whose markets nobody named the hole counts until something is heard of it', () => {
  const trust = trustOf('seen', 'other')
  trust.known(0, 0, 0)
  trust.shardLost({ shard: 1, relNs: 10, hole: true })
  trust.known(1, 1, 30)
  expect(trust.result(100)).toMatchObject({ anyShareE6: 200_000, marketsTouched: 0 })
})
