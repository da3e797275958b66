import type { BookState, HashDoubt } from './bookState.ts'

/** A trade is printed up to 40 ms after the change that it caused, and the hash of that change covers it already. */
const PRINTED_WITHIN_MS = 100
/** Where a connection does not tell the venue's time, or tells a wrong one. */
const WAIT_AT_MOST_NS = 5e9

interface Open {
  readonly state: BookState
  readonly doubt: HashDoubt
}

/** Mismatches that a trade may explain that is not printed yet, by connection, in the order in which they came up. */
export class HashDoubts {
  readonly #byShard = new Map<number, Open[]>()

  get any(): boolean {
    return this.#byShard.size > 0
  }

  /** A book has a doubt from here on: the newest of all. */
  add(state: BookState, doubt: HashDoubt): void {
    state.trust.doubt = doubt
    state.trust.proven = false
    const open = this.#byShard.get(state.shard)
    if (open === undefined) this.#byShard.set(state.shard, [{ state, doubt }])
    else open.push({ state, doubt })
  }

  /** A connection speaks for these from here on: it is the one that brings their trades. */
  moved(shard: number, states: readonly BookState[]): void {
    const here = this.#byShard.get(shard) ?? []
    const known = new Set(here.map(({ doubt }) => doubt))
    const all = [...here, ...openOf(states).filter(({ doubt }) => !known.has(doubt))]
    if (all.length > 0) this.#byShard.set(shard, all.sort(inOrder))
  }

  /**
   * Takes out the books of a connection whose trades must have been printed by now, and were not: nothing explains their mismatch.
   * @param recvRelNs when the message that has been told was received
   * @param exchTsMs the venue's time of it; NaN where it has none. Messages wait in line where a connection stalls, so the host's time is not enough.
   */
  takeDue(shard: number, recvRelNs: number, exchTsMs: number): BookState[] {
    const open = this.#byShard.get(shard)
    const due: BookState[] = []
    if (open === undefined) return due
    let taken = 0
    for (; taken < open.length; taken++) {
      const { state, doubt } = open[taken]!
      // A book that is explained, or not trusted for another reason since then, has no doubt any more; one that moved is told of elsewhere.
      if (state.trust.doubt !== doubt || state.shard !== shard) continue
      if (!isDue(doubt, recvRelNs, exchTsMs)) break
      due.push(state)
    }
    if (taken === open.length) this.#byShard.delete(shard)
    else if (taken > 0) open.splice(0, taken)
    return due
  }

  /** Call when the books are restored: the lists follow from them. */
  restore(states: readonly BookState[]): void {
    this.#byShard.clear()
    for (const { state, doubt } of openOf(states).sort(inOrder)) {
      const { proven } = state.trust
      this.add(state, doubt)
      state.trust.proven = proven
    }
  }
}

function openOf(states: readonly BookState[]): Open[] {
  return states.flatMap((state) => (state.trust.doubt === undefined ? [] : [{ state, doubt: state.trust.doubt }]))
}

function isDue(doubt: HashDoubt, recvRelNs: number, exchTsMs: number): boolean {
  const waitedNs = recvRelNs - doubt.recvRelNs
  return waitedNs >= WAIT_AT_MOST_NS || (waitedNs >= PRINTED_WITHIN_MS * 1e6 && exchTsMs - doubt.exchTsMs >= PRINTED_WITHIN_MS)
}

function inOrder(a: Open, b: Open): number {
  return a.doubt.n - b.doubt.n
}
