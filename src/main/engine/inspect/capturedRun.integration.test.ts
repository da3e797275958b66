import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { bundlePaths, FLAG_NOTE, FLAG_REST, openBundle, verifyRun } from '../bundle/index.ts'
import { startPlant, venueConfig } from '../capture/testPlant.ts'
import { startPracticeVenue, type PracticeVenue } from '../practice/index.ts'
import { replayReport } from '../replay/index.ts'
import { auditRun } from './auditRun.ts'
import { inspectRun } from './inspectRun.ts'
import { latencyReport, writeLatencyReport } from './latencyReport.ts'
import { sliceRun } from './sliceRun.ts'

const open: PracticeVenue[] = []
afterEach(async () => {
  for (const venue of open.splice(0)) await venue.close()
})

async function capturedRun(): Promise<string> {
  const source = { kind: 'generator', seed: 3, markets: 12, messagesPerSecond: 400, venue: 'polymarket' } as const
  const venue = await startPracticeVenue({ port: 0, source })
  open.push(venue)
  const running = startPlant({ ...venueConfig(venue), wsShards: 3, captureHeartbeatIntervalSeconds: 0.2 })
  await running.until('heartbeat', (event) => Number((JSON.parse(event.json) as { frames: number }).frames) > 400)
  running.plant.stop('SIGINT')
  await running.done
  return running.dir()
}

async function flagsOf(dir: string): Promise<Set<number>> {
  const bundle = await openBundle(dir, { readOnly: true })
  const flags = new Set<number>()
  for (const { shard } of bundle.shards) {
    const reader = bundle.openReader(shard)
    while (reader.next()) flags.add(reader.flags)
    reader.close()
  }
  bundle.close()
  return flags
}

/** Heartbeats in a row whose messages waited 25 ms or longer for their write. */
function longestStreak(dir: string): number {
  const text = readFileSync(bundlePaths(dir).globalMetrics, 'utf8')
  const marks = Array.from(text.matchAll(/"backpressure_ns_p99":(\d+)/g), ([, ns]) => (Number(ns) >= 25_000_000 ? 'x' : ' '))
  return Math.max(
    ...marks
      .join('')
      .split(' ')
      .map((streak) => streak.length)
  )
}

test('a run that was captured over several connections is inspected, audited, reported on, and sliced byte for byte', async () => {
  const dir = await capturedRun()
  const flags = await flagsOf(dir)
  expect([...flags].some((bits) => (bits & FLAG_REST) !== 0) && [...flags].some((bits) => (bits & FLAG_NOTE) !== 0)).toBe(true)

  const { shards, metrics } = await inspectRun(dir)
  expect(shards).toMatchObject({ count: 3, records: verifyRun(dir).totals.records })
  expect(metrics.global.count).toBeGreaterThan(0)

  // How busy this machine is must not matter: the limits of the loop are wide, and pressure is counted here once more.
  const audit = await auditRun(dir, { maxLoopLagP99Ms: 60_000, maxLoopLagMaxMs: 60_000, thresholdS: 60 })
  expect(audit).toMatchObject({ clean_stop: true, quality_status: 'ok', unreadable_lines: {}, fatal: { present: false } })
  expect(audit.reasons).toEqual(longestStreak(dir) >= 5 ? ['pressure_streaks'] : [])

  const report = await latencyReport(dir)
  writeLatencyReport(report)
  expect(report.reconnects.total).toBe(0)
  expect(report.loop_lag_ms.count).toBe(metrics.global.count)

  const outDir = join(mkdtempSync(join(tmpdir(), 'tapedeck-slice-')), 'slice')
  await sliceRun(dir, { window: { kind: 'mono', startMonoNs: 0n }, outDir })
  const { captureDir } = bundlePaths(dir)
  for (const name of readdirSync(captureDir)) {
    expect(readFileSync(join(bundlePaths(outDir).captureDir, name)).equals(readFileSync(join(captureDir, name)))).toBe(true)
  }
  expect((await replayReport(outDir)).counts).toEqual((await replayReport(dir)).counts)
})
