import { z } from 'zod'
import type { SegmentTag } from '../../feeds/index.ts'

const yesNoAny = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? ({ true: true, false: false, null: null, none: null, '': null }[value.trim().toLowerCase()] ?? value)
      : value,
  z.boolean().nullish()
)
const ruleSchema = z.object({
  policy_id: z.string().min(1),
  cadence_bucket: z.string().nullish(),
  is_crypto: yesNoAny,
  fee_enabled: yesNoAny,
  fee_rate_known: yesNoAny
})
const rulesSchema = z.union([
  z.array(ruleSchema),
  z.object({ default_policy_id: z.string().min(1).optional(), rules: z.array(ruleSchema) })
])

interface PolicyRule {
  readonly policy_id: string
  readonly cadence_bucket: string | null
  readonly is_crypto: boolean | null
  readonly fee_enabled: boolean | null
  readonly fee_rate_known: boolean | null
}

/** Rules that give each market a policy, in the form that a manifest keeps. */
export interface PolicyMap {
  readonly default_policy_id: string
  readonly rules: readonly PolicyRule[]
}

export interface PolicyAssignments {
  readonly by_policy_id: Readonly<Record<string, number>>
  readonly by_segment: readonly {
    readonly segment_key: { cadence_bucket: string; is_crypto: boolean; fee_enabled: boolean | null; fee_rate_known: boolean }
    readonly policy_id: string
    readonly token_count: number
  }[]
}

/** @param rulesJson a list of rules, or an object with rules and a default of its own; anything else gives no rules */
export function policyMap(rulesJson: string, defaultId: string): PolicyMap {
  const parsed = rulesSchema.safeParse(jsonOf(rulesJson))
  if (!parsed.success) return { default_policy_id: defaultId, rules: [] }
  const given = Array.isArray(parsed.data) ? { rules: parsed.data, default_policy_id: undefined } : parsed.data
  const rules = given.rules.map((rule) => ({
    policy_id: rule.policy_id,
    cadence_bucket: rule.cadence_bucket ?? null,
    is_crypto: rule.is_crypto ?? null,
    fee_enabled: rule.fee_enabled ?? null,
    fee_rate_known: rule.fee_rate_known ?? null
  }))
  return { default_policy_id: given.default_policy_id ?? defaultId, rules }
}

/** The first rule that fits gives the policy. */
export function policyOf(map: PolicyMap, segment: SegmentTag): string {
  const fits = (rule: PolicyRule): boolean =>
    (rule.cadence_bucket === null || rule.cadence_bucket === segment.cadenceBucket) &&
    (rule.is_crypto === null || rule.is_crypto === segment.isCrypto) &&
    (rule.fee_enabled === null || rule.fee_enabled === segment.feeEnabled) &&
    (rule.fee_rate_known === null || rule.fee_rate_known === segment.feeRateKnown)
  return map.rules.find(fits)?.policy_id ?? map.default_policy_id
}

/** Counts tokens by policy, and by kind of market. */
export function policyAssignments(
  map: PolicyMap,
  markets: readonly { segment: SegmentTag; tokenIds: readonly string[] }[]
): PolicyAssignments {
  const byPolicy: Record<string, number> = {}
  const bySegment = new Map<string, PolicyAssignments['by_segment'][number]>()
  for (const { segment, tokenIds } of markets) {
    const policy_id = policyOf(map, segment)
    byPolicy[policy_id] = (byPolicy[policy_id] ?? 0) + tokenIds.length
    const segment_key = segmentKey(segment)
    const key = JSON.stringify([policy_id, segment_key])
    const before = bySegment.get(key)?.token_count ?? 0
    bySegment.set(key, { segment_key, policy_id, token_count: before + tokenIds.length })
  }
  const order = ({ policy_id, segment_key: s }: PolicyAssignments['by_segment'][number]): string =>
    JSON.stringify([policy_id, s.cadence_bucket, s.is_crypto, s.fee_enabled, s.fee_rate_known])
  return {
    by_policy_id: Object.fromEntries(Object.entries(byPolicy).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    by_segment: [...bySegment.values()].toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
  }
}

/** The kind of a market, as the files of a run keep it. */
export function segmentKey(segment: SegmentTag): PolicyAssignments['by_segment'][number]['segment_key'] {
  return {
    cadence_bucket: segment.cadenceBucket,
    is_crypto: segment.isCrypto,
    fee_enabled: segment.feeEnabled,
    fee_rate_known: segment.feeRateKnown
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
