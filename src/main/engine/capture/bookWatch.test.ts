import { expect, test } from 'vitest'
import type { TapeReport } from '../threads/captureMessages.ts'
import { BookWatch } from './bookWatch.ts'
import { captureConfig } from './config.ts'

interface Watch {
  readonly books: BookWatch
  readonly told: string[]
  readonly silent: unknown[]
  /** The tape tells what is missing: names, and since which second. */
  at(seconds: number, missing: [string, number][], withBook?: number, more?: Partial<TapeReport>): void
}

function watch(): Watch {
  const silent: unknown[] = []
  const told: string[] = []
  let now = 0
  const books = new BookWatch({
    config: captureConfig({}),
    nowRelNs: () => now,
    log: (type, fields) =>
      type === 'tokens_silent'
        ? silent.push(fields)
        : told.push(`${type} ${Number(fields['missing_count'])}/${Number(fields['resubscribed_count'])}`),
    resubscribe: (shard, keys) => told.push(`ask ${shard} ${keys.join()}`) > 0,
    requestBook: (shard, key) => told.push(`http ${shard} ${key}`),
    missingChanged: () => told.push('told')
  })
  const at: Watch['at'] = (seconds, missing, withBook = 3, more = {}) => {
    now = seconds * 1e9
    const report: TapeReport = {
      records: 0,
      malformed: 0,
      counts: { fallbacks: 0, stale: 0, foreign: 0, overflow: 0, crossed: 0 },
      health: { gaps: 0, resyncs: 0, venueLatencyS: undefined, sources: [] },
      shards: [{ shard: 2, withBook, untrusted: 2, silent: 1, malformed: 0, kinds: {} }],
      awaited: missing.map(([, since]) => ({ shard: 2, sinceRelNs: since * 1e9, count: 1 })),
      missing: missing.map(([key, since]) => ({ shard: 2, key, sinceRelNs: since * 1e9 })),
      nowSilent: [],
      appliedMs: [],
      writeEndToApplyMs: [],
      applyUpdateMs: [],
      ...more
    }
    books.take(report)
  }
  return { books, told, silent, at }
}

test('a token without its first book is asked for again once in each confirm window, then over HTTP too, until it comes', () => {
  const { books, told, at } = watch()
  at(44, [['a', 0]])
  expect([told, books.coverage()]).toEqual([[], { pct: 75, seen: 3, untrusted: 2, silent: 1, withoutFirstBook: 0 }])
  at(45, [
    ['a', 0],
    ['b', 10]
  ])
  expect(told.splice(0)).toEqual(['ask 2 a', 'first_book_missing 1/1', 'told'])
  expect([...books.missing]).toEqual([[2, ['a']]])
  expect(books.coverage(2)?.withoutFirstBook).toBe(1)
  at(60, [
    ['a', 0],
    ['b', 10]
  ])
  expect(told.splice(0)).toEqual(['ask 2 b', 'first_book_missing 2/1', 'told'])
  at(90, [['a', 0]])
  expect(told.splice(0)).toEqual(['ask 2 a', 'http 2 a', 'first_book_missing 1/1', 'told'])
  at(135, [['a', 0]])
  // Asked for once more, and still the same that is missing.
  expect(told.splice(0)).toEqual(['ask 2 a', 'http 2 a', 'first_book_missing 1/1'])
  at(136, [], 5)
  expect([told, books.missing.size, books.resubscribed]).toEqual([['told'], 0, 4])
  expect(books.coverage(2)).toEqual({ pct: 100, seen: 5, untrusted: 2, silent: 1, withoutFirstBook: 0 })
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

test('a book that is asked for again counts as seen, and not as awaited too', () => {
  const { books, at } = watch()
  at(100, [['again', 10]], 4, { awaited: [] })
  expect(books.coverage()).toEqual({ pct: 100, seen: 4, untrusted: 2, silent: 1, withoutFirstBook: 0 })
  at(100, [['again', 10]], 4, { awaited: [{ shard: 2, sinceRelNs: 50e9, count: 4000 }] })
  expect(books.coverage()).toEqual({ pct: 0.1, seen: 4, untrusted: 2, silent: 1, withoutFirstBook: 4000 })
})

test('instruments that fall silent are named once, those that are silent longest first, and a shard is not told of too often', () => {
  const { silent, at } = watch()
  const quiet = (...names: [string, number][]): Partial<TapeReport> => ({
    nowSilent: names.map(([key, since]) => ({ shard: 2, key, sinceRelNs: since * 1e9 }))
  })
  at(200, [], 3, quiet(['b', 70], ['a', 60]))
  expect(silent.splice(0)).toEqual([
    {
      shard_id: 2,
      silent_count: 1,
      newly_silent_count: 2,
      newly_silent_sample: [
        { token_id: 'a', silent_s: 140 },
        { token_id: 'b', silent_s: 130 }
      ]
    }
  ])
  at(300, [], 3, quiet(['c', 180]))
  expect(silent).toEqual([])
  at(799, [])
  expect(silent).toEqual([])
  at(800, [])
  expect(silent).toMatchObject([{ newly_silent_count: 1, newly_silent_sample: [{ token_id: 'c', silent_s: 620 }] }])
  at(2000, [])
  expect(silent.length).toBe(1)
})
