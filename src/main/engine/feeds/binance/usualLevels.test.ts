import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseE6 } from '../../../../shared/market/index.ts'
import { JsonScan } from '../json/jsonScan.ts'
import { LevelList } from '../marketSink.ts'
import { scanUsualLevels } from './usualLevels.ts'

interface Taken {
  readonly pairs: number[][]
  /** Where the reader stopped. */
  readonly pos: number
  readonly more: boolean
}

function take(bytes: Uint8Array, from: number, to: number): Taken {
  const scan = new JsonScan()
  const out = new LevelList()
  scan.start(bytes, from, to, false)
  const more = scanUsualLevels(scan, out)
  return { pairs: Array.from({ length: out.count }, (_, i) => [out.values[2 * i]!, out.values[2 * i + 1]!]), pos: scan.pos, more }
}

/** The same by a regular expression and the exact conversion of decimals. */
function expected(text: string): Taken {
  const pairs: number[][] = []
  const level = /\["(\d{1,9}\.\d{8})","(\d{1,9}\.\d{8})"\](,?)/y
  for (;;) {
    const at = level.lastIndex
    const match = level.exec(text)
    if (match === null || !(parseE6(match[1]!)! > 0)) return { pairs, pos: at, more: true }
    pairs.push([parseE6(match[1]!)!, parseE6(match[2]!)!])
    if (match[3] === '') return { pairs, pos: level.lastIndex, more: false }
  }
}

const usual = fc.stringMatching(/^\d{1,9}\.\d{8}$/)
const decimal = fc.oneof(
  { weight: 20, arbitrary: usual },
  fc.stringMatching(/^\d{0,12}(\.\d{0,10})?$/),
  fc.constantFrom('0.00000000', '999999999.99999999', '0.00000049', '0.00000050', '1e3', '-1.00000000', '1.0000000/', '1.0000000:')
)
const level = fc.tuple(decimal, decimal).map(([px, size]) => `["${px}","${size}"]`)
const list = fc.array(
  fc.oneof({ weight: 20, arbitrary: level }, fc.constantFrom('[]', '["1.00000000"]', '[1,2]', ' ["1.00000000","1.00000000"]')),
  {
    maxLength: 6
  }
)
const fault = fc.record({ at: fc.nat(400), byte: fc.integer({ min: 1, max: 126 }) })

test('it takes exactly the levels that are spelled as the venue spells them, and reads them to the last digit', () => {
  fc.assert(
    fc.property(list, fc.constantFrom(']', ',', '', ' ,', ']}}'), fault, (levels, tail, { at, byte }) => {
      const bytes = new TextEncoder().encode(levels.join(',') + tail)
      if (at < bytes.length) bytes[at] = byte
      const whole = expected(new TextDecoder().decode(bytes))
      expect(take(bytes, 0, bytes.length)).toEqual(whole)
    }),
    { numRuns: 30_000 }
  )
})

test('it reads nothing behind the end of its message, wherever the message ends', () => {
  const text = '["61837.63000000","3.78826000"],["61837.64000000","0.00000000"]]}}'
  const bytes = new TextEncoder().encode(text)
  for (let end = 0; end <= bytes.length; end++) {
    const { pairs, pos } = take(bytes, 0, end)
    expect(pairs).toEqual(expected(text.slice(0, end)).pairs)
    expect(pos).toBeLessThanOrEqual(end)
  }
})
