import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPracticeVenue } from '../../practice/index.ts'
import { startPlant, venueConfig } from '../testPlant.ts'

interface Manifest {
  readonly initial_universe: { readonly market_ids: readonly string[] }
}

test('a capped capture holds the newest of many markets, and follows a large part of them that ends and begins anew', async () => {
  const rounds = { seconds: 3, markets: 4 }
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed: 7, markets: 130, messagesPerSecond: 200, venue: 'polymarket', rounds }
  })
  const settings = {
    captureMaxMarkets: 20,
    wsShards: 2,
    captureUniverseRefreshIntervalSeconds: 0.4,
    captureUniverseRefreshStaggerSeconds: 0
  }
  const running = startPlant({ ...venueConfig(venue), ...settings, captureHeartbeatIntervalSeconds: 0.1 })
  try {
    const applied = (): Record<string, unknown>[] => running.runlog('universe_refresh').filter(({ reason }) => reason === 'APPLIED')
    await running.until('heartbeat', ({ json }) => {
      const beat = JSON.parse(json) as Record<string, unknown>
      return (
        beat['refresh_last_decision_reason'] === 'APPLIED' && beat['expected_churn_bool'] === true && beat['expiry_window_hit'] === true
      )
    })
    await expect.poll(() => applied().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
    running.plant.stop('stop')
    await running.done
    expect(running.events.at(-1)).toMatchObject({ kind: 'ended', reason: 'stop', ok: true })
    const { market_ids: ids } = (JSON.parse(readFileSync(join(running.dir(), 'manifest.json'), 'utf8')) as Manifest).initial_universe
    // 126 markets stay: 900000 to 900125.
    expect(ids.slice(4)).toEqual(Array.from({ length: 16 }, (_, i) => String(900_125 - i)))
    expect(running.runlog('universe_refresh').filter(({ reason }) => reason === 'CHURN_GUARD')).toEqual([])
    for (const change of applied()) expect(change).toMatchObject({ added_count: 8, removed_count: 8, churn_pct: 40 })
    expect(running.runlog('reconnect')).toEqual([])
  } finally {
    running.plant.stop('test over')
    await running.done
    await venue.close()
  }
}, 60_000)
