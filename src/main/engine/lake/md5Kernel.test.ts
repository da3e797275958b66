import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Md5, TEXT_AT } from './md5Kernel.ts'

const md5 = new Md5()

function hexOf(text: Uint8Array): string {
  md5.room(text.length).set(text, TEXT_AT)
  const words = md5.digest(TEXT_AT + text.length)
  return Buffer.from(words.buffer, words.byteOffset, 16).toString('hex')
}

const expected = (text: Uint8Array): string => createHash('md5').update(text).digest('hex')

test('a text of every length up to a few blocks has the digest that the runtime gives', () => {
  for (let length = 0; length <= 300; length++) {
    const text = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff)
    expect(hexOf(text)).toBe(expected(text))
  }
})

test('so have random texts, and texts larger than the memory was before', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (text) => hexOf(text) === expected(text)))
  const large = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) & 0xff)
  expect(hexOf(large)).toBe(expected(large))
  expect(hexOf(new Uint8Array(0))).toBe('d41d8cd98f00b204e9800998ecf8427e')
})
