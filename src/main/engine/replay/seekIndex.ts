import type { Tape } from '../tape/index.ts'
import type { JumpIndex } from './jumpIndex.ts'
import type { Mark, Marks } from './marks.ts'
import type { TapeRun } from './runTape.ts'
import type { RunTimeline } from './runTimeline.ts'

/** What makes seeks and jumps in a run quick: a finished run's is built by reading it once, a running one's by the live tape. */
export interface SeekIndex {
  readonly timeline: RunTimeline
  readonly jumps: JumpIndex
  /** The tape that took the keyframes: instruments are numbered by it. */
  readonly tape: Tape
  /** Everything that is there has been read. */
  readonly done: boolean
  /** More may come: the run is being recorded. */
  readonly growing: boolean
  /** Receive time up to which the run has been read; infinite when done. */
  readonly reachedRelNs: number
  /** At least one as soon as anything can be sought. */
  readonly marks: Marks
  /** Reads on. @param frames how many at most */
  step(frames: number): void
  /** Puts `target` into the state of the last mark at or before `relNs`. @returns that mark */
  startBefore(target: TapeRun, relNs: number): Mark
  close(): void
}

/** Puts `target` into the state as of `relNs`: the nearest mark before it, then the frames received at or before it. A pure function of time. @param begin called when `target` stands at the mark */
export function seekTo(index: SeekIndex, target: TapeRun, relNs: number, begin?: (mark: Mark) => void): Mark {
  const mark = index.startBefore(target, relNs)
  begin?.(mark)
  target.advance(relNs, Infinity)
  target.tape.drain()
  return mark
}
