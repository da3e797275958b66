import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { Allocator } from './allocator.ts'
import { checkIntents, type CheckedIntent } from './host/checkedIntent.ts'
import { decodeIntents, encodeIntents } from './host/intentCodec.ts'
import { IntentHash } from './intentHash.ts'

const [place, market, cancel] = checkIntents(
  [
    { type: 'place', marketId: 'm1', side: 'buy', priceE6: 480_000, sizeE6: 1_000_000 },
    {
      type: 'place',
      marketId: 'm2',
      side: 'sell',
      sizeE6: 5,
      orderType: 'market',
      tif: 'ioc',
      urgency: 'taker',
      tag: 'é',
      maxSlippageBps: 0,
      expiresAtMs: 7
    },
    { type: 'cancel', marketId: 'm3', orderId: 'sim-00000001', reason: 'late' }
  ],
  'toy'
) as [CheckedIntent, CheckedIntent, CheckedIntent]

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

function hashOf(...entries: readonly (readonly [seq: number, strategyId: string, intent: CheckedIntent])[]): string {
  const hash = new IntentHash()
  for (const entry of entries) hash.add(...entry)
  return hash.digest()
}

test('a line has the fields of the original in its order; what is absent is empty', () => {
  expect(hashOf([12, 'toy', place])).toBe(sha256('12|toy|place|m1|buy|480000|1000000|gtc|maker|toy\n'))
  expect(hashOf([13, 'toy', market])).toBe(sha256('13|toy|place|m2|sell||5|ioc|taker|é\n'))
  expect(hashOf([14, 'toy', cancel])).toBe(sha256('14|toy|cancel|m3||||||toy\n'))
  expect(hashOf([12, 'toy', place], [13, 'toy', market])).toBe(
    sha256('12|toy|place|m1|buy|480000|1000000|gtc|maker|toy\n13|toy|place|m2|sell||5|ioc|taker|é\n')
  )
})

test('numbers and texts of any length are written whole', () => {
  const numbers = [1, 9, 10, 99, 100, 123_456_789_012, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]
  const long = '❄'.repeat(200)
  const entries = numbers.map(
    (n, i) => [n, long, { ...place, priceE6: numbers[i]!, sizeE6: numbers.at(-1 - i)!, marketId: long, tag: long }] as const
  )
  const lines = entries.map(([seq, id, { priceE6, sizeE6 }]) => `${seq}|${id}|place|${long}|buy|${priceE6}|${sizeE6}|gtc|maker|${long}\n`)
  expect(hashOf(...entries)).toBe(sha256(lines.join('')))
  const id = 'i'.repeat(200_000)
  expect(hashOf([1, 'a', cancel], [2, id, cancel], [3, 'a', cancel])).toBe(
    sha256(`1|a|cancel|m3||||||toy\n2|${id}|cancel|m3||||||toy\n3|a|cancel|m3||||||toy\n`)
  )
})

test('the hash of no intent is SHA-256 of nothing; of many it is that of their lines, whenever it is asked for', () => {
  const hash = new IntentHash()
  expect(hash.digest()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  let text = ''
  for (let seq = 1; seq <= 120_000; seq++) {
    hash.add(seq, 'toy', { ...market, marketId: `m${seq}` })
    text += `${seq}|toy|place|m${seq}|sell||5|ioc|taker|é\n`
    if (seq % 17_777 === 0) hash.digest()
  }
  expect(hash.digest()).toBe(sha256(text))
})

test('intents come out of the way between threads as they went in', () => {
  const at = [0, 0, 4]
  const intents = [place, market, cancel]
  expect(decodeIntents(encodeIntents(at, intents))).toEqual({ at, intents })
})

test('the allocator merges by strategy id, keeps their order, and cuts from the end', () => {
  const tagged = (tag: string): CheckedIntent => ({ ...place, tag })
  const answers = [
    { at: [0, 0, 2], intents: [tagged('a1'), tagged('a2'), tagged('a3')], fault: undefined },
    { at: [0, 1, 1, 1], intents: [tagged('b1'), tagged('b2'), tagged('b3'), tagged('b4')], fault: undefined }
  ]
  const taken = (perStrategy: number | undefined, global: number | undefined): string[] => {
    const allocator = new Allocator(['a', 'b'], { maxIntentsPerStrategy: perStrategy, maxIntentsGlobal: global })
    allocator.begin(answers)
    return [0, 1, 2].map((i) =>
      allocator
        .take(i)
        .map(({ strategyId, intent }) => strategyId + intent.tag)
        .join(' ')
    )
  }
  expect(taken(undefined, undefined)).toEqual(['aa1 aa2 bb1', 'bb2 bb3 bb4', 'aa3'])
  expect(taken(1, undefined)).toEqual(['aa1 bb1', 'bb2', 'aa3'])
  expect(taken(undefined, 2)).toEqual(['aa1 aa2', 'bb2 bb3', 'aa3'])
  expect(taken(0, 0)).toEqual(['', '', ''])
})

test.each<[unknown, RegExp]>([
  [7, /a list of intents, or nothing, was expected, but 7 came/],
  [Promise.resolve([]), /a promise \(a callback answers at once/],
  [['x'], /an intent is an object, but "x" came/],
  [[{ type: 'buy' }], /"place" or "cancel", but "buy" came/],
  [[{ type: 'place', marketId: 'm', side: 'long', priceE6: 1, sizeE6: 1 }], /side is "buy" or "sell", but "long" came/],
  [
    [{ type: 'place', marketId: 'm', side: 'buy', priceE6: 0.5, sizeE6: 1 }],
    /priceE6 is a whole number above 0 \(the value × 1e6\), but 0.5 came/
  ],
  [[{ type: 'place', marketId: 'm', side: 'buy', sizeE6: 1 }], /priceE6 of a limit order/],
  [[{ type: 'place', marketId: 'm', side: 'buy', priceE6: 1, sizeE6: NaN }], /sizeE6 .*NaN came/],
  [[{ type: 'place', marketId: 'm', side: 'buy', priceE6: 1n, sizeE6: 1 }], /the bigint 1n \(write it as a number\)/],
  [[{ type: 'place', marketId: '', side: 'buy', priceE6: 1, sizeE6: 1 }], /marketId is a text of 1 to 200 characters, but "" came/],
  [[{ type: 'place', marketId: 'm', side: 'buy', priceE6: 1, sizeE6: 1, tag: 'a|b' }], /tag .*without line breaks or "\|"/],
  [[{ type: 'place', marketId: 'm', side: 'buy', priceE6: 1, sizeE6: 1, maxSlippageBps: -1 }], /from 0 to 10000, but -1 came/],
  [[{ type: 'cancel', marketId: 'm' }], /orderId is a text of 1 to 200 characters, but nothing came/],
  [Array.from({ length: 1001 }, () => ({})), /at most 1000 intents/]
])('nonsense is refused with what was expected: %#', (answer, sentence) => {
  expect(() => checkIntents(answer, 's')).toThrow(sentence)
})
