import {
  bbo,
  FRAME_OUTCOMES,
  frameRaw,
  instrument,
  integrity,
  INTEGRITY_KINDS,
  INTEGRITY_REASONS,
  l2Book,
  l2Snap1s,
  putI64,
  tapeTrades,
  topOfBook
} from '../../../shared/channels/index.ts'
import { imbalanceOfSizes, micropriceE6, midE6, sumSizes, type BookSide, type OrderBook } from '../../../shared/market/index.ts'
import type { LevelList, MarketMessage } from '../feeds/index.ts'
import type { BookState } from './bookState.ts'
import type { RecordWriter } from './recordWriter.ts'

// Writers of the hot channels, straight into the record buffer at the offsets that the channel declarations give.
// A test holds them equal to the generic codec.

export type IntegrityKind = (typeof INTEGRITY_KINDS)[number]
export type IntegrityReason = (typeof INTEGRITY_REASONS)[number]

const given = (value: number): boolean => value === value

export interface FrameFacts {
  readonly rxWallRelNs: number
  readonly flags: number
  readonly payloadBytes: number
  readonly payloadCrc32: number
  readonly outcome: number
}

export function emitFrameRaw(w: RecordWriter, facts: FrameFacts): void {
  const events = w.pos
  const o = w.begin(frameRaw, 0, 0, 0)
  const at = frameRaw.at
  putI64(w.view, o + at.rxWallRelNs, facts.rxWallRelNs)
  w.view.setUint32(o + at.flags, facts.flags, true)
  w.view.setUint32(o + at.payloadBytes, facts.payloadBytes, true)
  w.view.setUint32(o + at.payloadCrc32, facts.payloadCrc32, true)
  w.view.setUint32(o + at.outcome, facts.outcome < FRAME_OUTCOMES.length ? facts.outcome : 3, true)
  w.view.setUint32(o + at.events, events, true)
}

export function emitInstrument(w: RecordWriter, state: BookState, facts: string): void {
  const o = w.beginText(instrument, state.id, 0, facts)
  putI64(w.view, o + instrument.at.tickE6, state.tickE6)
  w.view.setUint32(o + instrument.at.venue, state.venue === 'polymarket' ? 0 : 1, true)
}

/** The top of a book, as `state.top...` has it. */
export function emitTop(w: RecordWriter, state: BookState, exchTsMs: number): void {
  const { topBidPxE6: bidPx, topBidSizeE6: bidSize, topAskPxE6: askPx, topAskSizeE6: askSize } = state
  const bit = topOfBook.bit
  let present = 0
  if (given(bidPx)) present += bit.bidPxE6 + bit.bidSizeE6
  if (given(askPx)) present += bit.askPxE6 + bit.askSizeE6
  if (given(exchTsMs)) present += bit.exchTsMs
  const o = w.begin(topOfBook, state.id, present, 0)
  const at = topOfBook.at
  putOr0(w, o + at.bidPxE6, bidPx)
  putOr0(w, o + at.bidSizeE6, bidSize)
  putOr0(w, o + at.askPxE6, askPx)
  putOr0(w, o + at.askSizeE6, askSize)
  putOr0(w, o + at.exchTsMs, exchTsMs)
  w.view.setUint32(o + at.bookOk, state.ok ? 1 : 0, true)
}

function putOr0(w: RecordWriter, at: number, value: number): void {
  putI64(w.view, at, given(value) ? value : 0)
}

/** A change of a book, as the venue told it. */
export function emitL2Book(w: RecordWriter, state: BookState, message: MarketMessage): void {
  const { bids, asks } = message
  const o = beginL2Book(w, state, message, 0, 8 + 16 * (bids.count + asks.count))
  const tail = o + l2Book.tailAt
  w.view.setUint32(tail, bids.count, true)
  w.view.setUint32(tail + 4, asks.count, true)
  const next = putList(w, tail + 8, bids)
  putList(w, next, asks)
}

/** A full book that has just replaced ours: all of it, best first, whatever order the venue sends. */
export function emitBook(w: RecordWriter, state: BookState, message: MarketMessage): void {
  const o = beginL2Book(w, state, message, 1, levelBytes(state.book, Infinity))
  putBook(w, o + l2Book.tailAt, state.book, Infinity)
}

function beginL2Book(w: RecordWriter, state: BookState, message: MarketMessage, kind: 0 | 1, tailBytes: number): number {
  const bit = l2Book.bit
  const present = (given(message.lastSeq) ? bit.seq : 0) + (given(message.exchTsMs) ? bit.exchTsMs : 0)
  const o = w.begin(l2Book, state.id, present, tailBytes)
  const at = l2Book.at
  w.view.setUint32(o + at.kind, kind, true)
  putOr0(w, o + at.seq, message.lastSeq)
  w.view.setUint32(o + at.resyncEpochId, state.epoch, true)
  putOr0(w, o + at.exchTsMs, message.exchTsMs)
  w.view.setUint32(o + at.bookOk, state.ok ? 1 : 0, true)
  return o
}

function putList(w: RecordWriter, at: number, list: LevelList): number {
  const end = list.count * 2
  let o = at
  for (let i = 0; i < end; i++, o += 8) putI64(w.view, o, list.values[i]!)
  return o
}

export function emitTrade(w: RecordWriter, state: BookState, message: MarketMessage): void {
  const present = given(message.exchTsMs) ? tapeTrades.bit.exchTsMs : 0
  const o = w.beginTextBytes(tapeTrades, state.id, present, message.buf, message.tradeIdFrom, message.tradeIdTo)
  const at = tapeTrades.at
  putI64(w.view, o + at.pxE6, message.pxE6)
  putI64(w.view, o + at.sizeE6, message.sizeE6)
  w.view.setUint32(o + at.side, message.side, true)
  putOr0(w, o + at.exchTsMs, message.exchTsMs)
}

