import { StudioError } from '../../../shared/errors.ts'
import { headerBytes, type OpenBundle, type ShardLog } from '../bundle/index.ts'
import { entryTest, type SliceWindow } from './sliceWindow.ts'

const ENTRIES_IN_ONE_GO = 200_000

/** What a slice takes of one shard. */
export interface ShardPlan {
  readonly log: ShardLog
  readonly records: number
  /** Of the frame log. */
  readonly bytes: number
  /** Records lie before the first that is taken. */
  readonly startsMidRun: boolean
}

/** What a slice takes of a run. */
export interface SlicePlan {
  readonly shards: readonly ShardPlan[]
  readonly records: number
  readonly bytes: number
  /** Receive times of the first and the last record, since t0_mono_ns. */
  readonly firstMonoRelNs: number
  readonly lastMonoRelNs: number
}

/**
 * Finds out what a window holds, from the indexes alone.
 * @throws StudioError USAGE when the window holds no record; the signal's reason
 */
export async function planSlice(
  bundle: OpenBundle,
  logs: readonly ShardLog[],
  window: SliceWindow,
  signal?: AbortSignal
): Promise<SlicePlan> {
  const isInside = entryTest(window, bundle)
  const shards: ShardPlan[] = []
  let first = Infinity
  let last = -Infinity
  for (const log of logs) {
    let records = 0
    let bytes = 0
    let startsMidRun = false
    for (let entry = 0; entry < log.records; entry++) {
      if (entry % ENTRIES_IN_ONE_GO === 0) await breathe(signal)
      log.idx.read(entry)
      if (!isInside(log.idx)) continue
      if (records === 0) startsMidRun = entry > 0
      records += 1
      bytes += headerBytes(log.idx.version) + log.idx.length
      first = Math.min(first, log.idx.monoRelNs)
      last = Math.max(last, log.idx.monoRelNs)
    }
    shards.push({ log, records, bytes, startsMidRun })
  }
  const records = shards.reduce((sum, shard) => sum + shard.records, 0)
  if (records === 0) throw new StudioError('USAGE', `The window holds no record. ${reachText(bundle, logs)}`)
  return { shards, records, bytes: shards.reduce((sum, shard) => sum + shard.bytes, 0), firstMonoRelNs: first, lastMonoRelNs: last }
}

/** Lets other work go on, and stops here when the work is no longer wanted. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal?.throwIfAborted()
}

function reachText({ t0MonoNs }: OpenBundle, logs: readonly ShardLog[]): string {
  const times = logs.flatMap((log) =>
    log.firstMonoRelNs === undefined ? [] : [log.firstMonoRelNs, log.lastMonoRelNs ?? log.firstMonoRelNs]
  )
  if (times.length === 0) return 'There is no record to take at all.'
  const absolute = (relNs: number): bigint => t0MonoNs + BigInt(relNs)
  const bytes = Math.max(...logs.map((log) => log.validBytes))
  return `Records run from ${absolute(Math.min(...times))} to ${absolute(Math.max(...times))} ns, and at most to offset ${bytes}.`
}
