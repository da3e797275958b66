import { hostname } from 'node:os'
import { MANIFEST_VERSION, type BigJson } from '../bundle/index.ts'
import type { PolymarketMarket, SegmentTag } from '../feeds/index.ts'
import { configOnDisk, type CaptureConfig } from './config.ts'
import type { ReceiveClock } from './receiveClock.ts'
import type { UniverseFacts } from './runFiles.ts'
import { sourceCommit } from './sourceCommit.ts'
import { policyAssignments, policyMap, segmentKey } from './universe/policy.ts'
import { transportOf } from './venues.ts'

const SEGMENT_SCHEMA_VERSION = 1

/** State of the fee look-up, which this version does not have. */
export const FEE_REGIME = { fee_regime_state: 'OK', circuit_breaker_reason: 'DISABLED' } as const

/** What a manifest says before anything is known of the instruments. */
export function manifestHead(runId: string, config: CaptureConfig, clock: ReceiveClock): Record<string, BigJson> {
  return {
    manifest_version: MANIFEST_VERSION,
    run_id: runId,
    t0_wall_ns_utc: clock.t0WallNs,
    t0_mono_ns: clock.t0MonoNs,
    capture_schema_version: config.captureFramesSchemaVersion,
    payload_source: 'text',
    payload_encoder: 'utf-8',
    venue: config.venue,
    universe_mode: config.venue === 'polymarket' ? 'active-binary' : 'symbols',
    monotonic_ns_source: 'process.hrtime',
    git_commit: sourceCommit() ?? null,
    environment: { node: process.version, platform: `${process.platform}-${process.arch}`, hostname: hostname() },
    config: configOnDisk(config)
  }
}

/** What a manifest says of the instruments; before discovery there are none. */
export function manifestUniverse(universe: UniverseFacts | undefined, config: CaptureConfig, clock: ReceiveClock): Record<string, BigJson> {
  const plans = universe?.shards ?? []
  const markets = universe?.polymarket?.markets ?? []
  const keys = plans.flatMap((plan) => plan.keys).toSorted()
  const now = clock.nowOnDisk()
  const transport = transportOf(config)
  // What is subscribed in the address of a connection is one group.
  const groups = (shardKeys: readonly string[]): string[][] => {
    const messages = transport.subscribeMessages(shardKeys, 0)
    return messages.length === 0 && shardKeys.length > 0 ? [[...shardKeys]] : messages.map((message) => [...message.keys])
  }
  return {
    pinned_tokens: keys,
    pinned_markets: markets.map((market) => ({ id: market.id, token_ids: [...market.tokenIds] })),
    ...segmentFields(markets, config),
    fee_regime: { enabled: false, ...FEE_REGIME },
    initial_universe: {
      universe_version: 1,
      market_ids: markets.map((market) => market.id),
      token_ids: keys,
      created_wall_ns_utc: now.wallNs,
      created_mono_ns: now.monoNs,
      selection: { max_markets: config.captureMaxMarkets }
    },
    universe_refresh: refreshFields(config),
    shards: {
      count: Math.max(1, plans.length),
      assignments: Object.fromEntries(plans.map((plan) => [String(plan.shard), { token_ids: [...plan.keys], groups: groups(plan.keys) }]))
    },
    subscribe_caps: { max_tokens: config.wsSubscribeMaxTokens, max_bytes: config.wsSubscribeMaxBytes }
  }
}

function segmentFields(markets: readonly PolymarketMarket[], config: CaptureConfig): Record<string, BigJson> {
  const map = policyMap(config.policyRulesJson, config.policyDefaultId)
  const described = markets.map((market) => ({ market, fields: segmentTag(market.segment) }))
  return {
    segment_metadata: {
      schema_version: SEGMENT_SCHEMA_VERSION,
      by_token_id: Object.fromEntries(described.flatMap(({ market, fields }) => market.tokenIds.map((token) => [token, fields]))),
      by_market_id: Object.fromEntries(described.map(({ market, fields }) => [market.id, fields]))
    },
    policy_map: { default_policy_id: map.default_policy_id, rules: map.rules.map((rule) => ({ ...rule })) },
    policy_assignments: structuredClone(policyAssignments(map, markets)) as unknown as BigJson
  }
}

/** The tag of a market, with the field names of the original. */
function segmentTag(segment: SegmentTag): Record<string, BigJson> {
  const { feeRateBps, startMs, endMs, resolveMs, rollover } = segment
  return {
    ...segmentKey(segment),
    fee_rate_bps: feeRateBps ?? null,
    start_wall_ns_utc: nsOf(startMs),
    end_wall_ns_utc: nsOf(endMs),
    resolve_wall_ns_utc: nsOf(resolveMs),
    rollover_group_key: rollover.groupKey ?? null,
    rollover_instrument: rollover.instrument ?? null,
    rollover_boundary_key: rollover.boundaryKey ?? null
  }
}

function nsOf(ms: number | undefined): bigint | null {
  return ms === undefined ? null : BigInt(Math.round(ms)) * 1_000_000n
}

function refreshFields(config: CaptureConfig): Record<string, BigJson> {
  return {
    enabled: config.captureUniverseRefreshEnable,
    interval_seconds: config.captureUniverseRefreshIntervalSeconds,
    timeout_seconds: config.captureUniverseRefreshTimeoutSeconds,
    stagger_seconds: config.captureUniverseRefreshStaggerSeconds,
    grace_seconds: config.captureUniverseRefreshGraceSeconds,
    min_delta_tokens: config.captureUniverseRefreshMinDeltaTokens,
    max_churn_pct: config.captureUniverseRefreshMaxChurnPct,
    max_interval_seconds: config.captureUniverseRefreshMaxIntervalSeconds,
    churn_guard_consecutive_fatal: config.captureUniverseRefreshChurnGuardConsecutiveFatal
  }
}
