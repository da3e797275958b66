import { expect, test } from 'vitest'
import { CreditLedger } from './creditLedger.ts'

test('a screen can grant back what it was sent and no more', () => {
  const ledger = new CreditLedger()
  expect(ledger.grant(100)).toBe(0)
  ledger.sent(1000)
  expect(ledger.grant(400)).toBe(400)
  expect(ledger.outstandingBytes).toBe(600)
  expect(ledger.grant(Number.MAX_SAFE_INTEGER)).toBe(600)
  expect(ledger.outstandingBytes).toBe(0)
})

test('grants that make no sense count for nothing', () => {
  const ledger = new CreditLedger()
  ledger.sent(10)
  for (const bytes of [0, -5, Number.NaN, Number.NEGATIVE_INFINITY]) expect(ledger.grant(bytes)).toBe(0)
  expect(ledger.outstandingBytes).toBe(10)
})
