import { availableParallelism } from 'node:os'
import type { OpenBundle } from '../bundle/index.ts'
import { keepOfJournal, RecordedTape, type Keep } from '../record/index.ts'
import { Tape, type TapeOptions, type Venue } from '../tape/index.ts'
import { AheadFrames } from './ahead/aheadFrames.ts'
import type { AheadSource } from './ahead/aheadRing.ts'
import { MergedFrames, type FrameQueue, type OpenShard, type Positions } from './mergedFrames.ts'

/** The windows of a run's shards lie in the processor's cache together: what was checked is still there when it is read. */
const WINDOW_BYTES = 128 * 1024
/** Below this another thread costs more than it saves. */
const AHEAD_FROM_BYTES = 16 * 1024 * 1024

/** What a tape needs to know of a run to play it. */
export interface RunFacts {
  readonly runId: string
  readonly venue: Venue
  readonly originTsNs: bigint
  readonly shards: readonly number[]
  readonly open: OpenShard
  /** What a journal of the run keeps, for the recorded fingerprint; undefined while the run is being recorded. */
  readonly keep?: Keep
  /** For a second thread; left out where the run is small, damaged, still growing, or has an index in memory only. */
  readonly ahead?: AheadSource
}

/** The run of an open bundle. */
export function runOfBundle(bundle: OpenBundle): RunFacts {
  // A bundle of another system has no studio.json; those are Polymarket's unless their manifest says otherwise.
  const venue = (bundle.studio?.venue ?? venueOf(bundle)) === 'binance' ? 'binance' : 'polymarket'
  const ahead = aheadIfWorth(bundle, venue)
  return {
    runId: bundle.runId,
    venue,
    originTsNs: bundle.t0WallNs,
    keep: bundle.studio?.recorded?.keep ?? keepOfJournal(bundle.dir) ?? 'light',
    shards: bundle.shards.map((log) => log.shard),
    open: (shard, position) =>
      bundle.openReader(shard, {
        onDamage: 'skip',
        windowBytes: WINDOW_BYTES,
        ...(position === undefined ? {} : { startOffset: position.offset, startIdx: position.idx })
      }),
    ...(ahead !== undefined && { ahead })
  }
}

function aheadIfWorth(bundle: OpenBundle, venue: AheadSource['venue']): AheadSource | undefined {
  const { shards, verdict } = bundle
  const bytes = shards.reduce((sum, log) => sum + log.validBytes, 0)
  const settled = (verdict.state === 'ended' || verdict.state === 'recovered') && verdict.repairedIdx.length === 0
  return settled && bytes >= AHEAD_FROM_BYTES && availableParallelism() > 1 ? aheadSource(bundle, venue) : undefined
}

/** What another thread needs to read the run of a bundle whose indexes are on disk. */
export function aheadSource({ shards, t0MonoNs, t0WallNs }: OpenBundle, venue: AheadSource['venue']): AheadSource {
  const logs = shards.flatMap(({ shard, framesPath, idxPath, version, validBytes }) =>
    version === undefined ? [] : [{ shard, framesPath, idxPath, version, validBytes }]
  )
  return { venue, windowBytes: WINDOW_BYTES, t0MonoNs, t0WallNs, shards: logs }
}

function venueOf(bundle: OpenBundle): unknown {
  const { raw } = bundle.manifest
  return typeof raw === 'object' && raw !== null && 'venue' in raw ? raw.venue : undefined
}

/** Sums up what a journal of the run keeps; undefined while that is not known. */
export function recordedTapeOf({ keep, runId, originTsNs }: RunFacts): RecordedTape | undefined {
  return keep === undefined ? undefined : new RecordedTape(keep, runId, originTsNs)
}

export interface TapeRunOptions extends Omit<TapeOptions, 'runId' | 'venue' | 'originTsNs'> {
  /** For a pass over much of a run: another thread reads and scans the frames, where the run allows it. The events are the same. */
  readonly readAhead?: boolean
}

/** A tape with the frames that feed it: moves forward only. */
export class TapeRun {
  readonly tape: Tape
  #frames: FrameQueue

  /** @param positions where to begin; the beginning when left out */
  constructor(run: RunFacts, options: TapeRunOptions, positions?: Positions) {
    this.tape = new Tape({ ...options, runId: run.runId, venue: run.venue, originTsNs: run.originTsNs })
    this.#frames = this.#openFrames(run, positions, options.readAhead === true)
  }

  /** True while another thread scans the frames. */
  get isAhead(): boolean {
    return this.#frames instanceof AheadFrames && this.#frames.isAhead
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
    this.#frames = this.#openFrames(run, positions, false)
  }

  close(): void {
    this.#frames.close()
  }

  #openFrames(run: RunFacts, positions: Positions | undefined, readAhead: boolean): FrameQueue {
    const frames = openFrames(run, positions, readAhead)
    frames.onMissing = ({ shard, bytes, reason }) =>
      this.tape.missingBytes(`${bytes} bytes of shard ${shard} could not be read: ${reason}.`)
    return frames
  }
}

/** @param readAhead let another thread read and scan the frames, where the run allows it; they are for a tape then and for nothing else */
export function openFrames(run: RunFacts, positions: Positions | undefined, readAhead: boolean): FrameQueue {
  const here = new MergedFrames(run.shards, run.open, positions)
  return readAhead && run.ahead !== undefined ? new AheadFrames(run.ahead, here) : here
}
