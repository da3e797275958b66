import type { InstrumentFacts, LatestByChannel, PlayheadFingerprint, PlayheadInputs, SessionState } from '../../../shared/api/index.ts'
import { describeInstruments } from '../tape/index.ts'
import { HistoryPass } from './historyPass.ts'
import type { JumpIndex } from './jumpIndex.ts'
import type { Outlet, Played } from './outlet.ts'
import { inputsAt } from './playheadInputs.ts'
import { Player } from './player.ts'
import type { HealthSource, ReplaySource, SourceFacts } from './replaySource.ts'
import type { RunTimeline } from './runTimeline.ts'
import { findTrade } from './tradeJump.ts'

/** What is known of the whole of what is played, as far as it has been read. */
export interface PlayableIndex {
  readonly timeline: RunTimeline
  readonly jumps: JumpIndex
  /** Everything that is there has been read. */
  readonly done: boolean
  /** More may come: the run is being recorded. */
  readonly growing: boolean
  /** Receive time up to which everything has been read; infinite when done. */
  readonly reachedRelNs: number
  /** Reads on. @param frames how many at most @returns false when calling again at once gives nothing more */
  step(frames: number): boolean
}

/** What plays, and where it stands. */
export interface RunPlayer extends Played {
  readonly counts: SessionState['counts']
  readonly latest: { byChannel(): LatestByChannel }
  isAtEnd(): boolean
  /** Plays what was received at or before `untilRelNs`, at most `maxFrames` frames of it. @returns fewer when the time is reached or nothing is left */
  advance(untilRelNs: number, maxFrames: number): number
  /** Plays one frame that says something of a market. */
  stepMarketEvent(): void
  /** Goes to the state as of this time. What lies before it is not told. */
  seek(relNs: number): void
  /** Heatmap columns are wanted of this instrument. */
  watch(instrumentId: number): void
  /** SHA-256 of all events so far. */
  fingerprint(relNs: number): PlayheadFingerprint
  close(): void
}

/** The stretch before the playhead, made once more for a screen, a slice at a time. */
export interface History {
  readonly done: boolean
  step(): Uint8Array
  close(): void
}

/** What a session plays: raw frames through the tape, or events as they were recorded. */
export interface Playable {
  readonly facts: SourceFacts
  readonly startRelNs: number
  readonly endRelNs: number
  /** Up to here it can be played now. */
  readonly readyRelNs: number
  readonly index: PlayableIndex
  instruments(): InstrumentFacts[]
  hasInstrument(instrumentId: number): boolean
  /** SHA-256 of all events. Only when the index is done. */
  digest(): string
  /** Unix second of a receive time. */
  secondOf(relNs: number): number
  player(outlet: Pick<Outlet, 'onRecords' | 'onSought' | 'onView' | 'onRecorded'>): RunPlayer
  history(instrumentId: number, untilRelNs: number): History
  inputs(relNs: number): PlayheadInputs
  /** @returns receive time of the next trade strictly beyond `fromRelNs`, among what has been read */
  findTrade(instrumentId: number, fromRelNs: number, direction: 1 | -1): number | undefined
  health(): HealthSource
  close(): void
}

/** Raw frames as something to be played. */
export function playableOf(source: ReplaySource | Playable): Playable {
  if (!('run' in source)) return source
  const { run, index } = source
  const originNs = Number(run.originTsNs % 1_000_000_000n)
  const originSecond = Number(run.originTsNs / 1_000_000_000n)
  return {
    facts: source.facts,
    startRelNs: source.startRelNs,
    get endRelNs() {
      return source.endRelNs
    },
    get readyRelNs() {
      return source.endRelNs
    },
    index: {
      timeline: index.timeline,
      jumps: index.jumps,
      growing: index.growing,
      get done() {
        return index.done
      },
      get reachedRelNs() {
        return index.reachedRelNs
      },
      step(frames) {
        index.step(frames)
        return !index.done
      }
    },
    instruments: () => describeInstruments(index.tape),
    hasInstrument: (id) => index.tape.books.instruments.get(id) !== undefined,
    digest: () => index.tape.summary().sha256,
    secondOf: (relNs) => originSecond + Math.floor((relNs + originNs) / 1e9),
    player: (outlet) => new Player(source, outlet),
    history: (id, untilRelNs) => new HistoryPass(run, id, untilRelNs, (target, fromRelNs) => index.startBefore(target, fromRelNs)),
    inputs: (relNs) => inputsAt(index, run, relNs),
    findTrade(id, fromRelNs, direction) {
      if (!index.done) {
        // Only what the index has read is searched: further on the search could take as long as the index itself.
        const { marks } = index
        const last = marks.length - 1
        if (last < 0 || marks.timeOf(last) <= fromRelNs || marks.tradesAt(last, id) === 0) return undefined
      }
      return findTrade(index, run, id, fromRelNs, direction)
    },
    health: () => source.health(),
    close: () => source.close()
  }
}
