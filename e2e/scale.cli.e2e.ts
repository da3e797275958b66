import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCapture, type CaptureProcess } from './captureCommand.ts'
import { runTapedeck, startPractice, type PracticeProcess } from './practiceCommand.ts'
import { removeFolder } from './removeFolder.ts'

/** `TAPEDECK_SCALE=whole` captures 2,000 markets for ten minutes; else a tenth of them until each fault has struck once. */
const WHOLE = process.env['TAPEDECK_SCALE'] === 'whole'
const SIZE = WHOLE
  ? { markets: 2000, rate: 1000, roundSeconds: 60, roundMarkets: 250, relisted: 40, seconds: 600 }
  : { markets: 200, rate: 300, roundSeconds: 30, roundMarkets: 30, relisted: 6, seconds: 0 }
const SHARDS = 8
/** So many looks in a row, four a second, that show no renewal under way. */
const SETTLED_LOOKS = 8

/** The gates that a fault must trip, and no other may fail. What a venue lists, and what it says, trips none. */
const TRIPS: Readonly<Record<string, readonly string[]>> = {
  drop: ['reconnects_total', 'midrun_disconnected_incidents'],
  silence: ['reconnects_total', 'midrun_disconnected_incidents'],
  malformed: [],
  relist: []
}
/** Gates of the machine, not of the venue: how late and how loaded it is. A shared machine decides them, so they are told and not compared. */
const OF_THE_MACHINE = ['pressure_streaks', 'heartbeat_gaps', 'loop_lag_p99_ms', 'loop_lag_max_ms']

interface Audit {
  readonly reasons: readonly string[]
  readonly quality_status: string
  readonly latency_gates: {
    readonly reconnects_total: number
    readonly midrun_disconnected_incidents: number
    readonly dropped_messages_total: number
  }
}

let folder = ''
let venue: PracticeProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-scale-'))
  const { markets, rate, roundSeconds, roundMarkets } = SIZE
  venue = await startPractice(
    flags({
      venue: 'polymarket',
      seed: 3,
      markets,
      rate,
      'round-seconds': roundSeconds,
      'round-markets': roundMarkets
    })
  )
}, 60_000)

afterAll(async () => {
  await venue.stop()
  removeFolder(folder)
})

function flags(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)])
}

async function capture(runId: string): Promise<CaptureProcess> {
  const started = await startCapture(
    flags({
      practice: venue.url,
      venue: 'polymarket',
      'data-dir': folder,
      'run-id': runId,
      'min-free-disk-gb': 'none',
      'ws-shards': SHARDS,
      'capture-max-markets': SIZE.markets,
      'capture-universe-refresh-interval-seconds': 2,
      'capture-universe-refresh-stagger-seconds': 0.05,
      'capture-coverage-metrics-interval-seconds': 1,
      'ws-data-idle-reconnect-seconds': 8,
      'ws-ping-timeout-seconds': 60,
      'ws-reconnect-max': 'none',
      // A shared machine may stand still for longer than a recording should bear.
      'capture-backpressure-fatal-ms': 600_000,
      'capture-runlog-enqueue-timeout-seconds': 60
    })
  )
  await started.until('every token had its first book', () => started.heartbeat()['token_ids_seen'] === 2 * SIZE.markets)
  return started
}

const appliedCount = (run: CaptureProcess): number =>
  run.runlog('universe_refresh').filter((record) => record['reason'] === 'APPLIED').length

/** Waits for another change of the list of markets, and until every connection that it concerns is open for it. */
async function nextRefresh(run: CaptureProcess, before = appliedCount(run)): Promise<void> {
  await run.until('the list of markets changed', () => appliedCount(run) > before)
  // They are renewed one after another, and one may be done before the next begins.
  let settled = 0
  let begunBefore = 0
  await run.until('every changed connection was open again', () => {
    const begun = run.runlog('shard_refresh_begin').length
    settled = begun > 0 && begun === begunBefore && run.runlog('shard_refresh_applied').length === begun ? settled + 1 : 0
    begunBefore = begun
    return settled >= SETTLED_LOOKS
  })
}

