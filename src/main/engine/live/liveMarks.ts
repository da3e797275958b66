import { HISTORY_NS, KEYFRAME_EVENTS, type Positions, type RunFacts, type ShardPosition, type TapeRun } from '../replay/index.ts'
import { restoreKeyframe, takeKeyframe, type Keyframe, type Tape } from '../tape/index.ts'

/** Keyframes of a running capture, as far back as the screen is ever filled. */
export class LiveMarks {
  readonly #ends = new Map<number, ShardPosition>()
  #marks: { keyframe: Keyframe; positions: Positions }[] = []

  /** The tape has taken a shard's frames up to here. */
  reached(shard: number, position: ShardPosition): void {
    this.#ends.set(shard, position)
  }

  /** How far each shard has been taken. */
  ends(): Positions {
    return new Map(this.#ends)
  }

  /** Takes a keyframe when it is due, between two flushes, and forgets what is too old to be shown. */
  mark(tape: Tape): void {
    const last = this.#marks.at(-1)?.keyframe
    tape.drain()
    if (last !== undefined && tape.fingerprint.events - last.events < KEYFRAME_EVENTS) return
    this.#marks.push({ keyframe: takeKeyframe(tape, last), positions: this.ends() })
    const oldest = tape.recvRelNs - HISTORY_NS
    const keep = this.#marks.findLastIndex((mark) => mark.keyframe.recvRelNs <= oldest)
    if (keep > 0) this.#marks = this.#marks.slice(keep)
  }

  /** Puts `target` into the state of the last keyframe at or before `relNs`, or of the oldest that is kept. */
  startBefore(target: TapeRun, relNs: number, source: Tape, run: RunFacts): void {
    const mark = this.#marks.findLast((m) => m.keyframe.recvRelNs <= relNs) ?? this.#marks[0]
    if (mark === undefined) return
    restoreKeyframe(target.tape, mark.keyframe, source)
    target.reopen(run, mark.positions)
  }
}
