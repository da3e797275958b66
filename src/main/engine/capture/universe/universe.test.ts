import { expect, test } from 'vitest'
import type { PolymarketMarket, PolymarketUniverse, SegmentTag } from '../../feeds/index.ts'
import { captureConfig } from '../config.ts'
import { assignShards, hashOfKey } from '../tokenShard.ts'
import { ChurnGuard } from './churnGuard.ts'
import { confirmTokens } from './confirmTokens.ts'
import { expectedChurn } from './expectedChurn.ts'
import { policyAssignments, policyMap, policyOf } from './policy.ts'
import { UniverseRefresh, type UniverseRefreshOptions } from './universeRefresh.ts'

const NOON = Date.UTC(2030, 5, 1, 12, 0, 0)

function segment(facts: Partial<SegmentTag> = {}): SegmentTag {
  return {
    cadenceBucket: 'unknown',
    isCrypto: false,
    feeEnabled: null,
    feeRateBps: undefined,
    feeRateKnown: false,
    resolveMs: undefined,
    rollover: { groupKey: undefined, instrument: undefined, boundaryKey: undefined },
    startMs: undefined,
    endMs: undefined,
    ...facts
  }
}

function market(id: number, facts: Partial<SegmentTag> = {}): PolymarketMarket {
  return { id: String(id), tokenIds: [`${id}1`, `${id}2`], segment: segment(facts), volume: id, liquidity: 0 }
}

test('markets near their end, and rounds near their boundary, are expected to come and go', () => {
  const config = captureConfig({})
  const at = (offsetSeconds: number, ...segments: SegmentTag[]): string => {
    const { expected, reason } = expectedChurn(segments, NOON + offsetSeconds * 1000, config)
    return expected ? reason : ''
  }
  const ending = segment({ endMs: NOON })
  expect([at(300, ending), at(-300, ending), at(301, ending)]).toEqual(['EXPECTED_EXPIRY', 'EXPECTED_EXPIRY', ''])
  const round = (cadenceBucket: SegmentTag['cadenceBucket']): SegmentTag => segment({ cadenceBucket, endMs: NOON + 86_400_000 })
  expect([at(30, round('5m')), at(31, round('5m')), at(270, round('5m'))]).toEqual(['EXPECTED_ROLLOVER_15M', '', 'EXPECTED_ROLLOVER_15M'])
  expect([at(60, round('15m')), at(61, round('15m'))]).toEqual(['EXPECTED_ROLLOVER_15M', ''])
  expect([at(-90, round('30m')), at(120, round('60m')), at(121, round('60m'))]).toEqual([
    'EXPECTED_ROLLOVER_15M',
    'EXPECTED_ROLLOVER_1H',
    ''
  ])
  const ended = segment({ endMs: 1 })
  expect([at(0, ending, ending, round('5m'), ended, ended, ended), at(0, ending, ended, ended)]).toEqual(['EXPECTED_EXPIRY', ''])
  expect(expectedChurn([ending], NOON, captureConfig({ captureExpectedChurnEnable: false })).expected).toBe(false)
  expect(expectedChurn([segment()], NOON, config).expected).toBe(false)
})

test('markets of which nothing is known are among those that changed: one that ends excuses no other list', () => {
  const { expected } = expectedChurn([segment({ endMs: NOON }), ...Array.from({ length: 2000 }, () => segment())], NOON, captureConfig({}))
  expect(expected).toBe(false)
})

test('the guard lets small changes pass, doubles its interval for large ones, and gives up after five', () => {
  const guard = new ChurnGuard(captureConfig({}))
  expect(guard.decide(100, 1, false).decision).toBe('SKIPPED_DELTA_BELOW_MIN')
  expect(guard.decide(100, 10, false)).toEqual({ decision: 'APPLIED', churnPct: 10 })
  expect(guard.decide(100, 11, true).decision).toBe('APPLIED')
  const intervals = [1, 2, 3, 4].map(() => {
    expect(guard.decide(100, 11, false).decision).toBe('CHURN_GUARD')
    return guard.intervalSeconds
  })
  expect([intervals, guard.isSustained]).toEqual([[120, 240, 480, 600], false])
  guard.decide(100, 50, false)
  expect(guard.isSustained).toBe(true)
  guard.decide(100, 5, false)
  expect([guard.intervalSeconds, guard.consecutive]).toEqual([60, 0])
})

test('the marks of a shard have the most volume, then liquidity; what is equal goes by hash', () => {
  const keys = Array.from({ length: 40 }, (_, i) => String(1000 + i))
  const byHash = keys.toSorted((a, b) => (hashOfKey(a) < hashOfKey(b) ? -1 : 1))
  expect(confirmTokens(keys, [], 5)).toEqual(byHash.slice(0, 5))
  expect(byHash).not.toEqual(keys)
  const worth = (id: number, volume: number, liquidity: number): PolymarketMarket => ({
    ...market(id),
    tokenIds: [keys[id]!, keys[id + 1]!],
    volume,
    liquidity
  })
  const marks = confirmTokens(keys, [worth(0, 5, 1), worth(2, 5, 2), worth(4, 9, 0), worth(6, 0, 3)], 100)
  const pair = (id: number): string[] => byHash.filter((key) => key === keys[id] || key === keys[id + 1])
  expect(marks.slice(0, 8)).toEqual([...pair(4), ...pair(2), ...pair(0), ...pair(6)])
  expect(marks.slice(8)).toEqual(byHash.filter((key) => !marks.slice(0, 8).includes(key)))
})