export function emitBbo(w: RecordWriter, state: BookState, message: MarketMessage): void {
  const o = w.begin(bbo, state.id, given(message.lastSeq) ? bbo.bit.seq : 0, 0)
  const at = bbo.at
  putOr0(w, o + at.seq, message.lastSeq)
  putI64(w.view, o + at.bidPxE6, message.bestBidE6)
  putI64(w.view, o + at.bidSizeE6, message.bestBidSizeE6)
  putI64(w.view, o + at.askPxE6, message.bestAskE6)
  putI64(w.view, o + at.askSizeE6, message.bestAskSizeE6)
}

export interface IntegrityFacts {
  readonly kind: IntegrityKind
  readonly reason: IntegrityReason
  readonly epoch: number
  readonly seqExpected?: number
  readonly seqGot?: number
  readonly durationNs?: number
  /** One plain sentence; must follow from the bytes alone. */
  readonly detail: string
}

export function emitIntegrity(w: RecordWriter, instrumentId: number, facts: IntegrityFacts): void {
  const bit = integrity.bit
  const present =
    (facts.seqExpected === undefined ? 0 : bit.seqExpected) +
    (facts.seqGot === undefined ? 0 : bit.seqGot) +
    (facts.durationNs === undefined ? 0 : bit.durationNs)
  const o = w.beginText(integrity, instrumentId, present, facts.detail)
  const at = integrity.at
  w.view.setUint32(o + at.kind, INTEGRITY_KINDS.indexOf(facts.kind), true)
  w.view.setUint32(o + at.reason, INTEGRITY_REASONS.indexOf(facts.reason), true)
  w.view.setUint32(o + at.resyncEpochId, facts.epoch, true)
  putI64(w.view, o + at.seqExpected, facts.seqExpected ?? 0)
  putI64(w.view, o + at.seqGot, facts.seqGot ?? 0)
  putI64(w.view, o + at.durationNs, facts.durationNs ?? 0)
}

export const SNAP_LEVELS = 20

/** The top 20 of a book at the end of a second. @returns what these levels hold together, × 1e6 */
export function emitSnap(w: RecordWriter, state: BookState, second: number, bookOk: boolean): number {
  const { bids, asks } = state.book
  const bidPx = bids.pxAt(0)
  const askPx = asks.pxAt(0)
  const both = bidPx !== undefined && askPx !== undefined
  const micro = both ? micropriceE6(bidPx, bids.sizeAt(0) ?? 0, askPx, asks.sizeAt(0) ?? 0) : undefined
  const bidSize = sumSizes(bids, SNAP_LEVELS)
  const askSize = sumSizes(asks, SNAP_LEVELS)
  const balance = imbalanceOfSizes(bidSize, askSize)
  const bit = l2Snap1s.bit
  const present =
    (given(state.seq) ? bit.seq : 0) +
    (bidPx === undefined ? 0 : bit.bestBidPxE6) +
    (askPx === undefined ? 0 : bit.bestAskPxE6) +
    (both ? bit.spreadE6 + bit.midE6 : 0) +
    (micro === undefined ? 0 : bit.micropriceE6) +
    (balance === undefined ? 0 : bit.imbalance)
  const o = w.begin(l2Snap1s, state.id, present, levelBytes(state.book, SNAP_LEVELS))
  const at = l2Snap1s.at
  putI64(w.view, o + at.second, second)
  putOr0(w, o + at.seq, state.seq)
  w.view.setUint32(o + at.resyncEpochId, state.epoch, true)
  w.view.setUint32(o + at.bookOk, bookOk ? 1 : 0, true)
  putI64(w.view, o + at.bestBidPxE6, bidPx ?? 0)
  putI64(w.view, o + at.bestAskPxE6, askPx ?? 0)
  putI64(w.view, o + at.spreadE6, both ? askPx - bidPx : 0)
  w.view.setFloat64(o + at.midE6, both ? midE6(bidPx, askPx) : 0, true)
  w.view.setFloat64(o + at.micropriceE6, micro ?? 0, true)
  w.view.setFloat64(o + at.imbalance, balance ?? 0, true)
  putBook(w, o + l2Snap1s.tailAt, state.book, SNAP_LEVELS)
  return bidSize + askSize
}

/** Bytes of a `levels` tail with at most `depth` levels a side. */
export function levelBytes(book: OrderBook, depth: number): number {
  return 8 + 16 * (Math.min(depth, book.bids.count) + Math.min(depth, book.asks.count))
}

/** Writes a `levels` tail, best first. */
export function putBook(w: RecordWriter, at: number, book: OrderBook, depth: number): void {
  w.view.setUint32(at, Math.min(depth, book.bids.count), true)
  w.view.setUint32(at + 4, Math.min(depth, book.asks.count), true)
  const next = putSide(w, at + 8, book.bids, depth)
  putSide(w, next, book.asks, depth)
}

function putSide(w: RecordWriter, at: number, side: BookSide, depth: number): number {
  let o = at
  for (let i = side.count - 1, last = Math.max(0, side.count - depth); i >= last; i--, o += 16) {
    putI64(w.view, o, side.levels[2 * i]! * side.sign)
    putI64(w.view, o + 8, side.levels[2 * i + 1]!)
  }
  return o
}
