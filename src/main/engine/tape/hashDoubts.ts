import type { BookState, HashDoubt } from './bookState.ts'

/** A trade is printed up to 40 ms after the change that it caused, and the hash of that change covers it already. */
const PRINTED_WITHIN_MS = 100
/** Where a connection does not tell the venue's time, or tells a wrong one. */
const WAIT_AT_MOST_NS = 5e9

interface Open {
  readonly state: BookState
  readonly doubt: HashDoubt
}

/** Mismatches that a trade may explain that is not printed yet, by connection: the oldest first, those of one instant by number of the instrument. */
export class HashDoubts {
  readonly #byShard = new Map<number, Open[]>()

  get any(): boolean {
    return this.#byShard.size > 0
  }

  /** A book has a doubt from here on. */
  add(state: BookState, doubt: HashDoubt): void {
    state.trust.doubt = doubt
    state.trust.proven = false
    this.#file({ state, doubt })
  }

  /** A connection speaks for these from here on: it is the one that brings their trades. */
  moved(states: readonly BookState[]): void {
    for (const state of states) if (state.trust.doubt !== undefined) this.#file({ state, doubt: state.trust.doubt })
  }

  /**
   * Takes out the books of a connection whose trades must have been printed by now. What became of them is for the caller to say.
   * @param recvRelNs when the message that has been told was received
   * @param exchTsMs the venue's time of it; NaN where it has none. Messages wait in line where a connection stalls, so the host's time is not enough.
   */
  takeDue(shard: number, recvRelNs: number, exchTsMs: number): BookState[] {
    const open = this.#byShard.get(shard)
    const due: BookState[] = []
    if (open === undefined) return due
    let taken = 0
    for (; taken < open.length && isDue(open[taken]!.doubt, recvRelNs, exchTsMs); taken++) {
      const { state, doubt } = open[taken]!
      // A book that is not trusted for another reason since then has no doubt any more, and one that moved is told of elsewhere.
      if (state.trust.doubt === doubt && state.shard === shard) due.push(state)
    }
    if (taken === open.length) this.#byShard.delete(shard)
    else if (taken > 0) open.splice(0, taken)
    return due
  }

  /** Call when the books are restored: the lists follow from them. */
  restore(states: readonly BookState[]): void {
    this.#byShard.clear()
    const open = states.flatMap((state) => (state.trust.doubt === undefined ? [] : [{ state, doubt: state.trust.doubt }]))
    for (const one of open.toSorted(inOrder)) this.#file(one)
  }

  #file(one: Open): void {
    const { shard } = one.state
    const open = this.#byShard.get(shard)
    if (open === undefined) {
      this.#byShard.set(shard, [one])
      return
    }
    let at = open.length
    while (at > 0 && inOrder(one, open[at - 1]!) < 0) at--
    open.splice(at, 0, one)
  }
}

function isDue(doubt: HashDoubt, recvRelNs: number, exchTsMs: number): boolean {
  const waitedNs = recvRelNs - doubt.recvRelNs
  return waitedNs >= WAIT_AT_MOST_NS || (waitedNs >= PRINTED_WITHIN_MS * 1e6 && exchTsMs - doubt.exchTsMs >= PRINTED_WITHIN_MS)
}

function inOrder(a: Open, b: Open): number {
  return a.doubt.recvRelNs - b.doubt.recvRelNs || a.state.id - b.state.id
}
