import type { MessagePort } from 'node:worker_threads'
import { StudioError } from '../../../../shared/errors.ts'
import { counterOf, hostClock } from '../../clock.ts'
import { fastClock, type FastClock } from '../../fastClock.ts'
import type { PolymarketMarket, PolymarketUniverse, RestAnswer } from '../../feeds/index.ts'
import type { CaptureConfig } from '../config.ts'
import { restGet } from '../restClient.ts'
import type { RunRecord } from '../runFiles.ts'
import { discoverMarkets } from '../venues.ts'
import { confirmTokens } from './confirmTokens.ts'
import { policyAssignments, policyMap } from './policy.ts'
import { UniverseRefresh, type ListPage, type RefreshStats } from './universeRefresh.ts'

/** What the thread is born with: the universe that the run listens to. */
export interface UniverseBirth {
  readonly config: CaptureConfig
  readonly markets: readonly PolymarketMarket[]
  /** Tokens by shard. */
  readonly shards: readonly (readonly string[])[]
  /** For practice days, whose clock goes faster. */
  readonly fast: FastClock | undefined
}

/** What is said of the universe as it is now. */
export interface UniverseSaid {
  readonly stats: RefreshStats
  /** Tokens by policy. */
  readonly policyCounts: Readonly<Record<string, number>>
  /** By shard: the tokens that confirm a connection. */
  readonly marks: readonly (readonly string[])[]
}

export type UniverseEvent =
  | { readonly kind: 'said'; readonly said: UniverseSaid }
  | { readonly kind: 'log'; readonly recordType: string; readonly fields: RunRecord }
  | { readonly kind: 'page'; readonly url: string; readonly body: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'keys'
      readonly shard: number
      readonly keys: readonly string[]
      readonly fromVersion: number
      readonly toVersion: number
    }
  | { readonly kind: 'fatal'; readonly message: string }

/** What is said of a universe. @param shards tokens by shard */
export function saidOf(
  config: CaptureConfig,
  markets: readonly PolymarketMarket[],
  shards: readonly (readonly string[])[]
): Omit<UniverseSaid, 'stats'> {
  const policies = policyMap(config.policyRulesJson, config.policyDefaultId)
  return {
    policyCounts: policyAssignments(policies, markets).by_policy_id,
    marks: shards.map((keys) => confirmTokens(keys, markets, config.captureConfirmTokensPerShard))
  }
}

/** Follows the venue's list of markets beside the capture thread: pages of megabytes are asked for, read and compared here. */
export function followUniverse({ config, markets, shards, fast }: UniverseBirth, port: MessagePort): void {
  const clock = fast === undefined ? hostClock : fastClock(fast, hostClock)
  const tell = (event: UniverseEvent, ...transfer: ArrayBuffer[]): void => port.postMessage(event, transfer)
  const refresh = new UniverseRefresh({
    config,
    markets,
    shards,
    nowRelNs: counterOf(clock, clock.monoNs()),
    nowWallMs: () => Number(clock.wallNs() / 1_000_000n),
    signal: new AbortController().signal,
    discover: (page, limit) => discover(config, page, limit),
    log: (recordType, fields) => tell({ kind: 'log', recordType, fields }),
    keepPage: ({ url, body }: ListPage) => {
      const own = new Uint8Array(body)
      tell({ kind: 'page', url, body: own }, own.buffer)
    },
    replaceKeys: (shard, keys, fromVersion, toVersion) => tell({ kind: 'keys', shard, keys, fromVersion, toVersion }),
    said: () => tell({ kind: 'said', said: { stats: { ...refresh.stats }, ...saidOf(config, refresh.markets, refresh.shards) } }),
    fatal: (message) => tell({ kind: 'fatal', message })
  })
  refresh.start()
}

async function discover(
  config: CaptureConfig,
  page: (url: string, answer: RestAnswer) => void,
  signal: AbortSignal
): Promise<PolymarketUniverse> {
  return await discoverMarkets(config, async (_kind, url) => {
    const outcome = await restGet(url, { timeoutMs: config.restTimeout * 1000, userAgent: config.wsUserAgent, signal })
    if (outcome.kind === 'failed')
      throw new StudioError('VENUE_UNREACHABLE', `The list of markets could not be asked for: ${outcome.error}. Address: ${url}`)
    page(url, outcome.answer)
    return outcome.answer
  })
}
