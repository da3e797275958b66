import { describe, expect, test } from 'vitest'
import { newView } from '../stage/view.ts'
import { TradeBins } from './tradeBins.ts'

const view = (pxPerSec: number) => Object.assign(newView(), { pxPerSec, pxPerRow: 4 })

describe('trade bins', () => {
  test('trades of one place and side are added up, the place is their average by size', () => {
    const bins = new TradeBins(100)
    bins.start(view(8))
    bins.add(1000.1, 2, 3e6, 1)
    bins.add(1000.3, 2, 1e6, 1)
    bins.add(1000.3, 2, 5e6, 2)
    bins.add(1000.3, -2, 5e6, 1)
    expect(bins.count).toBe(3)
    expect(bins.size[0]).toBe(4e6)
    expect(bins.sec[0]).toBeCloseTo(1000.15, 9)
  })

  test('nothing is lost while there are bins', () => {
    const bins = new TradeBins(8192)
    bins.start(view(4))
    let sum = 0
    for (let i = 0; i < 5000; i++) {
      bins.add(1_723_161_000 + i * 0.3, ((i * 7) % 41) - 20, 1000 + i, i % 3)
      sum += 1000 + i
    }
    let got = 0
    for (let i = 0; i < bins.count; i++) got += bins.size[i] ?? 0
    expect(got).toBe(sum)
  })

  test('a new start forgets the last', () => {
    const bins = new TradeBins(10)
    bins.start(view(4))
    bins.add(5, 1, 1e6, 1)
    bins.start(view(4))
    bins.add(5, 1, 2e6, 1)
    expect([bins.count, bins.size[0]]).toEqual([1, 2e6])
  })

  test('more places than bins leave the rest out', () => {
    const bins = new TradeBins(4)
    bins.start(view(4))
    for (let i = 0; i < 50; i++) bins.add(i * 100, 0, 1e6, 1)
    expect(bins.count).toBe(4)
  })
})
