import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { GateResult } from '../../../shared/api/index.ts'
import { LiveGates } from '../../../shared/gates/index.ts'
import { verifyRun } from '../bundle/index.ts'
import { captureConfig } from '../capture/index.ts'
import { startNumberedVenue } from '../capture/testNumberedVenue.ts'
import { auditRun, gatesOf } from '../inspect/index.ts'
import { startPracticeVenue } from '../practice/index.ts'
import { LiveRun } from './liveRun.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

function start(settings: Record<string, unknown>): { run: LiveRun; gates: LiveGates; beats: string[] } {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-gates-'))
  open.push(() => Promise.resolve(rmSync(dataDir, { recursive: true, force: true })))
  const gates = new LiveGates()
  const beats: string[] = []
  const config = captureConfig({
    dataDir,
    wsShards: 2,
    minFreeDiskGb: null,
    wsReconnectBackoffSeconds: 0.2,
    captureHeartbeatIntervalSeconds: 0.2,
    captureBackpressureFatalMs: 60_000,
    captureCoverageMetricsIntervalSeconds: 0.2,
    captureDiskUsageIntervalSeconds: 0.5,
    ...settings
  })
  const onCapture = (event: { kind: string; json?: string }): void => {
    if (event.kind !== 'heartbeat' || event.json === undefined) return
    beats.push(event.json)
    gates.put(event.json, beats.length)
  }
  const run = new LiveRun({ config, name: 'test', onEvent: () => undefined, onCapture })
  open.push(() => run.stop('test over'))
  return { run, gates, beats }
}

const named = (gates: readonly GateResult[], name: string): GateResult | undefined => gates.find((gate) => gate.name === name)

test('the gates of a real recording are all known while it runs, and at its end they say what its report says', async () => {
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed: 5, markets: 12, messagesPerSecond: 300, venue: 'polymarket' }
  })
  open.push(() => venue.close())
  const { run, gates, beats } = start({ gammaBaseUrl: venue.gammaUrl, clobBaseUrl: venue.clobUrl, clobWsUrl: venue.polymarketWsUrl })
  const { runDir } = await run.started
  await expect.poll(() => named(gates.results(), 'Instruments without a first book')?.ok, { timeout: 20_000 }).toBe(true)
  await expect.poll(() => gates.results().filter((gate) => gate.ok === undefined), { timeout: 20_000 }).toEqual([])
  expect(named(gates.results(), 'Reconnects while it ran')?.ok).toBe(true)
  venue.inject({ kind: 'drop', connection: 'any' })
  await expect.poll(() => named(gates.results(), 'Reconnects while it ran')?.found, { timeout: 20_000 }).toBe('1')
  const known = beats.length
  await expect.poll(() => beats.length, { timeout: 20_000 }).toBeGreaterThan(known + 3)
  const { failure } = await run.stop('stop')
  expect(failure).toBeUndefined()
  const fields = new Set(beats.flatMap((json) => Object.keys(JSON.parse(json) as object)))
  await expect(`${[...fields].toSorted().join('\n')}\n`).toMatchFileSnapshot('../../../shared/gates/heartbeatFields.txt')
  const report = gatesOf(await auditRun(runDir), verifyRun(runDir))
  const live = gates.results()
  const common = report.filter((gate) => named(live, gate.name) !== undefined)
  expect(report.filter((gate) => !common.includes(gate)).map((gate) => gate.name)).toEqual(['Every byte as written'])
  expect(common.map((gate) => named(live, gate.name))).toEqual(common)
  const failed = common.flatMap(({ name, ok }) => (ok === false ? [name] : []))
  expect(failed).toEqual(expect.arrayContaining(['Reconnects while it ran', 'Connections lost while it ran']))
}, 60_000)

test('tokens whose books do not come are counted when the confirm window is over, and what the messages were is in the heartbeat', async () => {
  const venue = await startNumberedVenue({ tokens: 24, framesPerSecond: 200 })
  open.push(() => venue.close())
  const { run, gates, beats } = start({
    clobWsUrl: `ws://${venue.url}`,
    clobBaseUrl: `http://${venue.url}`,
    tokenIds: venue.tokens,
    captureConfirmTimeoutSeconds: 2
  })
  await run.started
  const overdue = (): GateResult | undefined => named(gates.results(), 'Instruments without a first book')
  await expect.poll(() => overdue()?.found, { timeout: 20_000 }).toBe('24')
  expect(overdue()?.ok).toBe(false)
  const newest = JSON.parse(beats.at(-1) ?? '{}') as { msg_type_counts: Record<string, number> }
  expect(newest).toMatchObject({ tokens_without_first_book: 24, token_ids_seen: 0, coverage_pct: 100 })
  expect(Object.keys(newest.msg_type_counts)).toEqual(['unknown'])
}, 60_000)
