import { describe, expect, test } from 'vitest'

import { checkFaultPlan, parseFaultText } from './faultText.ts'

describe('a fault on the command line', () => {
  test.each([
    ['drop@5s', { kind: 'drop', atMs: 5000 }],
    ['silence@250ms:ms=3000,connection=2', { kind: 'silence', atMs: 250, ms: 3000, connection: 2 }],
    ['gap@1.5m:count=5,token=12345', { kind: 'gap', atMs: 90_000, count: 5, token: '12345' }],
    ['malformed@0s:connection=any,venue=binance', { kind: 'malformed', atMs: 0, connection: 'any', venue: 'binance' }],
    ['http@1s:status=429', { kind: 'http', atMs: 1000, status: 429, count: 1, retryAfterS: 1 }],
    ['clockSkew@1s:ms=-1500', { kind: 'clockSkew', atMs: 1000, ms: -1500 }]
  ])('%s is understood', (text, fault) => expect(parseFaultText(text)).toEqual(fault))

  test.each([
    'drop',
    'drop@5',
    'drop@-1s',
    'fire@5s',
    'silence@5s',
    'silence@5s:ms=x',
    'silence@5s:ms',
    'drop@5s:colour=red',
    'http@1s:status=404',
    'gap@1s:count=0',
    ''
  ])('"%s" is refused with a sentence', (text) => {
    expect(() => parseFaultText(text)).toThrowError(expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(text) }))
  })
})

test.each([
  ['fire@5s', '"kind" should be one of drop, silence, gap, '],
  ['fire@5s', 'weather, but it is "fire". In "fire@5s".'],
  ['drop@5s:colour=red', '"colour" is not known. In "drop@5s:colour=red".'],
  ['gap@1s', '"count" should be a number, but it is missing.'],
  ['gap@1s:count=0', '"count" should be at least 1, but it is 0.'],
  ['gap@1s:count=1.5', '"count" should be a whole number, but it is 1.5.'],
  ['oversized@1s:bytes=999999999', '"bytes" should be at most 268435456, but it is 999999999.'],
  ['http@1s:status=404', '"status" should be 429 or 500, but it is 404.'],
  ['drop@1s:connection=x', '"connection" should be a number or any, but it is "x".'],
  ['drop@1s:venue=x', '"venue" should be one of polymarket, binance, but it is "x".']
])('%s: what was expected and what was found is said in plain words', (text, sentence) => {
  expect(() => parseFaultText(text)).toThrowError(expect.objectContaining({ message: expect.stringContaining(sentence) }))
})

describe('a fault plan', () => {
  test('is an array of faults with their moments', () => {
    expect(checkFaultPlan([{ kind: 'duplicate', atMs: 10 }], 'plan.json')).toEqual([{ kind: 'duplicate', count: 1, atMs: 10 }])
  })

  test.each([[{}], [null], [[{ kind: 'drop' }]], [[null]], [[{ kind: 'drop', atMs: -1 }]], [[{ kind: 'nope', atMs: 1 }]]])(
    '%j is refused by name',
    (plan) => {
      expect(() => checkFaultPlan(plan, 'plan.json')).toThrowError(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('plan.json') })
      )
    }
  )
})
