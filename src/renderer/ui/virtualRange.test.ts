import { expect, test } from 'vitest'
import { virtualRange } from './virtualRange.ts'

test('the rows in view are there, with some to spare on both sides', () => {
  expect(virtualRange(400, 200, 20, 5000)).toEqual({ from: 16, to: 34 })
})

test('the ends of the list are the ends', () => {
  expect(virtualRange(0, 200, 20, 5000)).toEqual({ from: 0, to: 14 })
  expect(virtualRange(99_800, 200, 20, 5000)).toEqual({ from: 4986, to: 5000 })
})

test('a list that became shorter than the scroll position has no rows out of range', () => {
  expect(virtualRange(4000, 200, 20, 10)).toEqual({ from: 10, to: 10 })
  expect(virtualRange(0, 200, 20, 0)).toEqual({ from: 0, to: 0 })
})

test('however long the list, few rows are in the document', () => {
  for (let scroll = 0; scroll < 40_000; scroll += 333) {
    const { from, to } = virtualRange(scroll, 600, 40, 2000)
    expect(to - from).toBeLessThanOrEqual(25)
    expect(from * 40).toBeLessThanOrEqual(Math.max(0, scroll))
  }
})
