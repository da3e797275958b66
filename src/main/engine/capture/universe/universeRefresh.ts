import { setTimeout as sleep } from 'node:timers/promises'
import { toFailure } from '../../../../shared/errors.ts'
import type { PolymarketMarket, PolymarketUniverse, RestAnswer } from '../../feeds/index.ts'
import type { CaptureConfig } from '../config.ts'
import type { RunRecord } from '../runFiles.ts'
import { shardOfKey } from '../tokenShard.ts'
import { ChurnGuard } from './churnGuard.ts'
import { expectedChurn } from './expectedChurn.ts'

const SAMPLE = 10
/** Bytes of all pages of one refresh that are held until its outcome is known. */
const MAX_PAGES_BYTES = 256 * 1024 * 1024

/** A page of the list of markets as it came. */
export interface ListPage {
  readonly url: string
  readonly body: Buffer
}

export interface UniverseRefreshOptions {
  readonly config: CaptureConfig
  readonly markets: readonly PolymarketMarket[]
  /** Tokens by shard; the number of shards never changes. */
  readonly shards: readonly (readonly string[])[]
  readonly nowRelNs: () => number
  /** Unix milliseconds. */
  readonly nowWallMs: () => number
  readonly signal: AbortSignal
  /** Walks the list of markets; each answer is handed to `page` as it comes. */
  readonly discover: (page: (url: string, answer: RestAnswer) => void, signal: AbortSignal) => Promise<PolymarketUniverse>
  readonly log: (recordType: string, fields: RunRecord) => void
  /** Puts a page into the log: the new tokens are described there. */
  readonly keepPage: (page: ListPage) => void
  /** Gives a shard its new tokens and connects it anew. */
  readonly replaceKeys: (shard: number, keys: readonly string[], fromVersion: number, toVersion: number) => void
  /** Something about the universe or its counters is another: told before shards are connected anew, and after each refresh. */
  readonly said: () => void
  readonly fatal: (message: string) => void
}

/** Counters of the refreshes, as the metrics name them. */
export interface RefreshStats {
  universe_version: number
  refresh_count: number
  refresh_churn_pct_last: number
  tokens_added_last: number
  tokens_removed_last: number
  shards_refreshed_last: number
  refresh_failures: number
  refresh_interval_seconds_current: number
  refresh_skipped_delta_below_min_count: number
  refresh_last_decision_reason: string
  refresh_inflight_skipped_count: number
  universe_refresh_duration_ms: number
  universe_refresh_worker_duration_ms: number
  gamma_pages_fetched: number
  markets_seen: number
  tokens_selected: number
  expected_churn_bool: boolean
  expected_churn_reason: string
  rollover_window_hit: boolean
  expiry_window_hit: boolean
}

interface Change {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly markets: readonly PolymarketMarket[]
}

/** Asks for the list of markets again and again, and moves the recording along with it. */
export class UniverseRefresh {
  readonly stats: RefreshStats
  markets: readonly PolymarketMarket[]
  readonly #options: UniverseRefreshOptions
  readonly #guard: ChurnGuard
  readonly #shardOf = new Map<string, number>()
  readonly #shardCount: number
  #timer: NodeJS.Timeout | undefined
  #inflightSinceRelNs: number | undefined

