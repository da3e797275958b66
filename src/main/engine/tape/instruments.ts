import { formatE6 } from '../../../shared/market/index.ts'
import { keyHash, KeyTable } from '../feeds/index.ts'
import { BookState, type Venue } from './bookState.ts'

/** Instruments that one run may hold at a time; those that were left do not count. A venue that names more is faulty or hostile. */
export const MAX_INSTRUMENTS = 20_000
/** Instruments whose facts are kept, subscribed or not. */
export const MAX_FACTS = 300_000
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** What discovery said of a token, before or after it appears on the socket. */
export interface TokenFacts {
  readonly marketId?: string
  readonly name?: string
  readonly outcome?: string
  readonly tickE6?: number
  readonly negRisk?: boolean
  readonly minOrderSize?: string
}

/** Token ids and symbols of a run, numbered from 1 in the order in which the tape meets them. */
export class Instruments {
  /** Index = id - 1. */
  readonly all: BookState[] = []
  /** Another one after each restart: numbers belong to their generation. */
  generation = 0
  /** Facts learned so far, each with its place in the order of learning, so that a keyframe can leave out what came later. */
  readonly #facts = new Map<string, { at: number; facts: TokenFacts }[]>()
  readonly #byKey = new KeyTable<BookState>()
  #learned = 0
  #tokens = 0
  #live = 0
  #base: { instruments: Instruments; limit: number } | undefined

  /** @returns undefined when it is unknown */
  find(buf: Uint8Array, from: number, to: number, hash: number): BookState | undefined {
    return this.#byKey.find(buf, from, to, hash)
  }

  /** True when there is no room for another one. */
  get isFull(): boolean {
    return this.#live >= MAX_INSTRUMENTS
  }

  /** @returns undefined when there is no room */
  add(buf: Uint8Array, from: number, to: number, hash: number, venue: Venue, shard: number): BookState | undefined {
    return this.isFull || to - from > 200 ? undefined : this.adopt(buf, from, to, hash, venue, shard)
  }

  /** Adds an instrument without looking for room, for a restore. */
  adopt(buf: Uint8Array, from: number, to: number, hash: number, venue: Venue, shard: number): BookState {
    // A copy: the slice of a Buffer would be a view into the reader's window, which later frames overwrite.
    const key = new Uint8Array(buf.subarray(from, to))
    const state = new BookState(this.all.length + 1, venue, key, utf8.decode(key), shard)
    this.#byKey.add(key, hash, state)
    this.all.push(state)
    this.#live++
    const facts = this.factsOf(state.tokenId, Infinity)
    if (facts !== undefined) this.apply(state, facts)
    else if (venue === 'binance') state.name = state.tokenId
    return state
  }

  /** An instrument is left: its number stays its own, its room goes to others. */
  retire(state: BookState): void {
    state.retire()
    this.#live--
  }

  /** @returns false when there is no room */
  revive(state: BookState): boolean {
    if (this.isFull) return false
    state.retired = state.missingReported = false
    this.#live++
    return true
  }

  /** After a restore. */
  recount(): void {
    this.#live = this.all.reduce((sum, state) => sum + (state.retired ? 0 : 1), 0)
  }

  /** Remembers what discovery said. @returns false when there is no room for facts of another instrument */
  learn(tokenId: string, facts: TokenFacts): boolean {
    const known = this.factsOf(tokenId, Infinity)
    if (known === undefined && this.#tokens >= MAX_FACTS) return false
    if (known === undefined) this.#tokens++
    if (known === undefined || saysMore(facts, known)) {
      const own = this.#facts.get(tokenId) ?? []
      own.push({ at: this.#learned++, facts: { ...known, ...facts } })
      this.#facts.set(tokenId, own)
    }
    return true
  }

  /** @returns true when something changed */
  apply(state: BookState, facts: TokenFacts): boolean {
    const before = factsJson(state) + state.tickE6
    state.marketId = facts.marketId ?? state.marketId
    state.name = facts.name ?? state.name
    state.outcome = facts.outcome ?? state.outcome
    state.tickE6 = facts.tickE6 ?? state.tickE6
    state.trust.negRisk = facts.negRisk ?? state.trust.negRisk
    state.trust.minOrderSize = facts.minOrderSize ?? state.trust.minOrderSize
    state.version++
    return factsJson(state) + state.tickE6 !== before
  }

  /** Number of facts learned so far: what a keyframe remembers. */
  get learned(): number {
    return this.#learned
  }

  /** Number of tokens that something was learned of. */
  get learnedTokens(): number {
    return this.#tokens
  }

  /** All that was learned of a token by the first `limit` facts. */
  factsOf(tokenId: string, limit: number): TokenFacts | undefined {
    const own = this.#facts.get(tokenId)?.findLast((entry) => entry.at < limit)
    return own?.facts ?? this.#base?.instruments.factsOf(tokenId, this.#base.limit)
  }

  /** Empties the table, for a restore; facts come from the first `limit` of another table, about so many tokens, from now on. */
  restart(base: Instruments, limit: number, tokens: number): void {
    this.all.length = 0
    this.generation++
    this.#byKey.clear()
    this.#facts.clear()
    this.#learned = this.#live = 0
    this.#tokens = tokens
    this.#base = { instruments: base, limit }
  }

  get(id: number): BookState | undefined {
    return this.all[id - 1]
  }
}

/** The hash of a key, the same as the scanner gives. */
export function hashOf(bytes: Uint8Array): number {
  return keyHash(bytes, 0, bytes.length)
}

function saysMore(facts: TokenFacts, known: TokenFacts): boolean {
  return (Object.keys(facts) as (keyof TokenFacts)[]).some((key) => facts[key] !== known[key])
}

/** The facts that an `instrument` record carries. */
export function factsJson(state: BookState): string {
  const { negRisk } = state.trust
  return JSON.stringify({
    token_id: state.tokenId,
    ...(state.marketId === '' ? {} : { market_id: state.marketId }),
    ...(state.name === '' ? {} : { name: state.name }),
    ...(state.outcome === '' ? {} : { outcome: state.outcome }),
    ...(negRisk === undefined ? {} : { neg_risk: negRisk, min_order_size: state.trust.minOrderSize })
  })
}

/** Tick as text for messages. */
export function tickText(state: BookState): string {
  return formatE6(state.tickE6)
}
