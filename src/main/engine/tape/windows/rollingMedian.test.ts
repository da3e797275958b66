import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RollingMedian } from './rollingMedian.ts'

const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.nat()), { maxLength: 120 })

test('the median is that of the newest values, whatever came before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), values, (size, pushed) => {
      const rolling = new RollingMedian(size)
      pushed.forEach((value, i) => {
        rolling.push(value)
        const kept = pushed.slice(Math.max(0, i + 1 - size), i + 1)
        const sorted = kept.toSorted((a, b) => a - b)
        expect(rolling.median).toBe(sorted[sorted.length >> 1])
        expect(rolling.count).toBe(kept.length)
        expect([...rolling.values()]).toEqual(kept)
      })
    })
  )
})

test('one that was filled from the values of another goes on like it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), values, values, (size, before, after) => {
      const a = new RollingMedian(size)
      for (const value of before) a.push(value)
      const b = new RollingMedian(size)
      b.load(a.values())
      for (const value of after) {
        a.push(value)
        b.push(value)
        expect([b.median, b.count, [...b.values()]]).toEqual([a.median, a.count, [...a.values()]])
      }
    })
  )
})

test('what changes nothing leaves the version', () => {
  const rolling = new RollingMedian(3)
  for (let i = 0; i < 3; i++) rolling.push(5)
  const { version } = rolling
  rolling.push(5)
  rolling.push(5)
  expect(rolling.version).toBe(version)
  rolling.push(6)
  expect(rolling.version).toBeGreaterThan(version)
})

test('without values there is no median', () => {
  const rolling = new RollingMedian(3)
  expect(rolling.median).toBeNaN()
  rolling.push(1)
  rolling.clear()
  expect([rolling.median, rolling.count]).toEqual([NaN, 0])
})
