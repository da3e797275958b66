import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyHash } from './keyHash.ts'
import { KeyTable } from './keyTable.ts'

test('keys are found by all of their bytes, however many of them end alike', () => {
  const key = fc
    .tuple(fc.uint8Array({ maxLength: 3 }), fc.constantFrom('', 'x1234567890', 'y1234567890'))
    .map(([start, end]) => Buffer.concat([start, Buffer.from(end)]))
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200, size: 'max' }), fc.nat(3), (keys, before) => {
      const table = new KeyTable<number>()
      const expected = new Map<string, number>()
      keys.forEach((one, i) => {
        const buf = Buffer.concat([Buffer.alloc(before, 'q'), one, Buffer.from('q')])
        const [from, to] = [before, before + one.length]
        const text = one.toString('latin1')
        expect(table.find(buf, from, to, keyHash(buf, from, to))).toBe(expected.get(text))
        if (expected.has(text)) return
        expected.set(text, i)
        table.add(new Uint8Array(one), keyHash(buf, from, to), i)
      })
      for (const one of keys) expect(table.find(one, 0, one.length, keyHash(one, 0, one.length))).toBe(expected.get(one.toString('latin1')))
      table.clear()
      for (const one of keys) expect(table.find(one, 0, one.length, keyHash(one, 0, one.length))).toBeUndefined()
    }),
    { numRuns: 200 }
  )
})

test('a hundred thousand keys of one hash are added and found', () => {
  const table = new KeyTable<number>()
  const keys = Array.from({ length: 100_000 }, (_, i) => Buffer.from(`${String(i).padStart(20, 'x')}1234567890`))
  const hash = keyHash(keys[0]!, 0, keys[0]!.length)
  keys.forEach((key, i) => {
    expect(table.find(key, 0, key.length, hash)).toBeUndefined()
    table.add(key, hash, i)
  })
  expect(keys.map((key) => table.find(key, 0, key.length, hash))).toEqual(keys.map((_, i) => i))
})
