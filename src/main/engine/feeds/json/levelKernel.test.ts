import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseE6 } from '../../../../shared/market/index.ts'
import { LevelList } from '../marketSink.ts'
import { LevelKernel } from './levelKernel.ts'

const kernel = new LevelKernel()

function take(bytes: Uint8Array, to: number): { pairs: number[][]; pos: number; more: boolean } {
  const out = new LevelList()
  const pos = kernel.read(bytes, 0, to, out)
  const more = kernel.needsLevel
  return { pairs: Array.from({ length: out.count }, (_, i) => [out.values[2 * i]!, out.values[2 * i + 1]!]), pos, more }
}

/** The same by a regular expression and the exact conversion of decimals. */
function expected(text: string): number[][] {
  const pairs: number[][] = []
  const level = /\{"price":"(\d{1,9}(?:\.\d{1,6})?)", ?"size":"(\d{1,9}(?:\.\d{1,6})?)"\}(, ?)?/y
  for (;;) {
    const match = level.exec(text)
    if (match === null || !(parseE6(match[1]!)! > 0)) return pairs
    pairs.push([parseE6(match[1]!)!, parseE6(match[2]!)!])
    if (match[3] === undefined) return pairs
  }
}

const decimal = fc.oneof(
  { weight: 20, arbitrary: fc.stringMatching(/^\d{1,9}(\.\d{1,6})?$/) },
  fc.stringMatching(/^\d{0,12}(\.\d{0,10})?$/),
  fc.constantFrom('0', '999999999.999999', '1234567890', '0.000001', '.5', '5.', '1e3', '-1', '')
)
const gap = fc.constantFrom('', ' ')
const level = fc.tuple(decimal, decimal, gap).map(([px, size, space]) => `{"price":"${px}",${space}"size":"${size}"}`)
const list = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: level },
    fc.constantFrom('{}', '{"size":"1", "price":"2"}', '{"price":1,"size":2}', ' {"price":"1","size":"2"}')
  ),
  { maxLength: 6 }
)
const fault = fc.record({ at: fc.nat(400), byte: fc.integer({ min: 0, max: 255 }) })

test('it takes exactly the levels that are spelled as the venue spells them, and reads them to the last digit', () => {
  fc.assert(
    fc.property(list, gap, fc.constantFrom(']', ',', '', ' ,', ']}'), fault, (levels, space, tail, { at, byte }) => {
      const bytes = new TextEncoder().encode(levels.join(`,${space}`) + tail)
      if (at < bytes.length) bytes[at] = byte
      expect(take(bytes, bytes.length).pairs).toEqual(expected(new TextDecoder().decode(bytes)))
    }),
    { numRuns: 30_000 }
  )
})

test('it reads nothing behind the end of its message, wherever the message ends', () => {
  const text = '{"price":"0.01", "size":"100.25"}, {"price":"0.02","size":"7"}]}'
  const bytes = new TextEncoder().encode(text)
  for (let end = 0; end <= bytes.length; end++) expect(take(bytes, end).pairs).toEqual(expected(text.slice(0, end)))
})

test('it says whether a level is still due', () => {
  const of = (text: string): unknown => {
    const { pos, more } = take(new TextEncoder().encode(text), text.length)
    return [text.slice(pos), more]
  }
  expect(of('{"price":"1","size":"2"}]')).toEqual([']', false])
  expect(of('{"price":"1","size":"2"}, {"size":"2"}]')).toEqual(['{"size":"2"}]', true])
})

test('lists that are longer than what is looked at together are read on, wherever they are cut', () => {
  const spellings = ['{"price":"0.01","size":"100.25"}', '{"price":"0.02", "size":"7"}', '{"price":"12345678.123456","size":"0"}']
  fc.assert(
    fc.property(
      fc.nat(4200),
      fc.array(fc.tuple(fc.constantFrom(...spellings), gap), { minLength: 100, maxLength: 500 }),
      (before, levels) => {
        const text = levels.map(([one, space], i) => (i === levels.length - 1 ? one : `${one},${space}`)).join('')
        const bytes = new TextEncoder().encode(`${'x'.repeat(before)}${text}]`)
        const out = new LevelList()
        let pos = before
        do {
          // A space that a cut has parted from its comma is left to the caller, as white space is everywhere else.
          if (bytes[pos] === 32) pos++
          pos = kernel.read(bytes, pos, bytes.length, out)
        } while (bytes[pos] === 32)
        expect([pos, kernel.needsLevel]).toEqual([before + text.length, false])
        const pairs = Array.from({ length: out.count }, (_, i) => [out.values[2 * i]!, out.values[2 * i + 1]!])
        expect(pairs).toEqual(expected(text))
      }
    ),
    { numRuns: 300 }
  )
})
