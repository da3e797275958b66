import {
  HISTORY_NS,
  JumpIndex,
  KEYFRAME_EVENTS,
  LatestEvents,
  RunTimeline,
  type Mark,
  type Positions,
  type RunFacts,
  type SeekIndex,
  type ShardPosition,
  type TapeRun
} from '../replay/index.ts'
import { restoreKeyframe, takeKeyframe, type Tape } from '../tape/index.ts'

/** Marks that a recording keeps, and what their books may take; of the older ones every second goes when there are more. */
const MAX_MARKS = 512
const MAX_BYTES = 384 * 1024 * 1024

/** Given by tests only. */
export interface LiveIndexLimits {
  readonly marks: number
  readonly everyEvents: number
  /** Marks of the last stretch of this length all stay. */
  readonly recentNs: number
}

/** What makes seeks and jumps in a running recording quick, built by the live tape as it goes: its newest mark is never far behind the head. */
export class LiveIndex implements SeekIndex {
  readonly timeline = new RunTimeline()
  readonly jumps = new JumpIndex()
  readonly growing = true
  readonly done = true
  readonly reachedRelNs = Infinity
  readonly tape: Tape
  marks: Mark[] = []
  readonly #run: () => RunFacts
  readonly #limits: LiveIndexLimits
  readonly #latest = new LatestEvents()
  readonly #ends = new Map<number, ShardPosition>()

  /** @param run the run so far */
  constructor(
    tape: Tape,
    run: () => RunFacts,
    limits: LiveIndexLimits = { marks: MAX_MARKS, everyEvents: KEYFRAME_EVENTS, recentNs: HISTORY_NS }
  ) {
    this.tape = tape
    this.#run = run
    this.#limits = limits
  }

  /** Takes records of the live tape. */
  addEvents(bytes: Uint8Array, length: number): void {
    this.timeline.addEvents(bytes, length)
    this.jumps.take(bytes, length)
    this.#latest.take(bytes, length)
  }

  /** The tape has taken a shard's frames up to here. */
  reached(shard: number, position: ShardPosition): void {
    this.#ends.set(shard, position)
  }

  /** How far each shard has been taken: a cut through the run that has all frames up to one time. */
  ends(): Positions {
    return new Map(this.#ends)
  }

  /** Takes a keyframe when it is due, between two flushes. */
  mark(): void {
    const { tape } = this
    const last = this.marks.at(-1)?.keyframe
    tape.drain()
    if (last !== undefined && tape.fingerprint.events - last.events < this.#limits.everyEvents) return
    this.marks.push({ keyframe: takeKeyframe(tape, last), positions: this.ends(), latest: this.#latest.save() })
    const bytes = this.marks.reduce((sum, { keyframe }) => sum + keyframe.bytes, 0)
    if (this.marks.length > this.#limits.marks || bytes > MAX_BYTES) this.#thin()
  }

  step(): void {
    // The live tape reads on, nobody else.
  }

  startBefore(target: TapeRun, relNs: number): Mark {
    const mark = this.marks.findLast((m) => m.keyframe.recvRelNs <= relNs) ?? this.marks[0]
    if (mark === undefined) throw new Error('broken promise: a recording has a mark before its first frame')
    restoreKeyframe(target.tape, mark.keyframe, this.tape)
    target.reopen(this.#run(), mark.positions)
    return mark
  }

  close(): void {
    this.marks = []
  }

  /** The first mark and those of the last minutes stay: most looks back go there. */
  #thin(): void {
    const recent = this.tape.recvRelNs - this.#limits.recentNs
    this.marks = this.marks.filter(({ keyframe }, i) => i % 2 === 0 || keyframe.recvRelNs > recent)
  }
}
