import type { KeyReader } from './keyStreams.ts'

/** What a heap orders: one object for each event, as an ordinary priority queue holds it. */
export interface HeapEvent {
  readonly timeNs: number
  readonly shard: number
  readonly reader: KeyReader
}

function comesFirst(a: HeapEvent, b: HeapEvent): boolean {
  return a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.shard < b.shard)
}

/** The peer: a binary heap of event objects. */
export class ObjectHeap {
  readonly #events: HeapEvent[] = []

  push(event: HeapEvent): void {
    const events = this.#events
    let at = events.length
    events.push(event)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!comesFirst(event, events[above]!)) break
      events[at] = events[above]!
      at = above
    }
    events[at] = event
  }

  peek(): HeapEvent | undefined {
    return this.#events[0]
  }

  pop(): HeapEvent | undefined {
    const first = this.#events[0]
    const last = this.#events.pop()
    if (first !== undefined && last !== undefined && first !== last) this.#sink(last)
    return first
  }

  /** Takes the first event out and puts this one in, in one go down the heap: the faster way. */
  replaceFirst(event: HeapEvent): void {
    this.#sink(event)
  }

  #sink(event: HeapEvent): void {
    const events = this.#events
    const count = events.length
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= count) break
      if (below + 1 < count && comesFirst(events[below + 1]!, events[below]!)) below++
      if (!comesFirst(events[below]!, event)) break
      events[at] = events[below]!
      at = below
    }
    events[at] = event
  }
}
