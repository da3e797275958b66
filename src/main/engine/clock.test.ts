import { expect, test } from 'vitest'
import { counterOf, hostClock } from './clock.ts'

test('the counter tells the same instants as the clock, without a BigInt', () => {
  const origin = hostClock.monoNs()
  for (const originNs of [origin, origin - 12_345_678_901n, origin + 987_654_321n]) {
    const counter = counterOf(hostClock, originNs)
    for (let i = 0; i < 100; i++) {
      const before = Number(hostClock.monoNs() - originNs)
      const between = counter()
      const after = Number(hostClock.monoNs() - originNs)
      expect(between).toBeGreaterThanOrEqual(before)
      expect(between).toBeLessThanOrEqual(after)
    }
  }
})

test('a clock without a counter of its own is read as it is', () => {
  let now = 5_000n
  const counter = counterOf({ monoNs: () => now, wallNs: () => 0n }, 1_000n)
  expect(counter()).toBe(4_000)
  now += 20_000_000_000n
  expect(counter()).toBe(20_000_004_000)
})
