import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { MovedLevel } from '../frame.ts'
import { Gap } from './gap.ts'

const change = (levels: readonly MovedLevel[]) => ({ kind: 'change', book: 'b', levels }) as const

test('holds back exactly as many updates as asked when updates carry ids', () => {
  const gap = new Gap(3)
  const verdicts = Array.from({ length: 5 }, () => gap.meet(change([])))
  expect(verdicts).toEqual(['skip', 'skip', 'skip', 'end', 'end'])
  expect(gap.skipped).toBe(3)
})

test('lets trades pass and holds back a whole book that would fill the hole', () => {
  const gap = new Gap(1)
  expect(gap.meet({ kind: 'refresh', book: 'b' })).toBe('send')
  expect(gap.meet(change([{ key: 'x', before: 1, after: 2 }]))).toBe('skip')
  expect(gap.meet({ kind: 'refresh', book: 'b' })).toBe('skip')
  expect(gap.meet({ kind: 'other' })).toBe('send')
  expect(gap.meet(change([{ key: 'y', before: 1, after: 2 }]))).toBe('end')
})

test('is widened while the next update would close it unseen', () => {
  const gap = new Gap(1)
  expect(gap.meet(change([{ key: 'x', before: 1, after: 2 }]))).toBe('skip')
  expect(gap.meet(change([{ key: 'x', before: 2, after: 3 }]))).toBe('skip')
  expect(gap.meet(change([{ key: 'x', before: 3, after: 1 }]))).toBe('skip')
  expect(gap.meet(change([{ key: 'y', before: 0, after: 1 }]))).toBe('skip')
  expect(gap.meet(change([{ key: 'x', before: 1, after: 9 }]))).toBe('end')
  expect(gap.skipped).toBe(4)
})

test('whatever the updates, a client differs from the venue after the update that ends a gap', () => {
  const update = fc.record({ key: fc.constantFrom('a', 'b', 'c'), after: fc.integer({ min: 0, max: 2 }) })
  fc.assert(
    fc.property(fc.array(update, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (updates, wanted) => {
      const venue = new Map<string, number>()
      const client = new Map<string, number>()
      const gap = new Gap(wanted)
      for (const { key, after } of updates) {
        const before = venue.get(key) ?? 0
        venue.set(key, after)
        const verdict = gap.meet(change([{ key, before, after }]))
        if (verdict !== 'skip') client.set(key, after)
        if (verdict !== 'end') continue
        expect(gap.skipped).toBeGreaterThanOrEqual(wanted)
        expect(['a', 'b', 'c'].some((name) => (venue.get(name) ?? 0) !== (client.get(name) ?? 0))).toBe(true)
        return
      }
    })
  )
})
