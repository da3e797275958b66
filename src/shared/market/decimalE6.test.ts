import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatE6, parseE6 } from './decimalE6.ts'

/** Reference: exact decimal arithmetic with bigint, half away from zero. */
function reference(text: string): bigint {
  const negative = text.startsWith('-')
  const [whole = '0', decimals = ''] = text.replace(/^[+-]/, '').split('.')
  const digits = BigInt((whole === '' ? '0' : whole) + decimals.padEnd(7, '0').slice(0, Math.max(7, decimals.length)))
  const scale = 10n ** BigInt(Math.max(7, decimals.length) - 6)
  const rounded = (digits * 2n + scale) / (scale * 2n)
  return negative ? -rounded : rounded
}

const decimals = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.bigInt({ min: 0n, max: 9_007_199_253n }),
    fc.option(fc.stringMatching(/^\d{0,24}$/), { nil: undefined })
  )
  .map(([sign, whole, rest]) => `${sign}${whole}${rest === undefined ? '' : `.${rest}`}`)

test('decimal text becomes the integer that exact arithmetic gives', () => {
  fc.assert(
    fc.property(decimals, (text) => {
      expect(BigInt(parseE6(text) ?? NaN)).toBe(reference(text))
    }),
    { numRuns: 5000 }
  )
})

test('an integer survives the way to text and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), (value) => {
      expect(parseE6(formatE6(value))).toBe(value)
    }),
    { numRuns: 5000 }
  )
})

test.each([
  ['0.5', 500000],
  ['.48', 480000],
  ['5.', 5000000],
  ['0.0000005', 1],
  ['0.00000049999999', 0],
  ['-0.0000005', -1],
  ['61602.01000000', 61602010000],
  ['1e-7', 0],
  ['5e-7', 1],
  ['1.5e3', 1500000000],
  ['-0', 0]
])('%s is %d', (text, value) => expect(parseE6(text)).toBe(value))

test.each(['', '.', '-', '1.2.3', 'abc', '0x10', '1,5', ' 1', '1 ', 'NaN', 'Infinity', '9007199255', '1e400', '1e', '--1'])(
  '%j is refused',
  (text) => expect(parseE6(text)).toBeUndefined()
)

test('a number of a million digits is refused at once', () => {
  const digits = '1'.repeat(1_000_000)
  for (const text of [digits, `${digits}e`, `${digits}e1`, `.${digits}e5x`, `${digits}.${digits}`]) expect(parseE6(text)).toBeUndefined()
  expect(parseE6(`0.${digits}`)).toBe(111_111)
})
