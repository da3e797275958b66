import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FLAG_REST, openBundle, verifyRun } from '../bundle/index.ts'
import { parseMetarAnswer } from '../feeds/index.ts'
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