async function inject(fault: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${venue.url}/practice/fault`, { method: 'POST', body: JSON.stringify(fault) })
  expect(answer.status).toBe(200)
}

/** Injects a fault that ends a connection, right behind a refresh, and waits until the connection is there again. */
async function endConnection(run: CaptureProcess, fault: Record<string, unknown>): Promise<void> {
  const lost = run.runlog('reconnect').length
  const opened = run.runlog('ws_connect').length
  await inject({ connection: 'any', ...fault })
  await run.until('the connection was lost', () => run.runlog('reconnect').length > lost)
  await run.until('it was there again', () => run.runlog('ws_connect').length > opened)
}

/** One of each fault, each apart from the others and from the ends of rounds. */
async function oneOfEach(run: CaptureProcess): Promise<void> {
  await nextRefresh(run)
  await endConnection(run, { kind: 'drop' })
  const unreadable = (): number => Number(run.heartbeat()['decode_errors'])
  const unreadableBefore = unreadable()
  await inject({ kind: 'malformed', connection: 'any' })
  // A connection that is renewed meanwhile would be closed before the text is read.
  await run.until('the broken text was read', () => unreadable() > unreadableBefore)
  const before = appliedCount(run)
  await inject({ kind: 'relist', remove: SIZE.relisted })
  await nextRefresh(run, before)
  await nextRefresh(run)
  await endConnection(run, { kind: 'silence', ms: 20_000 })
}

/** @param machine whether the limits of the machine's own gates hold */
async function audit(runDir: string, machine: boolean): Promise<Audit> {
  const lifted = machine ? [] : ['--threshold-seconds', '3600', '--max-loop-lag-p99-ms', '3600000', '--max-loop-lag-max-ms', '3600000']
  const { lines } = await runTapedeck(['capture-audit', '--run-dir', runDir, ...lifted])
  return lines[0] as unknown as Audit
}

/** Everything that a finished run must fulfil, whatever was injected. */
async function checkRun(run: CaptureProcess): Promise<void> {
  // What the heartbeat says of the books may be as old as two intervals of them.
  const fromNs = Number(run.heartbeat()['elapsed_ns']) + 4e9
  await run.until('every book was trusted', () => {
    const { elapsed_ns: elapsedNs, tokens_untrusted: untrusted, token_ids_seen: seen, token_ids_assigned: assigned } = run.heartbeat()
    return Number(elapsedNs) > fromNs && untrusted === 0 && seen === assigned
  })
  const { code, ended, stderr } = await run.stop()
  expect([code, stderr, ended['ok']]).toEqual([0, '', true])
  const verified = await runTapedeck(['capture-verify', '--run-dir', run.runDir, '--summary-only'])
  expect(verified.lines[0]).toMatchObject({ ok: true, totals: { errors: 0, crc_mismatch: 0, truncated_shards: [], idx_bad_shards: [] } })
  const replayed = await runTapedeck(['replay', '--run-dir', run.runDir, '--speed', 'max', '--print-fingerprint'])
  expect(replayed.lines[0]).toMatchObject({ ok: true, fingerprint: (ended['fingerprint'] as { sha256: string }).sha256 })
  expect(run.heartbeat()).toMatchObject({ tokens_without_first_book: 0, coverage_pct: 100 })
  expect(run.runlog('first_book_missing')).toEqual([])
}

/** Keeps what a person wants to read of a run. */
async function keepReports(run: CaptureProcess, name: string): Promise<void> {
  const { TAPEDECK_RESULTS: results } = process.env
  if (results === undefined) return
  const dir = join(results, `scale-${WHOLE ? 'whole' : 'small'}`)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, `${name}-audit.json`), JSON.stringify(await audit(run.runDir, true), null, 1))
  const { lines } = await runTapedeck(['capture-latency-report', '--run-dir', run.runDir])
  writeFileSync(join(dir, `${name}-latency.json`), JSON.stringify(lines[0], null, 1))
  writeFileSync(join(dir, `${name}-heartbeat.json`), JSON.stringify(run.heartbeat(), null, 1))
}

const venueGates = ({ reasons }: Audit): string[] => reasons.filter((reason) => !OF_THE_MACHINE.includes(reason)).toSorted()

test('rounds that end and begin are followed, and trip no gate', async () => {
  const run = await capture('calm')
  await nextRefresh(run)
  await checkRun(run)
  const [refresh] = run.runlog('universe_refresh').filter((record) => record['reason'] === 'APPLIED')
  const rounds = 2 * SIZE.roundMarkets
  expect(refresh).toMatchObject({ added_count: rounds, removed_count: rounds })
  expect(Number(refresh?.['churn_pct'])).toBeGreaterThan(10)
  const judged = await audit(run.runDir, false)
  expect([venueGates(judged), judged.quality_status]).toEqual([[], 'ok'])
}, 300_000)

test('with drops, silences, broken texts and changes of the list exactly the gates of what was injected fail, as often as it was injected', async () => {
  const before = venue.faults.length
  const run = await capture('faults')
  // A round of faults lasts two rounds of markets, and one more follows.
  const endMs = Date.now() + (SIZE.seconds - 3 * SIZE.roundSeconds) * 1000
  do {
    await oneOfEach(run)
  } while (Date.now() < endMs)
  await nextRefresh(run)
  await checkRun(run)
  await keepReports(run, 'faults')

  const injected = venue.faults.slice(before).map((fault) => String(fault['kind']))
  const times = (kind: string): number => injected.filter((one) => one === kind).length
  expect(new Set(injected)).toEqual(new Set(Object.keys(TRIPS)))
  const judged = await audit(run.runDir, false)
  expect(venueGates(judged)).toEqual([...new Set(injected.flatMap((kind) => TRIPS[kind] ?? []))].toSorted())
  const lost = times('drop') + times('silence')
  expect(judged.latency_gates).toMatchObject({ reconnects_total: lost, midrun_disconnected_incidents: lost, dropped_messages_total: 0 })
  expect(judged.quality_status).toBe('ok')

  const { lines } = await runTapedeck(['capture-latency-report', '--run-dir', run.runDir])
  expect(lines[0]).toMatchObject({
    reconnects: { total: lost, by_trigger: { data_idle_timeout: times('silence'), exception: times('drop') } },
    refresh: { errors: 0 }
  })
  const events = (await runTapedeck(['events', '--run-dir', run.runDir, '--channel', 'integrity'])).lines
  const recorded = (kind: string, reason?: string): number =>
    events.filter(({ data }) => {
      const event = data as { kind: string; reason: string }
      return event.kind === kind && (reason === undefined || event.reason === reason)
    }).length
  expect(recorded('FEED_CLOSED', 'disconnected')).toBe(times('drop'))
  expect(recorded('FEED_CLOSED', 'data_idle')).toBe(times('silence'))
  expect(recorded('MALFORMED_FRAME', 'undecodable')).toBe(times('malformed'))
  expect(recorded('BOOK_RESYNC_DONE')).toBe(recorded('BOOK_RESYNC_START'))
}, 1_200_000)
