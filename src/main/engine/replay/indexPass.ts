import { restoreKeyframe, takeKeyframe, type Keyframe } from '../tape/index.ts'
import type { Positions } from './mergedFrames.ts'
import { TapeRun, type RunFacts } from './runTape.ts'
import { RunTimeline } from './runTimeline.ts'

/** Events between two keyframes: a seek replays at most so many, and those of the one frame that crosses the limit. */
export const KEYFRAME_EVENTS = 40_000

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
  readonly #everyEvents: number
  #markedAt = 0
  done = false

  /** @param options.everyEvents events between two keyframes; KEYFRAME_EVENTS when left out */
  constructor(run: RunFacts, options: { readonly everyEvents?: number } = {}) {
    this.#run = run
    this.#everyEvents = options.everyEvents ?? KEYFRAME_EVENTS
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
    const { tape } = this.#pass
    for (let left = frames; left > 0 && !this.done;) {
      const due = this.#markedAt + this.#everyEvents - tape.writer.records
      const n = this.#pass.advance(Infinity, left, due)
      left -= n
      const isDue = tape.writer.records - this.#markedAt >= this.#everyEvents
      if (isDue) this.#mark()
      else if (left > 0) this.done = true
    }
    tape.drain()
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
    this.#markedAt = this.#pass.tape.writer.records
    this.#marks.push({ keyframe: takeKeyframe(this.#pass.tape, before), positions: this.#pass.positions() })
  }
}
