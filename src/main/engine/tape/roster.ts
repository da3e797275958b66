import type { BookState } from './bookState.ts'
import type { FrameContext } from './books.ts'
import type { BookTeller } from './bookTeller.ts'
import { hashOf, Instruments, MAX_FACTS, MAX_INSTRUMENTS, type TokenFacts } from './instruments.ts'
import { endResync } from './resync.ts'

/** Instruments that wait for room. The plant subscribes to no more than this; a log that names more is faulty or hostile. */
const MAX_WAITING = 100_000
const utf8 = new TextEncoder()

/** Which instruments a run records: announced, left, taken up again, and those for which there is no room, which is said and never forgotten. */
export class Roster {
  readonly instruments = new Instruments()
  /** Instruments that are subscribed and found no room, with their shard, in the order of asking. */
  readonly waiting = new Map<string, number>()
  /** Unix second in which messages about instruments without room were told last. */
  toldSecond = -1
  /** It was told that facts of discovery were left out. */
  toldFacts = false
  /** Parts of messages about instruments without room that are not told yet. */
  #untold = 0
  readonly #teller: BookTeller
  readonly #context: FrameContext
  readonly #byMarket = new Map<string, BookState[]>()

  constructor(teller: BookTeller, context: FrameContext) {
    this.#teller = teller
    this.#context = context
  }

  /** The state of a token or symbol that is known already. */
  stateOf(tokenId: string): BookState | undefined {
    const bytes = utf8.encode(tokenId)
    return this.instruments.find(bytes, 0, bytes.length, hashOf(bytes))
  }

  /** An instrument that the tape meets for the first time. @returns undefined when there is no room for it */
  announce(buf: Uint8Array, from: number, to: number, hash: number): BookState | undefined {
    const { venue, shard, recvRelNs } = this.#context
    const added = this.instruments.add(buf, from, to, hash, venue, shard)
    if (added === undefined) {
      this.#untold++
      return undefined
    }
    added.announcedRelNs = recvRelNs
    this.join(added)
    this.#teller.instrument(added)
    return added
  }

  /** Takes up what a connection of a shard has subscribed to. What finds no room is said, and waits until there is some. */
  subscribe(tokenIds: readonly string[], shard: number): void {
    const refused: string[] = []
    for (const tokenId of tokenIds) {
      if (this.#subscribeOne(tokenId, shard)) this.waiting.delete(tokenId)
      else refused.push(tokenId)
    }
    this.#untold = 0
    if (refused.length === 0) return
    for (const tokenId of refused) if (this.waiting.size < MAX_WAITING) this.waiting.set(tokenId, shard)
    this.#tell(
      `${refused.length} instruments found no room: one run holds ${MAX_INSTRUMENTS} at a time. Their messages are kept and not applied.`
    )
  }

  #subscribeOne(tokenId: string, shard: number): boolean {
    const known = this.stateOf(tokenId)
    const bytes = utf8.encode(tokenId)
    const state = known ?? this.announce(bytes, 0, bytes.length, hashOf(bytes))
    if (state === undefined) return false
    if (state.retired) {
      if (!this.instruments.revive(state)) return false
      state.announcedRelNs = this.#context.recvRelNs
    }
    state.shard = shard
    return true
  }

  /** The plant no longer subscribes to these: their books end here, and later ones start anew. The room goes to those that wait for it. */
  retire(tokenIds: readonly string[]): void {
    for (const tokenId of tokenIds) {
      this.waiting.delete(tokenId)
      const state = this.stateOf(tokenId)
      if (state === undefined || state.retired) continue
      if (state.resyncing) endResync(this.#teller, state, this.#context)
      this.instruments.retire(state)
    }
    for (const [tokenId, shard] of this.waiting) {
      if (this.instruments.isFull) break
      if (this.#subscribeOne(tokenId, shard)) this.waiting.delete(tokenId)
    }
    this.#untold = 0
  }

  /** Takes facts of discovery; announces an instrument again when they change it. */
  learn(tokenId: string, facts: TokenFacts): void {
    const { instruments } = this
    if (!instruments.learn(tokenId, facts) && !this.toldFacts) {
      this.toldFacts = true
      this.#tell(
        `The venue lists more than the ${MAX_FACTS} instruments whose facts are kept: names and price steps of others are not known.`
      )
    }
    const state = this.stateOf(tokenId)
    if (state === undefined || !instruments.apply(state, facts)) return
    this.join(state)
    this.#teller.instrument(state)
  }

  /** At the end of a frame: what found no room in it is an event, at most once a second. */
  endFrame(second: number): void {
    if (this.#untold === 0) return
    this.#untold = 0
    if (second === this.toldSecond) return
    this.toldSecond = second
    this.#tell(`Messages name more instruments than the ${MAX_INSTRUMENTS} that one run holds. They are kept and not applied.`)
  }

  /** Files an instrument under its market. */
  join(state: BookState): void {
    if (state.marketId === '') return
    const siblings = this.#byMarket.get(state.marketId) ?? []
    if (!siblings.includes(state)) siblings.push(state)
    this.#byMarket.set(state.marketId, siblings)
  }

  /** All instruments that were ever filed under the market of this one. */
  siblingsOf(state: BookState): readonly BookState[] {
    return this.#byMarket.get(state.marketId) ?? [state]
  }

  /** What a keyframe keeps of this, besides the instruments. */
  save(): RosterState {
    return { waiting: [...this.waiting], toldSecond: this.toldSecond, toldFacts: this.toldFacts }
  }

  /** Call when the instruments are restored: look-ups follow from them. */
  restore({ waiting, toldSecond, toldFacts }: RosterState): void {
    this.waiting.clear()
    for (const [tokenId, shard] of waiting) this.waiting.set(tokenId, shard)
    this.toldSecond = toldSecond
    this.toldFacts = toldFacts
    this.#untold = 0
    this.#byMarket.clear()
    this.instruments.recount()
    for (const state of this.instruments.all) this.join(state)
  }

  #tell(detail: string): void {
    this.#teller.integrity(undefined, { kind: 'INSTRUMENTS_DROPPED', reason: 'too_many_instruments', epoch: 0, detail })
    this.#teller.gap()
  }
}

export interface RosterState {
  readonly waiting: readonly (readonly [string, number])[]
  readonly toldSecond: number
  readonly toldFacts: boolean
}
