import { join } from 'node:path'
import { bundlePaths, FrameReader, framesFileName } from '../bundle/index.ts'
import { HistoryPass, type HealthSource, type ReplaySource, type RunFacts } from '../replay/index.ts'
import type { Tape, Venue } from '../tape/index.ts'
import type { LiveIndex } from './liveIndex.ts'

export interface LiveFacts {
  readonly runDir: string
  readonly runId: string
  readonly name: string
  readonly venue: Venue
  readonly synthetic: boolean
  readonly t0WallNs: bigint
  readonly t0MonoNs: bigint
  /** How far back the screen is filled when it opens or shows another instrument, ns. */
  readonly historyNs: number
}

/** The run that is being recorded, read from its own log: each look finds what the live tape had taken by then. */
export function growingSource(facts: LiveFacts, tape: Tape, index: LiveIndex, health: () => HealthSource): ReplaySource {
  const { runId, name, runDir, venue, synthetic, t0WallNs, t0MonoNs } = facts
  const { captureDir } = bundlePaths(runDir)
  const run: RunFacts = {
    runId,
    venue,
    originTsNs: t0WallNs,
    get shards() {
      return [...index.ends().keys()]
    },
    open: (shard, position) =>
      new FrameReader({
        path: join(captureDir, framesFileName(shard)),
        shard,
        t0MonoNs,
        t0WallNs,
        checkCrc: false,
        startOffset: position?.offset ?? 0,
        startIdx: position?.idx ?? 0,
        endOffset: index.ends().get(shard)?.offset ?? 0
      })
  }
  return {
    run,
    index,
    facts: { mode: 'live', runId, name, path: runDir, venue, synthetic, originTsNs: String(t0WallNs) },
    startRelNs: 0,
    get endRelNs() {
      return tape.recvRelNs
    },
    health,
    close: () => undefined
  }
}

/** What fills the screen with the newest stretch of the run, up to its head, for one instrument. */
export function historyOf({ historyNs }: LiveFacts, run: RunFacts, index: LiveIndex, instrumentId: number): HistoryPass {
  return new HistoryPass(run, instrumentId, index.tape.recvRelNs, (target, relNs) => index.startBefore(target, relNs), historyNs)
}
