import { expect, test } from 'vitest'
import { hashOf, Instruments } from './instruments.ts'

test('an instrument keeps its name when the buffer that it was met in is used again', () => {
  const window = Buffer.from('token-1')
  const instruments = new Instruments()
  instruments.add(window, 0, window.length, hashOf(window), 'polymarket', 0)
  const met = Buffer.from(window)
  window.fill(0x78)
  expect(instruments.find(met, 0, met.length, hashOf(met))?.tokenId).toBe('token-1')
})
