import { expect, test } from 'vitest'
import { FLAG_TEXT } from '../bundle/index.ts'
import { S, TestTape } from '../tape/testTape.ts'
import { TapeReporter } from './tapeReporter.ts'

const book = (token: string): object => ({
  event_type: 'book',
  asset_id: token,
  market: '0xm',
  timestamp: '1700000000000',
  hash: '',
  bids: [{ price: '0.4', size: '5' }],
  asks: [{ price: '0.6', size: '5' }]
})

interface Reported {
  readonly tape: TestTape
  readonly reporter: TapeReporter
  say(value: object, shard?: number): void
}

function reported(): Reported {
  const tape = new TestTape('polymarket')
  tape.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: ['1', '2', '3'] })
  const reporter = new TapeReporter(tape.tape)
  const say: Reported['say'] = (value, shard = 0) => {
    tape.json(value, shard)
    reporter.pushed(shard, FLAG_TEXT)
  }
  return { tape, reporter, say }
}

test('first books that are awaited are counted by since when, and a book that is lost again is missing but not awaited', () => {
  const { tape, reporter, say } = reported()
  say(book('1'))
  say(book('2'))
  tape.note({ note: 'conn_closed', venue: 'polymarket', trigger: 'exception', code: 1006, reason: '' })
  const report = reporter.due(10 * S)
  expect(report?.awaited).toEqual([{ shard: 0, sinceRelNs: 0, count: 1 }])
  expect(report?.missing.map(({ key }) => key)).toEqual(['1', '2', '3'])
  expect(report?.shards).toMatchObject([{ shard: 0, withBook: 2, untrusted: 3, silent: 0 }])
})

test('messages are counted by what they were, and the tape’s own counts are told', () => {
  const { reporter, say } = reported()
  say(book('1'))
  say([book('2'), book('3')])
  say({ event_type: 'mystery' })
  say({ event_type: 'book', asset_id: '1', bids: null, asks: null })
  say(book('9'))
  const report = reporter.due(2 * S)
  expect(report?.shards).toMatchObject([{ kinds: { book: 3, unknown: 1, rejected: 1 }, malformed: 1 }])
  expect(report).toMatchObject({ malformed: 1, counts: { foreign: 1, stale: 0, overflow: 0, crossed: 0 } })
})

test('an instrument that says nothing for two minutes is told as silent once, and again when it fell silent again', () => {
  const { reporter, say } = reported()
  const silentAt = (seconds: number): unknown[] =>
    (reporter.due(seconds * S)?.nowSilent ?? []).map(({ key, sinceRelNs }) => [key, sinceRelNs / S])
  say(book('1'))
  say(book('2'))
  expect([silentAt(10), silentAt(129)]).toEqual([[], []])
  say(book('2'))
  expect([silentAt(130), silentAt(131)]).toEqual([[['1', 10]], []])
  say(book('1'))
  expect(silentAt(140)).toEqual([])
  expect(silentAt(259)).toEqual([['2', 130]])
  expect(silentAt(260)).toEqual([['1', 140]])
})
