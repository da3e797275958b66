import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fahrenheit1, judgeAligned, wholeDegreeIntervalF } from './index.ts'

test.each([
  [26.5, 27],
  [26.4999, 26],
  [-0.5, 0],
  [-0.6, -1],
  [-12.5, -12],
  [-12.6, -13],
  [61.5, 62],
  [0.5, 1],
  [0.49999999, 0],
  [-1.5, -1],
  [0, 0],
  [-0, 0]
])('the judge rounds %d °F to %d', (tempF, aligned) => expect(judgeAligned((tempF - 32) / 1.8)).toBe(aligned))

test.each([
  [24.7, 76],
  [21.4, 71],
  [29.4, 85],
  [29, 84],
  [-17.8, 0],
  [-4.7, 24]
])('%d °C is %d whole °F, rounded once', (tempC, aligned) => expect(judgeAligned(tempC)).toBe(aligned))

test.each([
  [23.3, 73.9],
  [26.7, 80.1],
  [29.4, 84.9],
  [-4.7, 23.5],
  [-40, -40],
  [0, 32],
  // 31.955 °F: the half goes up, though the double lies below it.
  [-0.025, 32],
  [-17.8, 0],
  [-17.75, 0.1],
  [-17.7777777, 0]
])('%d °C is %d °F', (tempC, tempF) => expect(fahrenheit1(tempC)).toBe(tempF))

test('a temperature in tenths has one Fahrenheit value with one decimal, never minus zero', () => {
  fc.assert(
    fc.property(fc.integer({ min: -900, max: 900 }), (tenths) => {
      // Exact in hundredths of a degree: 18 n + 3200.
      const exact = 18 * tenths + 3200
      const expected = Math.floor((exact + 5) / 10) / 10
      expect(fahrenheit1(tenths / 10)).toBe(expected)
      expect(Object.is(fahrenheit1(tenths / 10), -0)).toBe(false)
      expect(judgeAligned(tenths / 10)).toBe(Math.floor((exact + 50) / 100) + 0)
    })
  )
})

test('a whole degree Celsius stands for an interval of 1.8 °F', () => {
  expect(wholeDegreeIntervalF(29)).toEqual({ low: 83.3, high: 85.1 })
  expect(wholeDegreeIntervalF(0)).toEqual({ low: 31.1, high: 32.9 })
  expect(wholeDegreeIntervalF(-18)).toEqual({ low: -1.3, high: 0.5 })
})
