import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { hostClock } from '../../clock.ts'
import type { PolymarketMarket } from '../../feeds/index.ts'
import { captureConfig } from '../config.ts'
import { ReceiveClock } from '../receiveClock.ts'
import { LiveUniverse } from './liveUniverse.ts'
import type { UniverseBirth, UniverseEvent } from './universeThread.ts'

class FakeThread extends EventEmitter {
  ended = false

  terminate(): Promise<number> {
    this.ended = true
    return Promise.resolve(0)
  }

  say(event: UniverseEvent): void {
    this.emit('message', event)
  }
}

function market(id: string, tokenIds: [string, string]): PolymarketMarket {
  const rollover = { groupKey: undefined, instrument: undefined, boundaryKey: undefined }
  const unknown = {
    feeRateBps: undefined,
    feeEnabled: null,
    feeRateKnown: false,
    startMs: undefined,
    endMs: undefined,
    resolveMs: undefined
  }
  return { id, tokenIds, segment: { cadenceBucket: 'unknown', isCrypto: false, ...unknown, rollover }, volume: 0, liquidity: 0 }
}

interface Following {
  readonly universe: LiveUniverse
  readonly births: UniverseBirth[]
  readonly threads: FakeThread[]
  readonly logged: string[]
  readonly pages: string[]
  readonly replaced: (readonly string[])[]
  readonly stop: () => void
}

function following(): Following {
  const abort = new AbortController()
  const told = {
    births: [] as UniverseBirth[],
    threads: [] as FakeThread[],
    logged: [] as string[],
    pages: [] as string[],
    replaced: [] as (readonly string[])[]
  }
  const universe = new LiveUniverse({
    config: captureConfig({
      captureUniverseRefreshEnable: true,
      captureUniverseRefreshIntervalSeconds: 0.1,
      captureConfirmTokensPerShard: 1
    }),
    universe: {
      shards: [
        { shard: 0, keys: ['11'] },
        { shard: 1, keys: ['12'] }
      ],
      polymarket: { markets: [market('1', ['11', '12'])], pagesFetched: 1, marketsSeen: 1, pageOf: new Map() }
    },
    clock: new ReceiveClock(hostClock),
    signal: abort.signal,
    log: (type) => told.logged.push(type),
    keepPage: ({ url, body }) => told.pages.push(`${url} ${body.toString()}`),
    replaceKeys: (_shard, keys) => told.replaced.push(keys),
    fatal: () => undefined,
    start: (birth) => {
      const thread = new FakeThread()
      told.births.push(structuredClone(birth))
      told.threads.push(thread)
      return thread as unknown as Worker
    }
  })
  return { universe, ...told, stop: () => abort.abort() }
}

test('what the thread finds reaches the recording, and after the end nothing does', () => {
  const { universe, threads, births, replaced, pages, stop } = following()
  const thread = threads[0]!
  expect(births[0]).toMatchObject({ shards: [['11'], ['12']], markets: [{ id: '1' }], fast: undefined })
  expect(universe.confirmTokens(1)).toEqual(['12'])
  const { policy_counts: counts, refresh_count: refreshes } = universe.metrics()
  expect([counts, refreshes]).toEqual([{ default: 2 }, 0])
  const stats = { ...(universe.metrics() as never as object), refresh_count: 1 } as never
  thread.say({ kind: 'said', said: { stats, policyCounts: { default: 4 }, marks: [['11'], ['22']] } })
  thread.say({ kind: 'page', url: 'http://list/1', body: new TextEncoder().encode('[]') })
  thread.say({ kind: 'keys', shard: 1, keys: ['12', '22'], fromVersion: 1, toVersion: 2 })
  expect([universe.confirmTokens(1), pages, replaced]).toEqual([['22'], ['http://list/1 []'], [['12', '22']]])
  expect(universe.metrics()).toMatchObject({ refresh_count: 1, policy_counts: { default: 4 } })
  stop()
  thread.say({ kind: 'keys', shard: 0, keys: [], fromVersion: 2, toVersion: 3 })
  expect([thread.ended, replaced.length]).toEqual([true, 1])
})

test('a thread that ends unasked is on record, and the list is followed again from what is connected', async () => {
  const { universe, threads, births, logged, stop } = following()
  threads[0]!.say({ kind: 'keys', shard: 0, keys: ['31'], fromVersion: 1, toVersion: 2 })
  threads[0]!.emit('error', new Error('out of memory'))
  expect([logged, universe.metrics()['refresh_failures']]).toEqual([['universe_refresh_error'], 1])
  await expect.poll(() => births.length).toBe(2)
  expect(births[1]?.shards).toEqual([['31'], ['12']])
  stop()
  threads[1]!.emit('error', new Error('too late'))
  expect([logged.length, threads[1]!.ended]).toEqual([1, true])
})