test('the first rule that fits gives a market its policy; text that is no list of rules gives none', () => {
  const map = policyMap(
    '{"default_policy_id":"rest","rules":[{"policy_id":"fast","cadence_bucket":"5m","is_crypto":"true"},{"policy_id":"c","is_crypto":true}]}',
    'default'
  )
  expect(
    [segment({ cadenceBucket: '5m', isCrypto: true }), segment({ isCrypto: true }), segment()].map((tag) => policyOf(map, tag))
  ).toEqual(['fast', 'c', 'rest'])
  for (const text of ['', 'no json', '{"rules":3}', '[{"policy_id":""}]', '[{}]'])
    expect(policyMap(text, 'd')).toEqual({ default_policy_id: 'd', rules: [] })
  const markets = [market(1, { isCrypto: true }), market(2), market(3, { isCrypto: true })]
  expect(policyAssignments(map, markets)).toEqual({
    by_policy_id: { c: 4, rest: 2 },
    by_segment: [
      {
        segment_key: { cadence_bucket: 'unknown', is_crypto: true, fee_enabled: null, fee_rate_known: false },
        policy_id: 'c',
        token_count: 4
      },
      {
        segment_key: { cadence_bucket: 'unknown', is_crypto: false, fee_enabled: null, fee_rate_known: false },
        policy_id: 'rest',
        token_count: 2
      }
    ]
  })
})

interface Told {
  readonly refresh: UniverseRefresh
  readonly records: Record<string, unknown>[]
  readonly replaced: unknown[]
  readonly pages: string[]
  readonly fatal: string[]
}

function refreshing(lists: (PolymarketMarket[] | Error | Promise<PolymarketMarket[]>)[], settings: Record<string, unknown> = {}): Told {
  const markets = Array.from({ length: 20 }, (_, i) => market(i + 1))
  const told = { records: [] as Record<string, unknown>[], replaced: [] as unknown[], pages: [] as string[], fatal: [] as string[] }
  const config = captureConfig({ captureUniverseRefreshStaggerSeconds: 0, ...settings })
  const options: UniverseRefreshOptions = {
    config,
    markets,
    shards: assignShards(
      markets.flatMap((m) => m.tokenIds),
      4
    ).map((plan) => plan.keys),
    nowRelNs: () => 0,
    nowWallMs: () => NOON,
    signal: new AbortController().signal,
    discover: async (page) => {
      const next = await lists.shift()
      if (next instanceof Error || next === undefined) throw next ?? new Error('no more lists')
      page('http://list/1', { status: 200, body: Buffer.from(JSON.stringify(next)) })
      page('http://list/2', { status: 200, body: Buffer.from('[]') })
      const pageOf = new Map(next.map((m) => [m.id, 'http://list/1']))
      return { markets: next, pagesFetched: 2, marketsSeen: next.length, pageOf } satisfies PolymarketUniverse
    },
    log: (record_type, fields) => told.records.push({ record_type, ...fields }),
    keepPage: ({ url }) => told.pages.push(url),
    replaceKeys: (shard, keys, from, to) => told.replaced.push({ shard, keys: keys.length, from, to }),
    said: () => undefined,
    fatal: (message) => told.fatal.push(message)
  }
  return { refresh: new UniverseRefresh(options), ...told }
}

const all = (from: number, to: number): PolymarketMarket[] => Array.from({ length: to - from + 1 }, (_, i) => market(from + i))

test('a change that is believed reaches only the shards it concerns, with the page that describes what is new', async () => {
  const { refresh, records, replaced, pages } = refreshing([all(2, 21), all(2, 21)])
  await refresh.refresh()
  expect(records).toMatchObject([
    {
      record_type: 'universe_refresh',
      reason: 'APPLIED',
      added_count: 2,
      removed_count: 2,
      churn_pct: 10,
      universe_version: 2,
      added_sample: ['211', '212'],
      removed_sample: ['11', '12']
    }
  ])
  expect(pages).toEqual(['http://list/1'])
  const shards = new Set(
    assignShards(['11', '12', '211', '212'], 4)
      .filter((plan) => plan.keys.length > 0)
      .map((plan) => plan.shard)
  )
  expect(replaced).toMatchObject([...shards].toSorted((a, b) => a - b).map((shard) => ({ shard, from: 1, to: 2 })))
  await refresh.refresh()
  expect(records[1]).toMatchObject({ reason: 'SKIPPED_DELTA_BELOW_MIN', universe_version: 2 })
  expect(refresh.stats).toMatchObject({
    refresh_count: 1,
    tokens_added_last: 2,
    refresh_skipped_delta_below_min_count: 1,
    shards_refreshed_last: shards.size
  })
})

test('a list that suddenly is another one is not believed, and not for ever', async () => {
  const { refresh, records, replaced, fatal } = refreshing([[], all(50, 90)], { captureUniverseRefreshChurnGuardConsecutiveFatal: 2 })
  await refresh.refresh()
  expect([records[0]?.['reason'], fatal]).toEqual(['CHURN_GUARD', []])
  await refresh.refresh()
  expect(fatal).toEqual([expect.stringContaining('2 times in a row')])
  expect(replaced).toEqual([])
})

test('a refresh that fails is on record, and one that comes while another is under way is skipped', async () => {
  let deliver: (markets: PolymarketMarket[]) => void = () => undefined
  const slow = new Promise<PolymarketMarket[]>((resolve) => (deliver = resolve))
  const { refresh, records } = refreshing([new Error('no network'), slow])
  await refresh.refresh()
  expect(records).toMatchObject([{ record_type: 'universe_refresh_error', message: expect.stringContaining('no network') as string }])
  const first = refresh.refresh()
  await refresh.refresh()
  deliver(all(1, 20))
  await first
  expect(records.slice(1).map((record) => record['reason'])).toEqual(['SKIPPED_INFLIGHT', 'SKIPPED_DELTA_BELOW_MIN'])
  expect(refresh.stats).toMatchObject({ refresh_failures: 1, refresh_inflight_skipped_count: 1 })
})
