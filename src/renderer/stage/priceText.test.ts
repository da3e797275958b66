import { describe, expect, test } from 'vitest'
import { decimalText, exactText, priceText, rowText, sizeText, tickDecimals, utcTime } from './priceText.ts'

describe('price text', () => {
  test('decimals follow the tick', () => {
    expect([1_000_000, 500_000, 10_000, 1_000, 250, 1].map(tickDecimals)).toEqual([0, 1, 2, 3, 5, 6])
  })

  test('prices are exact at the tick', () => {
    expect(priceText(61_602_010_000, 10_000)).toBe('61602.01')
    expect(priceText(505_000, 1_000)).toBe('0.505')
    expect(priceText(0, 10_000)).toBe('0.00')
    expect(priceText(-20_000, 10_000)).toBe('-0.02')
    expect(priceText(3_000_000, 1_000_000)).toBe('3')
  })

  test('the shortest exact text keeps every digit', () => {
    expect(exactText(1_234_567)).toBe('1.234567')
    expect(exactText(10_000_000)).toBe('10')
    expect(exactText(0)).toBe('0')
    expect(exactText(100)).toBe('0.0001')
  })

  test('rounding a half goes away from zero', () => {
    expect(decimalText(1_500_000, 0)).toBe('2')
    expect(decimalText(-1_500_000, 0)).toBe('-2')
    expect(decimalText(-100_000, 0)).toBe('0')
  })

  test('sizes are short', () => {
    expect([4_120, 152_300, 1_523_000, 184_200_000, 18_420_000_000, 1_840_000_000_000, 2.5e15].map(sizeText)).toEqual([
      '0.00412',
      '0.152',
      '1.523',
      '184.2',
      '18420',
      '1.84M',
      '2.50B'
    ])
  })

  test('rows carry their sign', () => {
    expect([12, 0, -3].map(rowText)).toEqual(['+12', '0', '−3'])
  })

  test('time of day is UTC', () => {
    expect(utcTime(1_723_161_253.9)).toBe('23:54:13')
  })
})
