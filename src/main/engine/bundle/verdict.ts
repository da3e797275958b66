import type { ShardInspection } from './inspectShard.ts'
import type { BundleVerdict, DamagedRange, LostTail } from './types.ts'

export interface VerdictInput {
  readonly capturing: boolean
  /** The run log holds a capture_stop record. */
  readonly cleanStop: boolean
  readonly t0WallNs: bigint
  readonly inspections: readonly ShardInspection[]
  /** Shards that the manifest names but whose frame log does not exist. */
  readonly missing: readonly number[]
}

/** Sums up what was found at opening, and says it in plain sentences. */
export function verdictOf(input: VerdictInput): BundleVerdict {
  const lost = input.inspections.flatMap((inspection) => (inspection.lost === undefined ? [] : [inspection.lost]))
  const damage = [...input.inspections.flatMap((inspection) => inspection.damage), ...input.missing.map(missingShard)]
  const repairedIdx = input.inspections.filter((inspection) => inspection.idxRebuilt).map((inspection) => inspection.log.shard)
  const state = stateOf(input, lost, damage)
  return { state, lost, damage, repairedIdx, sentence: sentenceOf(input, state, lost, damage) }
}

function missingShard(shard: number): DamagedRange {
  return { shard, fromOffset: 0, toOffset: 0, reason: 'the frame log is missing' }
}

function stateOf(input: VerdictInput, lost: readonly LostTail[], damage: readonly DamagedRange[]): BundleVerdict['state'] {
  if (damage.length > 0) return 'damaged'
  if (input.capturing) return 'capturing'
  if (!input.cleanStop) return 'recovered'
  // After a clean stop every byte was safe, so a torn end is later damage.
  return lost.length > 0 ? 'damaged' : 'ended'
}

function sentenceOf(
  input: VerdictInput,
  state: BundleVerdict['state'],
  lost: readonly LostTail[],
  damage: readonly DamagedRange[]
): string {
  if (state === 'ended') return ''
  if (state === 'capturing') return 'This run is being recorded right now; what is safely on disk is shown.'
  const parts: string[] = []
  if (!input.cleanStop) parts.push(`This run was not stopped cleanly; it is usable up to its last whole record${lastRecordText(input)}.`)
  if (lost.length > 0) parts.push(`Lost at the end: ${lost.map(lostText).join('; ')}.`)
  else if (!input.cleanStop) parts.push('No written byte was lost.')
  if (damage.length > 0)
    parts.push(
      `Unreadable inside, skipped: ${damage.slice(0, 5).map(damageText).join('; ')}${damage.length > 5 ? `; and ${damage.length - 5} more` : ''}.`
    )
  return parts.join(' ')
}

function lostText(tail: LostTail): string {
  return `${tail.droppedBytes} bytes of shard ${tail.shard} (${tail.reason})`
}

function damageText(range: DamagedRange): string {
  if (range.toOffset === 0) return `shard ${range.shard} (${range.reason})`
  return `${range.toOffset - range.fromOffset} bytes of shard ${range.shard} at offset ${range.fromOffset} (${range.reason})`
}

function lastRecordText(input: VerdictInput): string {
  let last: number | undefined
  let records = 0
  for (const { log } of input.inspections) {
    records += log.records
    if (log.lastMonoRelNs !== undefined && (last === undefined || log.lastMonoRelNs > last)) last = log.lastMonoRelNs
  }
  if (last === undefined) return ' (it holds none)'
  const iso = new Date(Number((input.t0WallNs + BigInt(Math.round(last))) / 1_000_000n)).toISOString()
  return ` at ${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC (${records} records)`
}
