import { restoreKeyframe, takeKeyframe } from '../tape/index.ts'
import { JumpIndex, type JumpPlaces } from './jumpIndex.ts'
import { LatestEvents } from './latestEvents.ts'
import type { RecordedTape } from '../record/index.ts'
import { recordedTapeOf, TapeRun, type RunFacts } from './runTape.ts'
import { RunTimeline } from './runTimeline.ts'
import { Marks, type Mark } from './marks.ts'
import { seekTo, type SeekIndex } from './seekIndex.ts'

/** Events between two keyframes: a seek replays at most so many, and those of the one frame that crosses the limit. */
export const KEYFRAME_EVENTS = 40_000

export interface IndexPassOptions {
  readonly everyEvents?: number
  readonly jumps?: JumpPlaces | undefined
  /** What the states of keyframes may take in memory; given by tests only. */
  readonly heldBytes?: number
}

/** Reads a whole run once, in slices, behind the screen's back: keyframes for seeks, places to jump to, the timeline, the fingerprint. */
export class IndexPass implements SeekIndex {
  readonly timeline = new RunTimeline()
  readonly jumps = new JumpIndex()
  readonly growing = false
  readonly marks: Marks
  readonly #run: RunFacts
  readonly #pass: TapeRun
  readonly #latest = new LatestEvents()
  readonly #recorded: RecordedTape | undefined
  readonly #everyEvents: number
  #markedAt = 0
  done = false

  /**
   * @param options.everyEvents events between two keyframes; KEYFRAME_EVENTS when left out
   * @param options.jumps what the recording kept of places to jump to
   */
  constructor(run: RunFacts, options: IndexPassOptions = {}) {
    this.#run = run
    this.marks = new Marks(options.heldBytes)
    this.#recorded = recordedTapeOf(run)
    if (options.jumps !== undefined) this.jumps.adopt(options.jumps)
    this.#everyEvents = options.everyEvents ?? KEYFRAME_EVENTS
    const onRecords = (bytes: Uint8Array, length: number): void => {
      this.timeline.addEvents(bytes, length)
      this.jumps.take(bytes, length)
      this.#latest.take(bytes, length)
      this.#recorded?.take(bytes, length)
    }
    this.#pass = new TapeRun(run, { onRecords, onView: this.timeline.addView, readAhead: true })
    this.#mark()
  }

  get reachedRelNs(): number {
    return this.done ? Infinity : this.#pass.tape.recvRelNs
  }

  get tape(): TapeRun['tape'] {
    return this.#pass.tape
  }

  get keyframes(): number {
    return this.marks.length
  }

  step(frames: number): void {
    const { tape } = this.#pass
    for (let left = frames; left > 0 && !this.done;) {
      const due = this.#markedAt + this.#everyEvents - tape.writer.records
      const n = this.#pass.advance(Infinity, left, due)
      left -= n
      const isDue = tape.writer.records - this.#markedAt >= this.#everyEvents
      if (isDue) this.#mark()
      else if (left > 0) this.#end()
    }
    tape.drain()
  }

  /** Puts `target` into the state as of `relNs`. */
  seek(target: TapeRun, relNs: number): void {
    seekTo(this, target, relNs)
  }

  startBefore(target: TapeRun, relNs: number): Mark {
    const mark = this.marks.get(this.marks.at(relNs))
    restoreKeyframe(target.tape, mark.keyframe, this.#pass.tape)
    target.reopen(this.#run, mark.positions)
    return mark
  }

  close(): void {
    this.#pass.close()
    this.marks.close()
  }

  #end(): void {
    this.done = true
    this.jumps.settle()
  }

  #mark(): void {
    this.#markedAt = this.#pass.tape.writer.records
    const keyframe = takeKeyframe(this.#pass.tape, this.marks.newest?.keyframe)
    this.marks.push({ keyframe, positions: this.#pass.positions(), latest: this.#latest.save(), recorded: this.#recorded?.save() })
  }
}
