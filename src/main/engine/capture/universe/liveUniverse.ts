import { Worker } from 'node:worker_threads'
import { toFailure } from '../../../../shared/errors.ts'
import { hostClock } from '../../clock.ts'
import type { FastClock } from '../../fastClock.ts'
import { workerEntry } from '../../threads/workerEntry.ts'
import type { CaptureConfig } from '../config.ts'
import type { ReceiveClock } from '../receiveClock.ts'
import type { RunRecord, UniverseFacts } from '../runFiles.ts'
import { firstStats, type UniverseRefreshOptions } from './universeRefresh.ts'
import { saidOf, type UniverseBirth, type UniverseEvent, type UniverseSaid } from './universeThread.ts'

export interface LiveUniverseOptions extends Pick<UniverseRefreshOptions, 'signal' | 'log' | 'keepPage' | 'replaceKeys' | 'fatal'> {
  readonly config: CaptureConfig
  readonly universe: UniverseFacts
  readonly clock: ReceiveClock
  /** Starts the thread; for tests. */
  readonly start?: (birth: UniverseBirth) => Pick<Worker, 'on' | 'once' | 'terminate'>
}

/**
 * What a running capture listens to, and what is said of it. Where the list came from the venue and the settings ask for it, a thread of its own
 * follows it, so that megabytes of listings never stand in the way of what is received.
 */
export class LiveUniverse {
  readonly #options: LiveUniverseOptions
  readonly #follows: boolean
  /** Tokens by shard, as they were connected last. */
  readonly #shards: (readonly string[])[]
  #said: UniverseSaid
  #thread: ReturnType<typeof startThread> | undefined
  #again: NodeJS.Timeout | undefined
  /** Threads that ended unasked. */
  #crashes = 0

  constructor(options: LiveUniverseOptions) {
    this.#options = options
    const { config, universe } = options
    this.#shards = universe.shards.map((plan) => plan.keys)
    const markets = universe.polymarket?.markets ?? []
    const tokens = this.#shards.reduce((sum, keys) => sum + keys.length, 0)
    this.#said = { ...saidOf(config, markets, this.#shards), stats: firstStats(config, markets.length, tokens) }
    this.#follows = universe.polymarket !== undefined && config.captureUniverseRefreshEnable
    if (!this.#follows) return
    options.signal.addEventListener('abort', () => this.#end(), { once: true })
    this.#begin()
  }

  /** Fields of a global heartbeat. */
  metrics(): RunRecord {
    const { stats, policyCounts } = this.#said
    const refreshes = this.#follows ? { ...stats, refresh_failures: stats.refresh_failures + this.#crashes } : {}
    return { universe_version: 1, ...refreshes, policy_counts: { ...policyCounts } }
  }

  /** The marks by which a shard's connection is known to work. */
  confirmTokens(shard: number): readonly string[] {
    return this.#said.marks[shard] ?? []
  }

  #begin(): void {
    const { config, universe, clock } = this.#options
    const fast: FastClock | undefined =
      clock.speed === 1
        ? undefined
        : { speed: clock.speed, anchorWallMs: msOf(hostClock.wallNs()), startWallMs: msOf(clock.nowOnDisk().wallNs) }
    const birth: UniverseBirth = { config, markets: universe.polymarket?.markets ?? [], shards: this.#shards, fast }
    this.#thread = (this.#options.start ?? startThread)(birth)
    this.#thread.on('message', (event: UniverseEvent) => this.#take(event))
    this.#thread.once('error', (error) => this.#crashed(error))
  }

  #take(event: UniverseEvent): void {
    const { signal, log, keepPage, replaceKeys, fatal } = this.#options
    if (signal.aborted) return
    switch (event.kind) {
      case 'said':
        this.#said = event.said
        return
      case 'log':
        return log(event.recordType, event.fields)
      case 'page':
        return keepPage({ url: event.url, body: Buffer.from(event.body.buffer) })
      case 'keys':
        this.#shards[event.shard] = event.keys
        return replaceKeys(event.shard, event.keys, event.fromVersion, event.toVersion)
      case 'fatal':
        return fatal(event.message)
    }
  }

  /** The recording goes on; after a while the list is followed again from what is connected by then. */
  #crashed(error: unknown): void {
    const { signal, config, log } = this.#options
    if (signal.aborted) return
    this.#crashes += 1
    log('universe_refresh_error', { error: 'INTERNAL', message: toFailure(error).message, duration_ms: 0 })
    this.#again = setTimeout(() => this.#begin(), config.captureUniverseRefreshIntervalSeconds * 1000)
  }

  #end(): void {
    clearTimeout(this.#again)
    void this.#thread?.terminate()
  }
}

function startThread(birth: UniverseBirth): Pick<Worker, 'on' | 'once' | 'terminate'> {
  return new Worker(workerEntry('universe'), { workerData: birth, name: 'tapedeck universe' })
}

function msOf(ns: bigint): number {
  return Number(ns / 1_000_000n)
}
