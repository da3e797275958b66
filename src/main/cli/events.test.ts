import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RunWriter } from '../engine/importer/index.ts'
import { replayReport } from '../engine/replay/index.ts'
import { parseEvent, type ParsedEvent } from '../../shared/channels/index.ts'
import { runCli } from './runCli.ts'

let printed = ''
let complained = ''
let dir = ''
beforeEach(() => {
  printed = ''
  complained = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text)
    return true
  })
  dir = join(mkdtempSync(join(tmpdir(), 'tapedeck-events-')), 'run')
  const facts = { synthetic: true, venue: 'binance', source: 'test' } as const
  const writer = new RunWriter({ dir, runId: 'test', t0WallNs: 1_700_000_000_000_000_000n, shards: 1, facts })
  writer.note(0, { note: 'conn_open', venue: 'binance', streams: ['abc@trade', 'abc@depth@100ms'] }, 0)
  writer.rest(0, { kind: 'depth', key: 'ABC', url: '' }, '{"lastUpdateId":10,"bids":[["1.5","2"]],"asks":[["1.6","3"]]}', 1e6)
  for (let i = 0; i < 40; i++) {
    const trade = { e: 'trade', E: 1_700_000_000_000 + i, s: 'ABC', t: i, p: '1.55', q: '0.1', T: 1_700_000_000_000 + i, m: i % 2 === 0 }
    writer.message(0, JSON.stringify({ stream: 'abc@trade', data: trade }), 2e6 + i * 100e6)
  }
  writer.message(0, '{broken', 4.2e9)
  writer.close()
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
  rmSync(join(dir, '..'), { recursive: true })
})

const run = (...args: string[]): Promise<number> => runCli(['events', ...args])
const lines = (): string[] => printed.split('\n').slice(0, -1)
const events = (): ParsedEvent[] => lines().map((line) => parseEvent(line)!)

test('every event of the tape is printed once, in order, and reads back', async () => {
  expect(await run('--run-dir', dir)).toBe(0)
  const counts: Record<string, number> = {}
  for (const event of events()) counts[event.ch] = (counts[event.ch] ?? 0) + 1
  const wanted = (await replayReport(dir)).counts
  expect(counts).toEqual(Object.fromEntries(Object.entries(wanted).filter(([, n]) => n > 0)))
  expect(new Set(events().map((event) => event.envelope.event_id)).size).toBe(lines().length)
  const times = events().map((event) => event.recvTsNs)
  expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
})

test('Ctrl+C while the reader is slow ends it with how many events were printed', async () => {
  vi.mocked(process.stdout.write).mockImplementation((text) => {
    printed += String(text)
    setImmediate(() => process.emit('SIGINT', 'SIGINT'))
    return false
  })
  expect(await run('--run-dir', dir)).toBe(1)
  expect(complained).toBe(`tapedeck: Stopped before the end, after ${lines().length} events.\n`)
})

test('events of one frame share its id as correlation id', async () => {
  await run('--run-dir', dir, '--channel', 'l2_book', 'top_of_book', 'frame_raw')
  const all = events()
  const book = all.find((event) => event.ch === 'l2_book')
  const same = all.filter((event) => event.envelope.correlation_id === book?.envelope.correlation_id).map((event) => event.ch)
  expect(same).toEqual(['l2_book', 'top_of_book', 'frame_raw'])
  expect(book?.envelope.token_id).toBe('ABC')
  expect(book?.levels).toEqual({ bids: [1_500_000, 2_000_000], asks: [1_600_000, 3_000_000] })
})

test('only the named channels are printed, and no more than the limit', async () => {
  expect(await run('--run-dir', dir, '--channel', 'tape_trades', '--limit', '7')).toBe(0)
  expect(events().map((event) => event.ch)).toEqual(Array.from({ length: 7 }, () => 'tape_trades'))
  expect(events().map((event) => event.values['side'])).toEqual(['sell', 'buy', 'sell', 'buy', 'sell', 'buy', 'sell'])
})

test('a limit beyond the end prints what there is', async () => {
  expect(await run('--run-dir', dir, '--channel', 'integrity', '--limit', '100000')).toBe(0)
  expect(events().map((event) => event.values['kind'])).toEqual(['FEED_OPEN', 'MALFORMED_FRAME'])
})

test('CSV has a header and one row an event', async () => {
  expect(await run('--run-dir', dir, '--format', 'csv', '--channel', 'tape_trades')).toBe(0)
  expect(lines()).toHaveLength(41)
  expect(lines()[0]).toMatch(/^event_id,.*,price,size,side,ts_exchange_ms,trade_id$/)
  expect(lines()[1]).toMatch(/,ABC,,1\.55,0\.1,sell,1700000000000,0$/)
})

test.each([
  [['--format', 'csv'], /CSV has the columns of one channel, but 14 were asked for\. Name one with --channel: frame_raw, /],
  [['--format', 'csv', '--channel', 'bbo', 'integrity'], /2 were asked for/],
  [['--format', 'xml'], /Allowed choices are ndjson, csv/],
  [['--channel', 'ladder'], /Allowed choices are frame_raw/],
  [['--limit', '0'], /Expected a whole number from 1/],
  [['--limit', '1.5'], /Expected a whole number from 1/]
])('%j is a mistake of usage', async (args, message) => {
  expect(await run('--run-dir', dir, ...args)).toBe(2)
  expect(complained).toMatch(message)
  expect(printed).toBe('')
})

test('a folder that is no bundle is a finding, told in one sentence', async () => {
  expect(await run('--run-dir', join(dir, 'capture'))).toBe(1)
  expect(complained).toMatch(/^tapedeck: [^\n]+\n$/)
})
