import { StudioError } from '../../../../shared/errors.ts'
import type { PolymarketMarket, PolymarketUniverse, RestAnswer } from '../../feeds/index.ts'
import type { CaptureConfig } from '../config.ts'
import type { ReceiveClock } from '../receiveClock.ts'
import { restGet } from '../restClient.ts'
import type { RunRecord, UniverseFacts } from '../runFiles.ts'
import { discoverMarkets } from '../venues.ts'
import { confirmTokens } from './confirmTokens.ts'
import { policyAssignments, policyMap, type PolicyMap } from './policy.ts'
import { UniverseRefresh, type UniverseRefreshOptions } from './universeRefresh.ts'

export interface LiveUniverseOptions extends Pick<UniverseRefreshOptions, 'signal' | 'log' | 'keepPage' | 'replaceKeys' | 'fatal'> {
  readonly config: CaptureConfig
  readonly universe: UniverseFacts
  readonly clock: ReceiveClock
}

/** What a running capture listens to, and what is said of it. Follows the venue's list where it came from there and the settings ask for it. */
export class LiveUniverse {
  readonly #options: LiveUniverseOptions
  readonly #policies: PolicyMap
  readonly #refresh: UniverseRefresh | undefined
  #countedFor: readonly PolymarketMarket[] | undefined
  #policyCounts: Readonly<Record<string, number>> = {}

  constructor(options: LiveUniverseOptions) {
    this.#options = options
    const { config, universe } = options
    this.#policies = policyMap(config.policyRulesJson, config.policyDefaultId)
    if (universe.polymarket === undefined || !config.captureUniverseRefreshEnable) return
    this.#refresh = new UniverseRefresh({
      ...options,
      markets: universe.polymarket.markets,
      shards: universe.shards.map((plan) => plan.keys),
      nowRelNs: () => options.clock.nowRelNs(),
      nowWallMs: () => Number(options.clock.nowOnDisk().wallNs / 1_000_000n),
      discover: (page, signal) => this.#discover(page, signal)
    })
    this.#refresh.start()
  }

  get #markets(): readonly PolymarketMarket[] {
    return this.#refresh?.markets ?? this.#options.universe.polymarket?.markets ?? []
  }

  /** Fields of a global heartbeat. */
  metrics(): RunRecord {
    const markets = this.#markets
    if (this.#countedFor !== markets) {
      this.#countedFor = markets
      this.#policyCounts = policyAssignments(this.#policies, markets).by_policy_id
    }
    return { universe_version: 1, ...this.#refresh?.stats, policy_counts: { ...this.#policyCounts } }
  }

  confirmTokens(keys: readonly string[]): string[] {
    return confirmTokens(keys, this.#markets, this.#options.config.captureConfirmTokensPerShard)
  }

  async #discover(page: (url: string, answer: RestAnswer) => void, signal: AbortSignal): Promise<PolymarketUniverse> {
    const { config } = this.#options
    return await discoverMarkets(config, async (_kind, url) => {
      const outcome = await restGet(url, { timeoutMs: config.restTimeout * 1000, userAgent: config.wsUserAgent, signal })
      if (outcome.kind === 'failed')
        throw new StudioError('VENUE_UNREACHABLE', `The list of markets could not be asked for: ${outcome.error}. Address: ${url}`)
      page(url, outcome.answer)
      return outcome.answer
    })
  }
}
