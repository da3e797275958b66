import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTapedeck, startPractice, type PracticeProcess } from './practiceCommand.ts'

const SECONDS = '60'

interface IntegrityEvent {
  readonly market_id?: string
  readonly data: { readonly kind: string; readonly reason: string }
}

let folder = ''
let venue: PracticeProcess
let captured: Record<string, unknown> = {}
let events: IntegrityEvent[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-faults-'))
  const faults = [
    'drop@8s:connection=any',
    'malformed@12s:connection=any',
    'malformed@13s:connection=any',
    // Long before the silence, which would hide it: the market that it hits may be a quiet one.
    'gap@16s:count=8,connection=any',
    'silence@46s:ms=6000,connection=any'
  ]
  venue = await startPractice([
    '--venue',
    'polymarket',
    '--markets',
    '500',
    '--rate',
    '1200',
    '--seed',
    '3',
    ...faults.flatMap((fault) => ['--fault', fault])
  ])
  const { code, lines, stderr } = await runTapedeck([
    'capture',
    '--practice',
    venue.url,
    '--venue',
    'polymarket',
    '--ws-shards',
    '8',
    '--capture-max-markets',
    '500',
    '--duration-seconds',
    SECONDS,
    '--ws-data-idle-reconnect-seconds',
    '3',
    '--data-dir',
    folder,
    '--run-id',
    'faults',
    '--min-free-disk-gb',
    'none'
  ])
  await venue.stop()
  expect(stderr).toBe('')
  expect(code).toBe(0)
  captured = lines.at(-1) ?? {}
  events = (await runTapedeck(['events', '--run-dir', runDir(), '--channel', 'integrity'])).lines as unknown as IntegrityEvent[]
}, 180_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const runDir = (): string => join(folder, 'runs', 'faults')
const injected = (kind: string): Record<string, unknown>[] => venue.faults.filter((fault) => fault['kind'] === kind)
const recorded = (kind: string, reason: string): IntegrityEvent[] =>
  events.filter(({ data }) => data.kind === kind && data.reason === reason)

test('five faults were injected and the capture took 500 markets on 8 connections', () => {
  // A gap is told when the market moves that it hits, which may be after a later fault.
  expect(venue.faults.map((fault) => String(fault['kind'])).sort((a, b) => a.localeCompare(b))).toEqual([
    'drop',
    'gap',
    'malformed',
    'malformed',
    'silence'
  ])
  expect(captured['ok']).toBe(true)
  expect(events.filter((event) => event.data.kind === 'FEED_OPEN').length).toBe(8 + 2)
})

test('a dropped connection and a silent one are in the record, once each', () => {
  expect(recorded('FEED_CLOSED', 'disconnected').length).toBe(injected('drop').length)
  expect(recorded('FEED_CLOSED', 'data_idle').length).toBe(injected('silence').length)
})

test('every malformed frame is in the record', () => {
  expect(recorded('MALFORMED_FRAME', 'undecodable').length).toBe(injected('malformed').length)
})

test('the gap is in the record, for tokens of the market that was hit', () => {
  const gaps = events.filter((event) => event.data.kind === 'GAP_DETECTED')
  expect(gaps.length).toBeGreaterThan(0)
  const markets = new Set(gaps.map((event) => event.market_id))
  expect([...markets]).toEqual([injected('gap')[0]?.['book']])
})

test('nothing else is in the record', () => {
  const counts: Record<string, number> = {}
  for (const { data } of events) {
    const what = `${data.kind} ${data.reason}`
    counts[what] = (counts[what] ?? 0) + 1
  }
  const tokensOf = (kind: string): unknown => injected(kind)[0]?.['subscriptions']
  const gaps = events.filter(({ data }) => data.kind === 'GAP_DETECTED')
  const reason = gaps[0]?.data.reason
  // A market that comes near the end of the price range gets a finer grid: the generator's doing, not a fault.
  const finer = counts['BOOK_RESYNC_START tick_size_changed'] ?? 0
  expect(counts).toEqual({
    'FEED_OPEN none': 8 + 2,
    'FEED_CLOSED disconnected': 1,
    'FEED_CLOSED data_idle': 1,
    'FEED_CLOSED stopped': 8,
    'MALFORMED_FRAME undecodable': 2,
    [`GAP_DETECTED ${reason}`]: gaps.length,
    [`BOOK_RESYNC_START ${reason}`]: gaps.length,
    'BOOK_RESYNC_START disconnected': tokensOf('drop'),
    'BOOK_RESYNC_START data_idle': tokensOf('silence'),
    ...(finer > 0 && { 'BOOK_RESYNC_START tick_size_changed': finer }),
    'BOOK_RESYNC_DONE none': gaps.length + Number(tokensOf('drop')) + Number(tokensOf('silence')) + finer
  })
})

test('every resync that began has ended', () => {
  const count = (kind: string): number => events.filter((event) => event.data.kind === kind).length
  expect(count('BOOK_RESYNC_START')).toBeGreaterThan(0)
  expect(count('BOOK_RESYNC_DONE')).toBe(count('BOOK_RESYNC_START'))
})

test('capture-verify finds nothing', async () => {
  const { code, lines } = await runTapedeck(['capture-verify', '--run-dir', runDir(), '--summary-only'])
  expect(code).toBe(0)
  expect(lines[0]).toMatchObject({ ok: true, totals: { errors: 0, crc_mismatch: 0, truncated_shards: [], idx_bad_shards: [] } })
})

test('replay gives the fingerprint of the live run', async () => {
  const { code, lines } = await runTapedeck(['replay', '--run-dir', runDir(), '--speed', 'max', '--print-fingerprint'])
  expect(code).toBe(0)
  const live = (captured['fingerprint'] as { sha256: string }).sha256
  expect(lines[0]).toMatchObject({ ok: true, fingerprint: live, recorded_fingerprint: live })
})