  constructor(options: UniverseRefreshOptions) {
    this.#options = options
    this.#guard = new ChurnGuard(options.config)
    this.markets = options.markets
    this.#shardCount = options.shards.length
    options.shards.forEach((keys, shard) => keys.forEach((key) => this.#shardOf.set(key, shard)))
    this.stats = firstStats(options.config, options.markets.length, this.#shardOf.size)
  }

  /** Tokens by shard, as they are now, each shard's sorted. */
  get shards(): string[][] {
    const shards = Array.from({ length: this.#shardCount }, () => [] as string[])
    for (const [token, shard] of this.#shardOf) shards[shard]?.push(token)
    for (const keys of shards) keys.sort()
    return shards
  }

  /** Begins; ends with the signal. */
  start(): void {
    this.#options.signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
    this.#later()
  }

  /** One refresh; exposed for tests. Never rejects. */
  async refresh(): Promise<void> {
    await this.#refresh()
    this.#options.said()
  }

  async #refresh(): Promise<void> {
    const { nowRelNs, signal, log } = this.#options
    const begun = nowRelNs()
    if (this.#inflightSinceRelNs !== undefined) return this.#skipInflight(begun)
    this.#inflightSinceRelNs = begun
    try {
      await this.#refreshOnce(begun)
    } catch (error) {
      if (signal.aborted) return
      this.stats.refresh_failures += 1
      const { code, message } = toFailure(error)
      log('universe_refresh_error', { error: code, message, duration_ms: msSince(begun, nowRelNs()) })
    } finally {
      this.#inflightSinceRelNs = undefined
    }
  }

  #later(): void {
    clearTimeout(this.#timer)
    if (this.#options.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#later()
      void this.refresh()
    }, this.#guard.intervalSeconds * 1000)
  }

  #skipInflight(now: number): void {
    this.stats.refresh_inflight_skipped_count += 1
    this.stats.refresh_last_decision_reason = 'SKIPPED_INFLIGHT'
    this.#options.log('universe_refresh', {
      ...this.#record({ added: [], removed: [], markets: [] }, 0, 'SKIPPED_INFLIGHT', 0),
      inflight_age_ms: msSince(this.#inflightSinceRelNs ?? now, now)
    })
  }

  async #refreshOnce(begun: number): Promise<void> {
    const { config, nowRelNs, nowWallMs, signal, log } = this.#options
    const pages: ListPage[] = []
    const limit = AbortSignal.any([signal, AbortSignal.timeout(config.captureUniverseRefreshTimeoutSeconds * 1000)])
    const found = await this.#options.discover((url, { status, body }) => hold(pages, status, { url, body }), limit)
    const change = this.#changeTo(found)
    const segments = change.markets.map((market) => market.segment)
    const expected = expectedChurn(segments, nowWallMs(), config)
    const changed = change.added.length + change.removed.length
    const { decision, churnPct } = this.#guard.decide(this.#shardOf.size, changed, expected.expected)
    const durationMs = msSince(begun, nowRelNs())
    Object.assign(this.stats, {
      refresh_interval_seconds_current: this.#guard.intervalSeconds,
      refresh_last_decision_reason: decision,
      refresh_churn_pct_last: rounded(churnPct),
      universe_refresh_duration_ms: durationMs,
      universe_refresh_worker_duration_ms: durationMs,
      gamma_pages_fetched: found.pagesFetched,
      markets_seen: found.marketsSeen,
      tokens_selected: found.markets.length * 2,
      expected_churn_bool: expected.expected,
      expected_churn_reason: expected.reason,
      rollover_window_hit: expected.rolloverHit,
      expiry_window_hit: expected.expiryHit
    })
    if (decision === 'SKIPPED_DELTA_BELOW_MIN') this.stats.refresh_skipped_delta_below_min_count += 1
    if (decision === 'APPLIED') this.stats.universe_version += 1
    log('universe_refresh', this.#record(change, churnPct, decision, durationMs))
    this.#later()
    if (decision === 'APPLIED') await this.#apply(change, found, pages)
    else if (this.#guard.isSustained) this.#options.fatal(sustained(this.#guard.consecutive, churnPct, config))
  }

  #changeTo(found: PolymarketUniverse): Change {
    const next = new Set(found.markets.flatMap((market) => market.tokenIds))
    const added = [...next].filter((token) => !this.#shardOf.has(token)).toSorted()
    const removed = [...this.#shardOf.keys()].filter((token) => !next.has(token)).toSorted()
    const touched = new Set([...added, ...removed])
    const markets = new Map([...this.markets, ...found.markets].map((market) => [market.id, market]))
    return { added, removed, markets: [...markets.values()].filter((market) => market.tokenIds.some((token) => touched.has(token))) }
  }

  async #apply(change: Change, found: PolymarketUniverse, pages: readonly ListPage[]): Promise<void> {
    const { config, signal, keepPage, replaceKeys } = this.#options
    const added = new Set(change.added)
    const described = change.markets.filter((market) => market.tokenIds.some((token) => added.has(token)))
    const wanted = new Set(described.map((market) => found.pageOf.get(market.id)))
    for (const page of pages) if (wanted.has(page.url)) keepPage(page)
    this.markets = found.markets
    const changed = new Set<number>()
    for (const token of change.removed) {
      changed.add(this.#shardOf.get(token) ?? 0)
      this.#shardOf.delete(token)
    }
    for (const token of change.added) {
      const shard = shardOfKey(token, this.#shardCount)
      changed.add(shard)
      this.#shardOf.set(token, shard)
    }
    const version = this.stats.universe_version
    this.stats.refresh_count += 1
    this.stats.tokens_added_last = change.added.length
    this.stats.tokens_removed_last = change.removed.length
    this.stats.shards_refreshed_last = changed.size
    const { shards } = this
    this.#options.said()
    for (const shard of [...changed].toSorted((a, b) => a - b)) {
      if (signal.aborted) return
      replaceKeys(shard, shards[shard] ?? [], version - 1, version)
      await sleep(config.captureUniverseRefreshStaggerSeconds * 1000, undefined, { signal })
    }
  }

  #record({ added, removed }: Change, churnPct: number, reason: string, durationMs: number): RunRecord {
    const { stats } = this
    return {
      universe_version: stats.universe_version,
      added_count: added.length,
      removed_count: removed.length,
      churn_pct: rounded(churnPct),
      interval_seconds_used: this.#guard.intervalSeconds,
      added_sample: added.slice(0, SAMPLE),
      removed_sample: removed.slice(0, SAMPLE),
      reason,
      duration_ms: durationMs,
      gamma_pages_fetched: stats.gamma_pages_fetched,
      markets_seen: stats.markets_seen,
      tokens_selected: stats.tokens_selected
    }
  }
}

function hold(pages: ListPage[], status: number, page: ListPage): void {
  if (status !== 200) return
  const bytes = pages.reduce((sum, { body }) => sum + body.length, page.body.length)
  if (bytes > MAX_PAGES_BYTES) throw new Error('the list of markets is larger than 256 MB, so it was not believed')
  pages.push(page)
}

function sustained(times: number, churnPct: number, config: CaptureConfig): string {
  return `The venue's list of markets changed beyond belief ${times} times in a row: ${churnPct.toFixed(1)} % of the tokens would come or go, and ${config.captureUniverseRefreshMaxChurnPct} % are believed (capture_universe_refresh_max_churn_pct). What was recorded is whole; start a new run for the new list.`
}

/** Before the first refresh. */
export function firstStats(config: CaptureConfig, markets: number, tokens: number): RefreshStats {
  return {
    universe_version: 1,
    refresh_count: 0,
    refresh_churn_pct_last: 0,
    tokens_added_last: 0,
    tokens_removed_last: 0,
    shards_refreshed_last: 0,
    refresh_failures: 0,
    refresh_interval_seconds_current: config.captureUniverseRefreshIntervalSeconds,
    refresh_skipped_delta_below_min_count: 0,
    refresh_last_decision_reason: '',
    refresh_inflight_skipped_count: 0,
    universe_refresh_duration_ms: 0,
    universe_refresh_worker_duration_ms: 0,
    gamma_pages_fetched: 0,
    markets_seen: markets,
    tokens_selected: tokens,
    expected_churn_bool: false,
    expected_churn_reason: '',
    rollover_window_hit: false,
    expiry_window_hit: false
  }
}

function msSince(fromRelNs: number, toRelNs: number): number {
  return Math.round((toRelNs - fromRelNs) / 1e6)
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
