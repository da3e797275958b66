import type { JoinProof } from '../../../shared/api/index.ts'
import { TapeRun, type ReplaySource } from '../replay/index.ts'
import type { Tape } from '../tape/index.ts'

/** How far back the replay begins at least. */
const OVERLAP_NS = 10e9
const SLICE_FRAMES = 500

/**
 * Proves that what is replayed of a running recording is what was delivered live: another tape reads the log up to the head, and both sums
 * over all events must be the same. Its sum began at a mark of the live tape, so events, their order and their ids agree over the overlap.
 */
export class JoinCheck {
  /** Who asked and waits for the proof. */
  readonly requestIds: number[] = []
  readonly #source: ReplaySource
  readonly #live: Tape
  readonly #replayed: TapeRun
  readonly #from: { readonly relNs: number; readonly events: number }

  constructor(source: ReplaySource, live: Tape) {
    this.#source = source
    this.#live = live
    this.#replayed = new TapeRun(source.run, {})
    const { keyframe } = source.index.startBefore(this.#replayed, live.recvRelNs - OVERLAP_NS)
    this.#from = { relNs: keyframe.recvRelNs, events: keyframe.events }
  }

  /** Reads on. @returns the proof when the head is reached; nothing may come in between */
  step(): JoinProof | undefined {
    const run = this.#replayed
    const headRelNs = this.#live.recvRelNs
    if (run.advance(headRelNs, SLICE_FRAMES) === SLICE_FRAMES) return undefined
    if (run.tape.frames < this.#live.frames) {
      run.reopen(this.#source.run, run.positions())
      // What was taken live and cannot be read from the log is a verdict too.
      if (run.nextRelNs !== undefined && run.nextRelNs <= headRelNs) return undefined
    }
    return this.#proof(headRelNs)
  }

  close(): void {
    this.#replayed.close()
  }

  #proof(toRelNs: number): JoinProof {
    const liveSha256 = this.#live.summary().sha256
    const replayedSha256 = this.#replayed.tape.summary().sha256
    return {
      equal: liveSha256 === replayedSha256,
      overlapEvents: this.#replayed.tape.fingerprint.events - this.#from.events,
      fromRelNs: this.#from.relNs,
      toRelNs,
      liveSha256,
      replayedSha256
    }
  }
}
