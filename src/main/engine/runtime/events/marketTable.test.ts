import { expect, test } from 'vitest'
import { MarketTable } from './marketTable.ts'

test('a market keeps its number when the bytes that named it are overwritten', () => {
  const table = new MarketTable()
  const buf = Buffer.from('..77..78..')
  expect([table.ofBytes(buf, 2, 4), table.ofBytes(buf, 6, 8)]).toEqual([0, 1])
  buf.fill(0)
  const again = Buffer.from('7877')
  expect([table.ofBytes(again, 0, 2), table.ofBytes(again, 2, 4)]).toEqual([1, 0])
  expect([table.ofText('78'), table.find('77'), table.find('79'), table.ofText('79')]).toEqual([1, 0, undefined, 2])
})

test('ids with the same tail and length are told apart; ids that are empty or endless are refused', () => {
  const table = new MarketTable()
  const ids = Array.from({ length: 500 }, (_, i) => `${i}`.padStart(5, 'x') + 'the same long tail')
  expect(ids.map((id) => table.ofText(id))).toEqual(ids.map((_, i) => i))
  expect([table.ofText(''), table.ofText('9'.repeat(201))]).toEqual([-1, -1])
})

test('a mark in front of an id is a part of it', () => {
  const table = new MarketTable()
  const [plain, marked] = [Buffer.from('77'), Buffer.from('\ufeff77')]
  expect([table.ofBytes(plain, 0, plain.length), table.ofBytes(marked, 0, marked.length)]).toEqual([0, 1])
  expect([table.find('77'), table.find('\ufeff77'), table.ofText('\ufeff77')]).toEqual([0, 1, 1])
})
