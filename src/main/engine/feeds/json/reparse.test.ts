import { expect, test } from 'vitest'
import { reparse, TOO_MUCH } from './jsonScan.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const again = (text: string): string | undefined => {
  const found = reparse(bytes(text), 0, bytes(text).length)
  return found === undefined ? undefined : new TextDecoder().decode(found)
}

test('what is JSON is written again, with the digits of its numbers; what is not, is not', () => {
  expect(again('{ "a" : 0.10000000000000000001, "a": 2.50 }')).toBe('{"a":2.50}')
  expect(again('{"a":')).toBeUndefined()
})

test('a text that is nested too deep or above 8 MB is not read again', () => {
  const deep = bytes(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  expect(reparse(deep, 0, deep.length)).toBe(TOO_MUCH)
  const large = bytes(`["${'x'.repeat(8 * 1024 * 1024)}"]`)
  expect(reparse(large, 0, large.length)).toBe(TOO_MUCH)
  expect(reparse(large, 0, 8 * 1024 * 1024)).toBeUndefined()
})
