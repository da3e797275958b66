import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PairKernel } from './pairKernel.ts'
import { scanPairs, type PairEnd } from './pairScan.ts'

interface Read {
  readonly end: number
  readonly pairs: readonly string[]
}

const kernel = new PairKernel()

function byKernel(text: string, from: number): Read {
  const bytes = Buffer.from(`##${text}##`, 'latin1')
  kernel.load(bytes, 2, bytes.length - 2)
  const end = kernel.list(from)
  if (end < 0) return { end, pairs: [] }
  const out = new Uint8Array(kernel.length + 3)
  kernel.copyTo(out, 3)
  return { end, pairs: numbersIn(new DataView(out.buffer, 3)) }
}

function byLoop(text: string, from: number): Read {
  const out = new DataView(new ArrayBuffer(16 * text.length + 16))
  const end: PairEnd = { line: 0, record: 0 }
  scanPairs(Buffer.from(text, 'latin1'), from, out, 0, end)
  return end.line < 0 ? { end: -1, pairs: [] } : { end: end.line, pairs: numbersIn(new DataView(out.buffer, 0, end.record)) }
}

function numbersIn(view: DataView): string[] {
  return Array.from({ length: view.byteLength / 8 }, (_, i) => String(view.getBigInt64(8 * i, true)))
}

const usual = fc.stringMatching(/^\d{1,8}(\.\d{1,6})?$/)
const odd = fc.oneof(
  fc.stringMatching(/^-?\d{0,10}(\.\d{0,8})?$/),
  fc.constantFrom('', '-', '.', '1e3', '123456789', '1.', '.5', '1.2.3', '9999999.999999', '1/', '1:', '\u00b1', ' 1')
)
const list = (number: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(fc.tuple(number, number), { maxLength: 25 }).map((pairs) => `${pairs.map(([px, size]) => `[${px},${size}]`).join(',')}]`)

test('lists of numbers as a recorder writes them are all taken, and read as byte by byte', () => {
  fc.assert(
    fc.property(list(usual), fc.constantFrom('', ',"asks":[', '}'), (text, behind) => {
      const read = byKernel(text + behind, 0)
      expect(read.end).toBe(text.length)
      expect(read).toEqual(byLoop(text + behind, 0))
    }),
    { numRuns: 2000 }
  )
})

test('what it takes of anything else, cut or changed at any place, it reads as byte by byte', () => {
  const fault = fc.record({ at: fc.nat(80), char: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
  fc.assert(
    fc.property(list(fc.oneof({ weight: 6, arbitrary: usual }, odd)), fault, fc.nat(300), (text, { at, char }, to) => {
      for (const changed of [text, text.slice(0, to), `${text.slice(0, at)}${char}${text.slice(at + 1)}`]) {
        const read = byKernel(changed, 0)
        if (read.end >= 0) expect(read).toEqual(byLoop(changed, 0))
      }
    }),
    { numRuns: 5000 }
  )
})

test('nothing is read behind the end of a piece, though an older and longer one lay there', () => {
  const text = '[0.61,5],[0.6,12.5]]'
  byKernel(`${text}${text}`, 0)
  for (let to = 0; to < text.length; to++) expect(byKernel(text.slice(0, to), 0).end).toBe(-1)
  expect(byKernel(text, 0).end).toBe(text.length)
})

test('two lists of one piece are added one to the other, and a piece larger than the memory finds room', () => {
  const side = `${Array.from({ length: 20_000 }, (_, i) => `[0.${i + 1},${i}]`).join(',')}]`
  const bytes = Buffer.from(side + side)
  kernel.load(bytes, 0, bytes.length)
  expect(kernel.list(0)).toBe(side.length)
  expect(kernel.list(side.length)).toBe(2 * side.length)
  expect(kernel.length).toBe(40_000 * 16)
})
