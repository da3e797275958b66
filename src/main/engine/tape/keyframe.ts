import type { Fingerprint } from './fingerprint.ts'
import type { BookState, HashTrust, PendingDelta } from './bookState.ts'
import { copyTrust } from './hashTrust.ts'
import { hashOf } from './instruments.ts'
import type { ExpectedRest } from './notes.ts'
import type { RosterState } from './roster.ts'
import type { Tape } from './tape.ts'
import type { SignalsState } from './windows/bookSignals.ts'
import type { WindowsState } from './windows/eventWindows.ts'
import type { WorldState } from './world/worldTape.ts'

/** One instrument's state, frozen. Shared between keyframes while it does not change. */
interface FrozenBook {
  readonly version: number
  /** As the sides hold them. */
  readonly bids: Float64Array
  readonly asks: Float64Array
  /** Levels of bids and asks that were pushed out so far. */
  readonly dropped: readonly [number, number]
  readonly fields: Partial<BookState>
  readonly trust: HashTrust
  readonly pending: readonly PendingDelta[]
}

/** The whole state of a tape between two frames. */
export interface Keyframe {
  readonly recvRelNs: number
  readonly frames: number
  /** Events of the tape so far. */
  readonly events: number
  readonly books: readonly FrozenBook[]
  /** What its books and detectors take beyond those that it shares with the keyframe before it, about; and with those. */
  readonly bytes: number
  readonly wholeBytes: number
  readonly learned: number
  readonly learnedTokens: number
  readonly fingerprint: ReturnType<Fingerprint['save']>
  readonly windows: WindowsState
  readonly signals: SignalsState
  readonly world: WorldState
  readonly rest: Record<string, unknown>
}

const FIELDS = [
  'marketId',
  'name',
  'outcome',
  'tickE6',
  'shard',
  'announcedRelNs',
  'changedTsMs',
  'bookTsMs',
  'missingReported',
  'known',
  'ok',
  'resyncing',
  'resyncSinceRelNs',
  'retired',
  'tradeSeq',
  'topSeq',
  'epoch',
  'seq',
  'heldDropped',
  'droppedTsMs',
  'untrusted',
  'dropsReported',
  'topBidPxE6',
  'topBidSizeE6',
  'topAskPxE6',
  'topAskSizeE6',
  'spotE6',
  'frames',
  'trades'
] as const satisfies readonly (keyof BookState)[]

/** What the detectors keep of one book, about. */
const SIGNAL_BYTES = 600

const SECONDS = ['second', 'frames', 'gaps', 'gapsTotal', 'trades', 'lastRelNs', 'tradesBefore'] as const

/** Freezes the state of a tape. Call between two frames, after `drain`. @param before the keyframe before this one, to share what is the same */
export function takeKeyframe(tape: Tape, before: Keyframe | undefined): Keyframe {
  tape.drain()
  let bytes = 0
  let wholeBytes = 0
  const books = tape.books.instruments.all.map((state, i) => {
    const old = before?.books[i]
    // Spot and trust marks move at the end of a second without a new version, so they are part of what must match.
    if (old !== undefined && old.version === state.version && FIELDS.every((key) => Object.is(old.fields[key], state[key]))) {
      wholeBytes += bytesOf(old)
      return old
    }
    const frozen = freeze(state)
    bytes += bytesOf(frozen)
    wholeBytes += bytesOf(frozen)
    return frozen
  })
  const signals = tape.signals.save(before?.signals)
  for (const [i, frozen] of signals.entries()) {
    if (frozen === undefined) continue
    wholeBytes += SIGNAL_BYTES
    if (frozen !== before?.signals[i]) bytes += SIGNAL_BYTES
  }
  const { seconds } = tape
  const rest: Record<string, unknown> = {
    seconds: Object.fromEntries(SECONDS.map((key) => [key, seconds[key]])),
    expectedRest: [...tape.frameBooks.expectedRest],
    subscribedShards: [...tape.books.subscribedShards],
    lostShards: [...tape.books.lostShards],
    doubtfulShards: [...tape.books.doubtfulShards],
    roster: tape.books.roster.save(),
    clockOffsetNs: tape.clockOffsetNs,
    malformed: tape.malformed,
    counts: structuredClone(tape.books.counts),
    marketEvents: tape.books.marketEvents,
    told: { ...tape.books.told }
  }
  return {
    recvRelNs: tape.recvRelNs,
    frames: tape.frames,
    events: tape.fingerprint.events,
    books,
    bytes,
    wholeBytes,
    learned: tape.books.instruments.learned,
    learnedTokens: tape.books.instruments.learnedTokens,
    fingerprint: tape.fingerprint.save(),
    windows: tape.windows.save(),
    signals,
    world: tape.world.save(),
    rest
  }
}

