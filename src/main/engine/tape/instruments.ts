import { formatE6 } from '../../../shared/market/index.ts'
import { keyHash } from '../feeds/index.ts'
import { BookState, type Venue } from './bookState.ts'

/** Instruments that one run may hold. A venue that names more is faulty or hostile. */
export const MAX_INSTRUMENTS = 20_000
const MAX_FACTS = 60_000
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
  readonly #byHash = new Map<number, BookState>()
  #learned = 0
  #tokens = 0
  #base: { instruments: Instruments; limit: number } | undefined

  /** @returns undefined when it is unknown */
  find(buf: Uint8Array, from: number, to: number, hash: number): BookState | undefined {
    let state = this.#byHash.get(hash)
    while (state !== undefined && !sameBytes(state.key, buf, from, to)) state = state.nextSameHash
    return state
  }

  /** @returns undefined when there are too many instruments already */
  add(buf: Uint8Array, from: number, to: number, hash: number, venue: Venue, shard: number): BookState | undefined {
    if (this.all.length >= MAX_INSTRUMENTS || to - from > 200) return undefined
    // A copy: the slice of a Buffer would be a view into the reader's window, which later frames overwrite.
    const key = new Uint8Array(buf.subarray(from, to))
    const state = new BookState(this.all.length + 1, venue, key, utf8.decode(key), shard)
    state.nextSameHash = this.#byHash.get(hash)
    this.#byHash.set(hash, state)
    this.all.push(state)
    const facts = this.factsOf(state.tokenId, Infinity)
    if (facts !== undefined) applyFacts(state, facts)
    else if (venue === 'binance') state.name = state.tokenId
    return state
  }

  /** Remembers what discovery said. @returns the state that it changed, when there is one already */
  learn(tokenId: string, facts: TokenFacts): BookState | undefined {
    const known = this.factsOf(tokenId, Infinity)
    if (known === undefined && this.#tokens >= MAX_FACTS) return undefined
    if (known === undefined) this.#tokens++
    if (known === undefined || saysMore(facts, known)) {
      const own = this.#facts.get(tokenId) ?? []
      own.push({ at: this.#learned++, facts: { ...known, ...facts } })
      this.#facts.set(tokenId, own)
    }
    const bytes = new TextEncoder().encode(tokenId)
    const state = this.find(bytes, 0, bytes.length, hashOf(bytes))
    return state !== undefined && applyFacts(state, facts) ? state : undefined
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
    this.#byHash.clear()
    this.#facts.clear()
    this.#learned = 0
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

/** @returns true when something changed */
function applyFacts(state: BookState, facts: TokenFacts): boolean {
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

function sameBytes(key: Uint8Array, buf: Uint8Array, from: number, to: number): boolean {
  const length = key.length
  if (length !== to - from) return false
  for (let i = 0; i < length; i++) if (key[i] !== buf[from + i]) return false
  return true
}
