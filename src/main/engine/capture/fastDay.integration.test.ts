import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FLAG_REST, openBundle, verifyRun } from '../bundle/index.ts'
import { parseMetarAnswer } from '../feeds/index.ts'
import { eventLines } from '../replay/index.ts'
import { recordFastDay } from './testFastDay.ts'

const START_MS = Date.UTC(2026, 6, 20, 4)
const HOUR_NS = 3.6e12

it('three hours of markets and weather are recorded by a fast clock, with stamps of that clock', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-fast-'))
  const { runDir, ended } = await recordFastDay({
    dataDir,
    hours: 3,
    speed: 1440,
    startWallMs: START_MS,
    markets: 3,
    messagesPerSecond: 0.5,
    stations: ['KLGA']
  })
  expect(ended).toMatchObject({ kind: 'ended', ok: true })
  expect(verifyRun(runDir).ok).toBe(true)
  const bundle = await openBundle(runDir)
  const reader = bundle.openReader(0)
  const seen = new Map<string, number>()
  let lastRelNs = 0
  while (reader.next()) {
    lastRelNs = reader.monoRelNs
    if ((reader.flags & FLAG_REST) === 0) continue
    const nowMs = Number(bundle.manifest.t0WallNs / 1_000_000n) + reader.monoRelNs / 1e6
    for (const { raw, obsTimeMs } of parseMetarAnswer(reader.payload()).observations) {
      expect(obsTimeMs).toBeLessThanOrEqual(nowMs)
      seen.set(`${obsTimeMs} ${raw}`, nowMs)
    }
  }
  reader.close()
  bundle.close()
  expect(lastRelNs / HOUR_NS).toBeGreaterThan(2.5)
  expect(seen.size).toBeGreaterThanOrEqual(4)
  expect(Math.min(...seen.values())).toBeGreaterThan(START_MS)
})

const RECORDED = [
  ['KBFL', '2026-07-21T01:54:00Z', '2026-07-21T01:58:19Z', 'METAR KBFL 210154Z 35009KT 10SM CLR 38/08 A2980 RMK AO2 T03780083'],
  ['KBFL', '2026-07-21T02:54:00Z', '2026-07-21T02:58:02Z', 'METAR KBFL 210254Z 34008KT 10SM CLR 36/08 A2980 RMK AO2 T03610083']
] as const

it('recorded reports are of the day that is recorded: they open windows and cause nowcasts', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-fast-'))
  const file = join(dataDir, 'reports.json')
  const elements = RECORDED.map(([icaoId, at, receiptTime, rawOb]) => ({
    icaoId,
    obsTime: Date.parse(at) / 1000,
    receiptTime,
    rawOb,
    metarType: 'METAR',
    lat: 35.4342,
    lon: -119.0552
  }))
  writeFileSync(file, JSON.stringify(elements))
  const { runDir, ended } = await recordFastDay({
    dataDir,
    hours: 3,
    speed: 1440,
    markets: 1,
    messagesPerSecond: 0.5,
    stations: [],
    weatherFiles: [file]
  })
  expect(ended).toMatchObject({ kind: 'ended', ok: true })
  const events: { ch: string; correlation_id: string; station_id: string; data: Record<string, unknown> }[] = []
  const options = { format: 'ndjson', channels: new Set(['metar_obs', 'event_window', 'nowcast_1m']) } as const
  for await (const lines of eventLines(runDir, options)) for (const line of lines) events.push(JSON.parse(line) as never)
  const of = (ch: string): typeof events => events.filter((event) => event.ch === ch)
  expect(of('metar_obs').map(({ station_id: id, data }) => [id, data['temp_c'], data['qc']])).toEqual([
    ['KBFL', 37.8, 'OK'],
    ['KBFL', 36.1, 'OK']
  ])
  const opened = of('event_window').filter(({ data }) => data['action'] === 'START' && data['trigger'] === 'METAR')
  expect(opened.map(({ data }) => data['reason'])).toEqual(['METAR of KBFL: 37.8 °C.', 'METAR of KBFL: 36.1 °C.'])
  const caused = new Set(of('nowcast_1m').map((event) => event.correlation_id))
  expect(of('metar_obs').map((event) => caused.has(event.correlation_id))).toEqual([true, true])
})