/** Objects and short texts, levels, and deltas that wait. */
function bytesOf({ bids, asks, pending }: FrozenBook): number {
  const waiting = pending.reduce((sum, delta) => sum + 150 + delta.bids.byteLength + delta.asks.byteLength, 0)
  return 700 + bids.byteLength + asks.byteLength + waiting
}

function freeze(state: BookState): FrozenBook {
  const { bids, asks } = state.book
  const fields: Record<string, unknown> = {}
  for (const key of FIELDS) fields[key] = state[key]
  return {
    version: state.version,
    bids: bids.levels.slice(0, 2 * bids.count),
    asks: asks.levels.slice(0, 2 * asks.count),
    dropped: [bids.dropped, asks.dropped],
    fields,
    trust: copyTrust(state.trust),
    pending: state.pending.slice()
  }
}

/**
 * Puts a tape into the state of a keyframe. The tape must be fresh or of the same run.
 * @param source tape that took the keyframe: instruments are numbered by it
 */
export function restoreKeyframe(tape: Tape, keyframe: Keyframe, source: Tape): void {
  tape.writer.reset()
  tape.seconds.view.reset()
  const { instruments } = tape.books
  instruments.restart(source.books.instruments, keyframe.learned, keyframe.learnedTokens)
  keyframe.books.forEach((frozen, i) => {
    const original = source.books.instruments.all[i]!
    thaw(instruments.adopt(original.key, 0, original.key.length, hashOf(original.key), original.venue, original.shard), frozen)
  })
  const rest = keyframe.rest as {
    seconds: object
    expectedRest: [number, ExpectedRest][]
    subscribedShards: number[]
    lostShards: number[]
    doubtfulShards: number[]
    roster: RosterState
    clockOffsetNs: number
    malformed: number
    counts: object
    marketEvents: number
    told: object
  }
  Object.assign(tape.seconds, rest.seconds)
  tape.frameBooks.expectedRest.clear()
  for (const [shard, expected] of rest.expectedRest) tape.frameBooks.expectedRest.set(shard, expected)
  tape.books.subscribedShards.clear()
  for (const shard of rest.subscribedShards) tape.books.subscribedShards.add(shard)
  tape.books.lostShards.clear()
  for (const shard of rest.lostShards) tape.books.lostShards.add(shard)
  tape.books.doubtfulShards.clear()
  for (const shard of rest.doubtfulShards) tape.books.doubtfulShards.add(shard)
  tape.books.restore(rest.roster)
  tape.clockOffsetNs = rest.clockOffsetNs
  tape.frameBooks.malformed = rest.malformed
  Object.assign(tape.books.counts, structuredClone(rest.counts))
  tape.books.marketEvents = rest.marketEvents
  Object.assign(tape.books.told, rest.told)
  tape.recvRelNs = keyframe.recvRelNs
  tape.frames = keyframe.frames
  tape.fingerprint.restore(keyframe.fingerprint)
  tape.windows.restore(keyframe.windows)
  tape.signals.restore(keyframe.signals)
  tape.world.restore(keyframe.world)
}

function thaw(state: BookState, frozen: FrozenBook): void {
  Object.assign(state, frozen.fields)
  state.version = frozen.version
  state.trust = copyTrust(frozen.trust)
  state.pending = frozen.pending.slice()
  state.book.bids.load(frozen.bids, frozen.dropped[0])
  state.book.asks.load(frozen.asks, frozen.dropped[1])
}
