import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCapture, type CaptureProcess } from './captureCommand.ts'
import { runTapedeck, startPractice, type PracticeProcess } from './practiceCommand.ts'
import { removeFolder } from './removeFolder.ts'

/** The gap strikes long before the silence, which would hide it: the market that it hits may be a quiet one. */
const GAP_TO_SILENCE_MS = 30_000

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
  venue = await startPractice(flags({ venue: 'polymarket', markets: 500, rate: 1200, seed: 3 }))
  const run = await startCapture(
    flags({
      practice: venue.url,
      venue: 'polymarket',
      'ws-shards': 8,
      'capture-max-markets': 500,
      // A shared machine may stand still for seconds: neither a sound connection nor the run should end by it.
      'ws-data-idle-reconnect-seconds': 8,
      'ws-ping-timeout-seconds': 60,
      'capture-backpressure-fatal-ms': 600_000,
      'data-dir': folder,
      'run-id': 'faults',
      'min-free-disk-gb': 'none'
    })
  )
  await run.until('every token had its first book', () => run.heartbeat()['token_ids_seen'] === 1000)
  await strike(run)
  const { code, ended, stderr } = await run.stop()
  await venue.stop()
  expect(stderr).toBe('')
  expect(code).toBe(0)
  captured = ended
  events = (await runTapedeck(['events', '--run-dir', runDir(), '--channel', 'integrity'])).lines as unknown as IntegrityEvent[]
}, 240_000)

/** Injects the five faults, each when the one before has taken effect. */
async function strike(run: CaptureProcess): Promise<void> {
  await endConnection(run, { kind: 'drop' })
  for (let texts = 1; texts <= 2; texts++) {
    await inject({ kind: 'malformed' })
    await run.until('the broken text was read', () => run.heartbeat()['decode_errors'] === texts)
  }
  await inject({ kind: 'gap', count: 8 })
  await sleep(GAP_TO_SILENCE_MS)
  await run.until('the venue left updates out', () => injected('gap').length === 1)
  await booksTrusted(run)
  await endConnection(run, { kind: 'silence', ms: 15_000 })
  await booksTrusted(run)
}

async function inject(fault: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${venue.url}/practice/fault`, { method: 'POST', body: JSON.stringify({ connection: 'any', ...fault }) })
  expect(answer.status).toBe(200)
}

/** Injects a fault that ends a connection, and waits until the connection is there again. */
async function endConnection(run: CaptureProcess, fault: Record<string, unknown>): Promise<void> {
  const opened = run.runlog('ws_connect').length
  await inject(fault)
  await run.until('the connection was there again', () => run.runlog('ws_connect').length > opened)
}

/** What the heartbeat says of the books may be as old as two intervals of them. */
async function booksTrusted(run: CaptureProcess): Promise<void> {
  const fromNs = Number(run.heartbeat()['elapsed_ns']) + 4e9
  await run.until('every book was trusted', () => {
    const { elapsed_ns: elapsedNs, tokens_untrusted: untrusted } = run.heartbeat()
    return Number(elapsedNs) > fromNs && untrusted === 0
  })
}

function flags(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)])
}

afterAll(() => removeFolder(folder))

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
