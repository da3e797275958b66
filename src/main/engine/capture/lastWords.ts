import { toFailure, type Failure } from '../../../shared/errors.ts'
import { stringifyBigJson } from '../bundle/index.ts'
import type { BehindFile } from './behindFile.ts'
import type { BookWatch } from './bookWatch.ts'
import type { CaptureConfig } from './config.ts'
import type { ConnectionBoard } from './connectionBoard.ts'
import type { HealthReporter } from './healthReporter.ts'
import type { LastFrames } from './lastFrames.ts'
import { lastFrames } from './lastFrames.ts'
import type { ReceiveClock } from './receiveClock.ts'
import type { RunFiles, RunRecord } from './runFiles.ts'

const NAMED_TOKENS = 200

/** What is there to tell of when a run ends; parts that did not exist yet are undefined. */
export interface RunParts {
  readonly config: CaptureConfig
  readonly clock: ReceiveClock
  readonly files: RunFiles
  readonly missingTokens: BehindFile
  readonly board: ConnectionBoard | undefined
  readonly books: BookWatch | undefined
  readonly health: HealthReporter | undefined
  readonly shardCount: number
  /** Marks of each shard: its tokens with the most volume. */
  readonly confirmTokens: (shard: number) => readonly string[]
}

/** Does every step whatever became of those before. @returns the first failure */
export function tryEach(steps: readonly (() => void)[]): Failure | undefined {
  let failure: Failure | undefined
  for (const step of steps) {
    try {
      step()
    } catch (error) {
      failure ??= toFailure(error)
    }
  }
  return failure
}

/**
 * The files of a run that had to end: fatal.json, missing_tokens.json, the newest records of each shard, and a line in the run log.
 * Call when the frame logs have been written out. The disk may refuse some of it; the rest is written all the same.
 */
export function writeLastWords(parts: RunParts, reason: string, failure: Failure, firstError: RunRecord): void {
  const { files, health, config, shardCount } = parts
  tryEach([
    () => files.releaseReserve(),
    () => files.writeFatal(reason, failure.message, health?.recent ?? [], firstError),
    () => files.log('fatal', { fatal_reason: reason, fatal_message: failure.message })
  ])
  // On a full disk the reserve is for the words above.
  const frames = Array.from({ length: failure.code === 'DISK_FULL' ? 0 : shardCount }, (_, shard) => {
    let found: LastFrames | undefined
    tryEach([() => (found = lastFrames(files.paths.captureDir, shard, config.captureRingBufferFrames))])
    return found
  })
  tryEach([
    () => parts.missingTokens.putNow(missingTokensText(parts, reason, frames)),
    ...frames.map((found, shard) => () => {
      if (found !== undefined) files.writeBytes(`last_frames_shard_${String(shard).padStart(2, '0')}.bin`, found.bytes)
    })
  ])
}

/** missing_tokens.json: which instruments never sent a book, and how their connections stand. */
export function missingTokensText(parts: RunParts, reason: string, frames: readonly (LastFrames | undefined)[] = []): string {
  const { board, books, clock, health } = parts
  const nowRelNs = clock.nowRelNs()
  const missing = [...(books?.missing.values() ?? [])].flat().toSorted()
  const perShard = [...(board?.connections ?? [])].map(([shard, { stats }]) => {
    const deadline = stats.confirmDeadlineRelNs
    const fields = {
      confirmed: stats.confirmed,
      confirm_events_seen: stats.confirmEvents,
      confirm_deadline_mono_ns: deadline === undefined ? null : clock.t0MonoNs + BigInt(Math.round(deadline)),
      confirm_deadline_exceeded: deadline !== undefined && nowRelNs >= deadline,
      reconnects: stats.reconnects,
      confirm_token_ids: [...parts.confirmTokens(shard)],
      missing_token_ids: (books?.missing.get(shard) ?? []).slice(0, NAMED_TOKENS),
      recent_headers: [...(frames[shard]?.headers ?? [])] as RunRecord[]
    }
    return [String(shard), fields] as const
  })
  const newest = health?.recent.at(-1)
  const backpressure = newest === undefined ? undefined : (JSON.parse(newest) as { backpressure_ns_p99?: number }).backpressure_ns_p99
  const fields = {
    reason,
    global_missing: missing.length <= NAMED_TOKENS ? missing : { count: missing.length, sample: missing.slice(0, NAMED_TOKENS) },
    per_shard: Object.fromEntries(perShard),
    ...(backpressure === undefined ? {} : { backpressure_ns_p99: backpressure })
  }
  return `${stringifyBigJson(fields)}\n`
}
