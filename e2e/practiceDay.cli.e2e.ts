import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTapedeck } from './practiceCommand.ts'
import { removeFolder } from './removeFolder.ts'

/** `TAPEDECK_FULL_DAY=1` takes 24 hours and 20 markets, and some twenty minutes. */
const FULL = process.env['TAPEDECK_FULL_DAY'] === '1'
const DAY = FULL ? { hours: 24, speed: 240, markets: 20 } : { hours: 3, speed: 720, markets: 6 }
/** Kept in journals and compared from everywhere; the plant's own health is no event of the day. */
const WEATHER = ['station', 'metar_obs', 'pws_cluster', 'features_1m', 'nowcast_1m', 'event_window']
const OF_TIME = ['loop_lag_p99_ms', 'loop_lag_max_ms', 'pressure_streaks']
const LIMIT_MS = FULL ? 3_600_000 : 240_000

interface Recorded {
  readonly sha256: string
  readonly events: number
  readonly counts: Record<string, number>
  readonly complete: boolean
}

let folder = ''
let runDir = ''
let recorded: Recorded

async function tapedeck(...args: string[]): Promise<Record<string, unknown>> {
  const { code, lines, stderr } = await runTapedeck(args)
  expect([args[0], code, stderr]).toEqual([args[0], 0, ''])
  return lines.at(-1) ?? {}
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-day-'))
  const { hours, speed, markets } = DAY
  const day = { hours, speed, markets, rate: 2, 'run-id': 'day', 'data-dir': folder }
  const end = await tapedeck('practice-day', ...Object.entries(day).flatMap(([name, value]) => [`--${name}`, String(value)]))
  expect(end).toMatchObject({ ok: true, reason: 'duration', recorded: { keep: 'light' } })
  runDir = String(end['run_dir'])
  recorded = end['recorded'] as Recorded
}, LIMIT_MS)
afterAll(() => removeFolder(folder))

test('a day of markets and weather is captured whole: every byte verified, no loss, no reconnect, a complete journal', async () => {
  expect(await tapedeck('capture-verify', '--run-dir', runDir)).toMatchObject({ ok: true })
  // Heartbeats are so many seconds of the day apart. How long the host took is not judged here: tests share it with others.
  const { lines } = await runTapedeck(['capture-audit', '--run-dir', runDir, '--threshold-seconds', String(10 * DAY.speed)])
  const audit = lines[0] as { reasons: string[] } | undefined
  expect(audit?.reasons.filter((reason) => !OF_TIME.includes(reason))).toEqual([])
  expect(audit).toMatchObject({ gaps_over_threshold: 0, clean_stop: true, quality_ok: true, fatal: { present: false } })
  expect(audit).toMatchObject({ latency_gates: { reconnects_total: 0, dropped_messages_total: 0, midrun_disconnected_incidents: 0 } })
  expect(await tapedeck('journal-verify', '--run-dir', runDir)).toMatchObject({ ok: true })
  expect(recorded.complete).toBe(true)
  const needed = [...WEATHER, 'l2_snap_1s', 'tape_trades', 'l2_deltas_event_window', 'instrument']
  expect(needed.filter((channel) => !((recorded.counts[channel] ?? 0) > 0))).toEqual([])
  // A report each hour, and the three hours before the first question.
  expect(recorded.counts['metar_obs']).toBeGreaterThanOrEqual(DAY.hours)
  expect(recorded.counts['nowcast_1m']).toBeGreaterThan(DAY.hours * 40)
})

test('raw bytes, journal and Parquet give the same events: equal fingerprints and equal counts', { timeout: LIMIT_MS }, async () => {
  const compacted = await tapedeck('compact', '--data-dir', folder)
  const entries = compacted['compacted'] as { ch: string; rows: number; books_checked: number }[]
  expect(compacted).toMatchObject({ ok: true, faults: [] })
  expect(entries.some(({ ch, books_checked: books }) => ch === 'l2_snap_1s' && books > 0)).toBe(true)
  expect(await tapedeck('lake-verify', '--data-dir', folder)).toMatchObject({ ok: true })
  const whole = await tapedeck('replay', '--run-dir', runDir)
  expect(whole['fingerprint']).toBe(whole['recorded_fingerprint'])
  for (const from of ['raw', 'journal', 'lake']) {
    const report = await tapedeck('replay', '--run-dir', runDir, '--from', from, '--recorded')
    expect([from, report['recorded'], report['counts']]).toEqual([from, recorded.sha256, recorded.counts])
  }
  const rows = new Map<string, number>()
  for (const { ch, rows: more } of entries) rows.set(ch, (rows.get(ch) ?? 0) + more)
  rows.delete('health')
  expect(Object.fromEntries(rows)).toEqual(recorded.counts)
})

test('a program that only knows Parquet finds the reports of the station in the lake', async () => {
  const lake = join(folder, 'lake').replaceAll('\\', '/')
  expect(existsSync(lake) && readdirSync(lake).includes('station=KLGA')).toBe(true)
  const page = readFileSync(join(import.meta.dirname, '../docs/how-to/query-the-lake.md'), 'utf8')
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  const snaps = `SELECT any_value(token_id) FROM '${lake}/*/*/ch=l2_snap_1s/*.parquet'`
  const token = String((await connection.runAndReadAll(snaps)).getRows()[0]?.[0])
  const answers: number[] = []
  for (const [, sql = ''] of page.matchAll(/```sql\n([\s\S]*?)```/g)) {
    const here = sql
      .replaceAll("'lake/", `'${lake}/`)
      .replaceAll('2026-11-20', '2026-07-20')
      .replaceAll('2026-11-21', '2026-07-21')
      .replaceAll('token-001', token)
    answers.push((await connection.runAndReadAll(here)).currentRowCount)
  }
  connection.closeSync()
  database.closeSync()
  expect(answers.length).toBeGreaterThanOrEqual(6)
  // The first is about the reports of the day.
  expect(answers[0]).toBeGreaterThanOrEqual(DAY.hours)
  expect(Math.min(...answers)).toBeGreaterThan(0)
})
