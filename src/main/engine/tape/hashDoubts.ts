import type { BookState, HashDoubt } from './bookState.ts'

/** A trade is printed up to 40 ms after the change that it caused, and the hash of that change covers it already. */
const PRINTED_WITHIN_NS = 100e6

interface Open {
  readonly state: BookState
  readonly doubt: HashDoubt
}

/** Mismatches of a run that a trade may explain that is not printed yet, the oldest first; of one instant by number of the instrument. */
export class HashDoubts {
  #open: Open[] = []

  get any(): boolean {
    return this.#open.length > 0
  }

  /** A book has a doubt from here on; one that it had is replaced. */
  add(state: BookState, doubt: HashDoubt): void {
    state.trust.doubt = doubt
    const open = this.#open
    let at = open.length
    while (at > 0 && isBefore(state, doubt, open[at - 1]!)) at--
    open.splice(at, 0, { state, doubt })
  }

  /**
   * Takes out the books of a connection whose trades must have been printed by now. What became of them is for the caller to say.
   * @param recvRelNs when the message that is being told was received
   */
  takeDue(shard: number, recvRelNs: number): BookState[] {
    const due: BookState[] = []
    const left: Open[] = []
    for (const [i, open] of this.#open.entries()) {
      if (open.doubt.recvRelNs + PRINTED_WITHIN_NS > recvRelNs) {
        left.push(...this.#open.slice(i))
        break
      }
      // A book that is not trusted for another reason since then has no doubt any more.
      if (open.state.trust.doubt !== open.doubt) continue
      if (open.state.shard === shard) due.push(open.state)
      else left.push(open)
    }
    this.#open = left
    return due
  }

  /** Call when the books are restored: the list follows from them. */
  restore(states: readonly BookState[]): void {
    this.#open = []
    for (const state of states) if (state.trust.doubt !== undefined) this.add(state, state.trust.doubt)
  }
}

function isBefore(state: BookState, doubt: HashDoubt, other: Open): boolean {
  const { recvRelNs } = other.doubt
  return doubt.recvRelNs < recvRelNs || (doubt.recvRelNs === recvRelNs && state.id < other.state.id)
}
