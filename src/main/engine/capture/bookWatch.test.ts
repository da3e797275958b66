import { expect, test } from 'vitest'
import type { TapeReport } from '../threads/captureMessages.ts'
import { BookWatch } from './bookWatch.ts'
import { captureConfig } from './config.ts'

function watch(): { books: BookWatch; told: string[]; at: (seconds: number, missing: [string, number][], withBook?: number) => void } {
  const told: string[] = []
  let now = 0
  const books = new BookWatch({
    config: captureConfig({}),
    nowRelNs: () => now,
    log: (type, fields) => told.push(`${type} ${Number(fields['missing_count'])}/${Number(fields['resubscribed_count'])}`),
    resubscribe: (shard, keys) => told.push(`ask ${shard} ${keys.join()}`) > 0,
    requestBook: (shard, key) => told.push(`http ${shard} ${key}`),
    missingChanged: () => told.push('told')
  })
  const at = (seconds: number, missing: [string, number][], withBook = 3): void => {
    now = seconds * 1e9
    const report: TapeReport = {
      records: 0,
      malformed: 0,
      fallbacks: 0,
      shards: [{ shard: 2, withBook, silent: 1, malformed: 0 }],
      missing: missing.map(([key, since]) => ({ shard: 2, key, sinceRelNs: since * 1e9 })),
      appliedMs: [],
      writeEndToApplyMs: [],
      applyUpdateMs: []
    }
    books.take(report)
  }
  return { books, told, at }
}

test('a token without its first book is asked for again once in each confirm window, then over HTTP too, until it comes', () => {
  const { books, told, at } = watch()
  at(44, [['a', 0]])
  expect([told, books.coverage()]).toEqual([[], { pct: 75, seen: 3, silent: 1 }])
  at(45, [
    ['a', 0],
    ['b', 10]
  ])
  expect(told.splice(0)).toEqual(['ask 2 a', 'first_book_missing 1/1', 'told'])
  expect([...books.missing]).toEqual([[2, ['a']]])
  at(60, [
    ['a', 0],
    ['b', 10]
  ])
  expect(told.splice(0)).toEqual(['ask 2 b', 'first_book_missing 2/1', 'told'])
  at(90, [['a', 0]])
  expect(told.splice(0)).toEqual(['ask 2 a', 'http 2 a', 'first_book_missing 1/1', 'told'])
  at(91, [], 5)
  expect([told, books.missing.size, books.coverage(2), books.resubscribed]).toEqual([[], 0, { pct: 100, seen: 5, silent: 1 }, 3])
})

test('a token that was added a moment ago is not yet awaited', () => {
  const { books, at } = watch()
  expect(books.coverage()).toBeUndefined()
  at(100, [['new', 71]])
  expect(books.coverage()?.pct).toBe(100)
  at(101, [['new', 71]])
  expect(books.coverage()?.pct).toBe(75)
  at(102, [], 0)
  expect(books.coverage()?.pct).toBe(100)
})
