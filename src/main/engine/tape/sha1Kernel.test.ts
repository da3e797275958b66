import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { random } from '../testing/random.ts'
import { BLOCK_BYTES, Sha1, SUM_WORDS, TEXT_AT } from './sha1Kernel.ts'

const hexOf = ({ sum }: Sha1): string => [...sum].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')

test('texts of every length around whole blocks have the sum of the standard, in one go or stopped in between', () => {
  const sha1 = new Sha1()
  const draw = random(5)
  for (let length = 0; length <= 300; length++) {
    const text = Buffer.from(Array.from({ length }, () => Math.floor(draw() * 256)))
    const wanted = createHash('sha1').update(text).digest('hex')
    sha1.bytes.set(text, TEXT_AT)
    sha1.start()
    sha1.finish(TEXT_AT, TEXT_AT + length)
    expect(hexOf(sha1)).toBe(wanted)
    const blocks = Math.floor(draw() * (length / BLOCK_BYTES + 1))
    const stop = TEXT_AT + BLOCK_BYTES * Math.min(blocks, Math.floor(length / BLOCK_BYTES))
    sha1.start()
    sha1.add(TEXT_AT, stop)
    const kept = sha1.sum.slice()
    expect(kept.length).toBe(SUM_WORDS)
    sha1.sum.fill(7)
    // Whatever stands before it is in the sum already.
    sha1.bytes.fill(9, TEXT_AT, stop)
    sha1.sum.set(kept)
    sha1.finish(stop, TEXT_AT + length)
    expect(hexOf(sha1)).toBe(wanted)
  }
})

test('a text that needs more memory keeps what was written', () => {
  const sha1 = new Sha1()
  sha1.bytes.write('begun ', TEXT_AT)
  const rest = 'x'.repeat(3_000_000)
  sha1.room(TEXT_AT + 6 + rest.length)
  sha1.bytes.write(rest, TEXT_AT + 6)
  sha1.start()
  sha1.finish(TEXT_AT, TEXT_AT + 6 + rest.length)
  expect(hexOf(sha1)).toBe(createHash('sha1').update(`begun ${rest}`).digest('hex'))
})
