import type { OpenBundle } from '../bundle/index.ts'
import { Tape, type TapeOptions, type Venue } from '../tape/index.ts'
import { MergedFrames, type OpenShard, type Positions } from './mergedFrames.ts'

/** The windows of a run's shards lie in the processor's cache together: what was checked is still there when it is read. */
const WINDOW_BYTES = 128 * 1024

/** What a tape needs to know of a run to play it. */
export interface RunFacts {
  readonly runId: string
  readonly venue: Venue
  readonly originTsNs: bigint
  readonly shards: readonly number[]
  readonly open: OpenShard
}

/** The run of an open bundle. */
export function runOfBundle(bundle: OpenBundle): RunFacts {
  return {
    runId: bundle.runId,
    // A bundle of another system has no studio.json; those are Polymarket's unless their manifest says otherwise.
    venue: (bundle.studio?.venue ?? venueOf(bundle)) === 'binance' ? 'binance' : 'polymarket',
    originTsNs: bundle.t0WallNs,
    shards: bundle.shards.map((log) => log.shard),
    open: (shard, position) =>
      bundle.openReader(shard, {
        onDamage: 'skip',
        windowBytes: WINDOW_BYTES,
        ...(position === undefined ? {} : { startOffset: position.offset, startIdx: position.idx })
      })
  }
}

function venueOf(bundle: OpenBundle): unknown {
  const { raw } = bundle.manifest
  return typeof raw === 'object' && raw !== null && 'venue' in raw ? raw.venue : undefined
}

/** A tape with the frames that feed it: moves forward only. */
export class TapeRun {
  readonly tape: Tape
  #frames: MergedFrames

  constructor(run: RunFacts, options: Omit<TapeOptions, 'runId' | 'venue' | 'originTsNs'>, positions?: Positions) {
    this.tape = new Tape({ ...options, runId: run.runId, venue: run.venue, originTsNs: run.originTsNs })
    this.#frames = this.#openFrames(run, positions)
  }

  /** Receive time of the next frame; undefined at the end. */
  get nextRelNs(): number | undefined {
    return this.#frames.peek()?.monoRelNs
  }

  /**
   * Pushes frames received at or before `untilRelNs`, at most `maxFrames` of them, and none after the frame that brings the events of
   * this call to `maxEvents`.
   * @returns how many were pushed; fewer than `maxFrames` means that the time or `maxEvents` is reached or the run is at its end
   */
  advance(untilRelNs: number, maxFrames: number, maxEvents = Infinity): number {
    const { tape } = this
    const { writer } = tape
    const enough = writer.records + maxEvents
    let n = 0
    for (; n < maxFrames && writer.records < enough; n++) {
      const frame = this.#frames.peek()
      if (frame === undefined || frame.monoRelNs > untilRelNs) break
      this.#frames.take()
      tape.push(frame)
    }
    return n
  }

  positions(): Positions {
    return this.#frames.positions()
  }

  /** Goes on from other positions; the tape's state is the caller's business. */
  reopen(run: RunFacts, positions: Positions): void {
    this.#frames.close()
    this.#frames = this.#openFrames(run, positions)
  }

  close(): void {
    this.#frames.close()
  }

  #openFrames(run: RunFacts, positions?: Positions): MergedFrames {
    const frames = new MergedFrames(run.shards, run.open, positions)
    frames.onMissing = (shard, bytes, reason) => this.tape.missingBytes(`${bytes} bytes of shard ${shard} could not be read: ${reason}.`)
    return frames
  }
}
