import {
  JumpIndex,
  KEYFRAME_EVENTS,
  LatestEvents,
  Marks,
  RunTimeline,
  type Mark,
  type Positions,
  type RunFacts,
  type SeekIndex,
  type ShardPosition,
  type TapeRun
} from '../replay/index.ts'
import { restoreKeyframe, takeKeyframe, type Tape } from '../tape/index.ts'

/** Given by tests only. */
export interface LiveIndexLimits {
  readonly everyEvents: number
  /** What the states of marks may take in memory. */
  readonly heldBytes: number
}

/** What makes seeks and jumps in a running recording quick, built by the live tape as it goes: its newest mark is never far behind the head. */
export class LiveIndex implements SeekIndex {
  readonly timeline = new RunTimeline()
  readonly jumps = new JumpIndex()
  readonly growing = true
  readonly done = true
  readonly reachedRelNs = Infinity
  readonly tape: Tape
  readonly marks: Marks
  readonly #run: () => RunFacts
  readonly #everyEvents: number
  readonly #latest = new LatestEvents()
  readonly #ends = new Map<number, ShardPosition>()

  /** @param run the run so far */
  constructor(tape: Tape, run: () => RunFacts, limits: Partial<LiveIndexLimits> = {}) {
    this.tape = tape
    this.#run = run
    this.marks = new Marks(limits.heldBytes)
    this.#everyEvents = limits.everyEvents ?? KEYFRAME_EVENTS
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
    const last = this.marks.newest?.keyframe
    tape.drain()
    if (last !== undefined && tape.fingerprint.events - last.events < this.#everyEvents) return
    this.marks.push({ keyframe: takeKeyframe(tape, last), positions: this.ends(), latest: this.#latest.save(), recorded: undefined })
  }

  step(): void {
    // The live tape reads on, nobody else.
  }

  startBefore(target: TapeRun, relNs: number): Mark {
    const mark = this.marks.get(this.marks.at(relNs))
    restoreKeyframe(target.tape, mark.keyframe, this.tape)
    target.reopen(this.#run(), mark.positions)
    return mark
  }

  close(): void {
    this.marks.close()
  }
}
