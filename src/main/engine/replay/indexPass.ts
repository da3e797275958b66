import { restoreKeyframe, takeKeyframe, type Keyframe } from '../tape/index.ts'
import type { Positions } from './mergedFrames.ts'
import { TapeRun, type RunFacts } from './runTape.ts'
import { RunTimeline } from './runTimeline.ts'

/** Events between two keyframes: a seek replays at most so many, and this many more in the frame that crosses the limit. */
export const KEYFRAME_EVENTS = 40_000
const CHECK_EVERY_FRAMES = 256

interface Mark {
  readonly keyframe: Keyframe
  readonly positions: Positions
}

/** Reads a whole run once, in slices, behind the screen's back: keyframes for seeks, the timeline, the fingerprint. */
export class IndexPass {
  readonly timeline = new RunTimeline()
  readonly #run: RunFacts
  readonly #pass: TapeRun
  readonly #marks: Mark[] = []
  done = false

  constructor(run: RunFacts) {
    this.#run = run
    this.#pass = new TapeRun(run, { onRecords: this.timeline.addEvents, onView: this.timeline.addView })
    this.#mark()
  }

  /** Receive time up to which the run has been read. */
  get reachedRelNs(): number {
    return this.done ? Infinity : this.#pass.tape.recvRelNs
  }

  get tape(): TapeRun['tape'] {
    return this.#pass.tape
  }

  get keyframes(): number {
    return this.#marks.length
  }

  /** Reads on for a while. @param frames how many at most */
  step(frames: number): void {
    if (this.done) return
    const { tape } = this.#pass
    for (let left = frames; left > 0; left -= CHECK_EVERY_FRAMES) {
      const n = this.#pass.advance(Infinity, CHECK_EVERY_FRAMES)
      // Events still in the writer are not counted yet: drain to know them.
      tape.drain()
      if (tape.fingerprint.events - (this.#marks.at(-1)?.keyframe.events ?? 0) >= KEYFRAME_EVENTS) this.#mark()
      if (n === CHECK_EVERY_FRAMES) continue
      this.done = true
      return
    }
  }

  /** Puts `target` into the state as of `relNs`: the nearest keyframe before it, then the frames received at or before it. */
  seek(target: TapeRun, relNs: number): void {
    this.startBefore(target, relNs)
    target.advance(relNs, Infinity)
    target.tape.drain()
  }

  /** Puts `target` into the state of the last keyframe at or before `relNs`. */
  startBefore(target: TapeRun, relNs: number): void {
    const mark = this.#marks.findLast((m) => m.keyframe.recvRelNs <= relNs) ?? this.#marks[0]!
    restoreKeyframe(target.tape, mark.keyframe, this.#pass.tape)
    target.reopen(this.#run, mark.positions)
  }

  close(): void {
    this.#pass.close()
  }

  #mark(): void {
    const before = this.#marks.at(-1)?.keyframe
    this.#marks.push({ keyframe: takeKeyframe(this.#pass.tape, before), positions: this.#pass.positions() })
  }
}
