import { defineChannel, type RecordOf } from './channel.ts'
import { bool, f64, i64, inJson, jsonText, levels, oneOf, optional, pxE6, sizeE6, text, u32 } from './fields.ts'
import { HEALTH_MEMBERS } from './healthMembers.ts'
import { INSTRUMENT_MEMBERS } from './instrumentMembers.ts'
import {
  eventWindow,
  features1m,
  metarObs,
  nowcast1m,
  pwsCluster,
  station,
  type EventWindow,
  type Features1m,
  type MetarObs,
  type Nowcast1m,
  type PwsCluster,
  type Station
} from './worldChannels.ts'

/** What became of a frame. `control`: PONG, acknowledgements, heartbeats of the venue. */
export const FRAME_OUTCOMES = ['decoded', 'control', 'note', 'unknown', 'malformed', 'rejected'] as const

/** Provenance of one received frame: what it was, where its bytes are, what became of it. The bytes stay in the frame log. */
export const frameRaw = defineChannel({
  name: 'frame_raw',
  version: 1,
  wireId: 1,
  scope: 'tape',
  doc: 'One record per frame of the log, after the events it caused. Provenance only: the bytes stay in the frame log.',
  fields: {
    rxWallRelNs: i64('rx_wall_rel_ns', 'wall clock at receipt, ns since the origin of the run; may step', 'ns'),
    flags: u32('flags', 'flags of the frame log record', 'bits'),
    payloadBytes: u32('payload_len', 'length of the payload', 'bytes'),
    payloadCrc32: u32('payload_crc32', 'CRC-32 of the payload', 'crc'),
    outcome: oneOf('outcome', FRAME_OUTCOMES, 'what became of the frame'),
    events: u32('events', 'events that this frame caused, this one not counted')
  }
})

export const instrument = defineChannel({
  name: 'instrument',
  version: 1,
  wireId: 2,
  scope: 'tape',
  doc: 'Announces an instrument and its number in this run, and again when its facts change. Comes before any record that uses the number.',
  fields: {
    tickE6: pxE6('tick_size', 'smallest price step'),
    venue: oneOf('venue', ['polymarket', 'binance'] as const, 'venue of the instrument')
  },
  tail: jsonText(
    'facts',
    'JSON: {"token_id","market_id","name","outcome","neg_risk","min_order_size"}, absent facts left out',
    INSTRUMENT_MEMBERS
  )
})

export const topOfBook = defineChannel({
  name: 'top_of_book',
  version: 1,
  wireId: 3,
  scope: 'tape',
  doc: 'Best bid and ask after each change of either, from our own book. A missing side is absent.',
  fields: {
    bidPxE6: optional(pxE6('bid_px', 'best bid price')),
    bidSizeE6: optional(sizeE6('bid_sz', 'quantity at the best bid')),
    askPxE6: optional(pxE6('ask_px', 'best ask price')),
    askSizeE6: optional(sizeE6('ask_sz', 'quantity at the best ask')),
    exchTsMs: optional(i64('ts_event_ms', 'venue time, as the venue stated it', 'ms since the Unix epoch')),
    bookOk: bool('book_ok', 'false between a gap and the end of the resync')
  }
})

const l2Change = {
  fields: {
    kind: oneOf('kind', ['delta', 'snapshot'] as const, 'delta or full snapshot'),
    seq: optional(i64('seq', 'the venue’s last update id; absent where the venue has none')),
    resyncEpochId: u32('resync_epoch_id', 'starts at 1, plus 1 at each resync', 'epoch'),
    exchTsMs: optional(i64('ts_event_ms', 'venue time, as the venue stated it', 'ms since the Unix epoch')),
    bookOk: bool('book_ok', 'false while the book is not trusted')
  },
  tail: levels('levels', 'bids and asks: pairs of price and new total size, in the venue’s order for a delta, best first for a snapshot')
} as const

export const l2Book = defineChannel({
  name: 'l2_book',
  version: 1,
  wireId: 4,
  scope: 'tape',
  doc: 'The book as the venue told it: a snapshot replaces both sides, a delta sets levels to new totals (size 0 removes).',
  ...l2Change
})

export const l2Snap1s = defineChannel({
  name: 'l2_snap_1s',
  version: 1,
  wireId: 5,
  scope: 'tape',
  doc: 'The top 20 levels of each side at the end of each second of receive time.',
  fields: {
    second: i64('second', 'the second that ended, Unix time', 's'),
    seq: optional(i64('seq', 'the venue’s last update id; absent where the venue has none')),
    resyncEpochId: u32('resync_epoch_id', 'starts at 1, plus 1 at each resync', 'epoch'),
    bookOk: bool('book_ok', 'false when the book was not trusted at any time in the second'),
    bestBidPxE6: optional(pxE6('best_bid', 'best bid price')),
    bestAskPxE6: optional(pxE6('best_ask', 'best ask price')),
    spreadE6: optional(pxE6('spread', 'ask minus bid')),
    midE6: optional(inJson(f64('mid_e6', '(bid + ask) / 2, price × 1e6', 'price × 1e6'), 'mid', true)),
    micropriceE6: optional(
      inJson(
        f64('microprice_e6', '(bid × ask size + ask × bid size) / (bid size + ask size), price × 1e6', 'price × 1e6'),
        'microprice',
        true
      )
    ),
    imbalance: optional(f64('imbalance', '(B − A) / (B + A) over the stored levels, in [−1, 1]'))
  },
  tail: levels('levels', 'at most 20 levels a side, best first')
})

export const tapeTrades = defineChannel({
  name: 'tape_trades',
  version: 1,
  wireId: 6,
  scope: 'tape',
  doc: 'One trade as the venue printed it.',
  fields: {
    pxE6: pxE6('price', 'trade price'),
    sizeE6: sizeE6('size', 'traded quantity'),
    side: oneOf('side', ['unknown', 'buy', 'sell'] as const, 'aggressor: who took liquidity'),
    exchTsMs: optional(i64('ts_exchange_ms', 'venue time of the trade', 'ms since the Unix epoch'))
  },
  tail: text('trade_id', 'the venue’s id of the trade; empty when it gives none')
})

export const INTEGRITY_KINDS = [
  'GAP_DETECTED',
  'BOOK_RESYNC_START',
  'BOOK_RESYNC_DONE',
  'FEED_OPEN',
  'FEED_CLOSED',
  'MALFORMED_FRAME',
  'CLOCK_STEP',
  'LEVELS_DROPPED',
  'SNAPSHOT_FAILED',
  'BOOK_MISSING',
  'INSTRUMENTS_DROPPED'
] as const
export const INTEGRITY_REASONS = [
  'none',
  'sequence_hole',
  'hash_mismatch',
  'top_mismatch',
  'crossed_book',
  'disconnected',
  'data_idle',
  'no_watermark',
  'first_snapshot',
  'tick_size_changed',
  'stopped',
  'undecodable',
  'wall_clock',
  'venue_clock',
  'too_many_levels',
  'snapshot_failed',
  'missing_bytes',
  'book_mismatch',
  'changes_dropped',
  'too_many_instruments'
] as const

export const integrity = defineChannel({
  name: 'integrity',
  version: 1,
  wireId: 7,
  scope: 'tape',
  doc: 'Everything that makes a book or a second less than certain. GAP_DETECTED comes before BOOK_RESYNC_START; until BOOK_RESYNC_DONE the book is not trusted.',
  fields: {
    kind: oneOf('kind', INTEGRITY_KINDS, 'what happened'),
    reason: oneOf('reason', INTEGRITY_REASONS, 'why'),
    resyncEpochId: u32('resync_epoch_id', 'epoch after this event', 'epoch'),
    seqExpected: optional(i64('seq_expected', 'first update id that should have come')),
    seqGot: optional(i64('seq_got', 'first update id that came')),
    durationNs: optional(i64('duration_ns', 'how long the trouble lasted, where known', 'ns'))
  },
  tail: text('detail', 'one plain sentence')
})

export const health = defineChannel({
  name: 'health',
  version: 1,
  wireId: 8,
  scope: 'plant',
  doc: 'What the plant observed of itself, once a second: recorded and replayed as recorded, no part of the fingerprint.',
  fields: {},
  tail: jsonText('heartbeat', 'JSON: the heartbeat record of metrics/global.ndjson', HEALTH_MEMBERS)
})

export const depth1s = defineChannel({
  name: 'depth_1s',
  version: 1,
  wireId: 9,
  scope: 'view',
  doc: 'One heatmap column: resting depth within 600 ticks of the spot reference at the end of a second, for the instrument on screen.',
  fields: {
    second: i64('second', 'the second that ended, Unix time', 's'),
    spotPxE6: optional(pxE6('spot', 'spot reference: mid rounded half up to the tick, the last known one while a side is missing')),
    spotCarried: bool('spot_carried', 'true when a side was missing and the spot is that of an earlier second'),
    bookOk: bool('book_ok', 'false when the book was not trusted at any time in the second'),
    bestBidPxE6: optional(pxE6('best_bid', 'best bid price')),
    bestAskPxE6: optional(pxE6('best_ask', 'best ask price')),
    tickE6: pxE6('tick_size', 'smallest price step')
  },
  tail: levels('levels', 'levels in range, best first')
})

export const ladder = defineChannel({
  name: 'ladder',
  version: 1,
  wireId: 10,
  scope: 'view',
  doc: 'The book of the instrument on screen at the playhead, at most once a display frame. Only the newest counts.',
  fields: {
    seq: optional(i64('seq', 'the venue’s last update id')),
    resyncEpochId: u32('resync_epoch_id', 'epoch', 'epoch'),
    bookOk: bool('book_ok', 'false while the book is not trusted'),
    tickE6: pxE6('tick_size', 'smallest price step'),
    bidLevels: u32('bid_levels', 'levels on the bid side in all'),
    askLevels: u32('ask_levels', 'levels on the ask side in all')
  },
  tail: levels('levels', 'at most 40 levels a side, best first')
})

export const timeline1s = defineChannel({
  name: 'timeline_1s',
  version: 1,
  wireId: 11,
  scope: 'view',
  doc: 'What one second held, over all instruments: for the timeline.',
  fields: {
    second: i64('second', 'the second that ended, Unix time', 's'),
    frames: u32('frames', 'frames received, notes not counted'),
    trades: u32('trades', 'trades'),
    gaps: u32('gaps', 'integrity events of kind GAP_DETECTED, FEED_CLOSED or MALFORMED_FRAME'),
    untrustedBooks: u32('untrusted_books', 'books not trusted at some time in the second'),
    books: u32('books', 'books known')
  }
})

export const bbo = defineChannel({
  name: 'bbo',
  version: 1,
  wireId: 12,
  scope: 'tape',
  doc: 'Best bid and ask as the venue’s own feed states them (Binance bookTicker). One computed from our book is never written here.',
  fields: {
    seq: optional(i64('seq', 'update id of the book')),
    bidPxE6: pxE6('bid_px', 'best bid price'),
    bidSizeE6: sizeE6('bid_sz', 'quantity at the best bid'),
    askPxE6: pxE6('ask_px', 'best ask price'),
    askSizeE6: sizeE6('ask_sz', 'quantity at the best ask')
  }
})

export const l2DeltasEventWindow = defineChannel({
  name: 'l2_deltas_event_window',
  version: 1,
  wireId: 19,
  scope: 'journal',
  doc: 'An `l2_book` event inside an event window, as a journal keeps it: the same record under another wire id. The tape never writes it.',
  ...l2Change
})

/** Every channel. Append only. */
export const CHANNELS = [
  frameRaw,
  instrument,
  topOfBook,
  l2Book,
  l2Snap1s,
  tapeTrades,
  integrity,
  health,
  depth1s,
  ladder,
  timeline1s,
  bbo,
  station,
  metarObs,
  pwsCluster,
  features1m,
  nowcast1m,
  eventWindow,
  l2DeltasEventWindow
] as const

export type ChannelName = (typeof CHANNELS)[number]['name']
export type FrameRaw = RecordOf<typeof frameRaw>
export type Instrument = RecordOf<typeof instrument>
export type TopOfBook = RecordOf<typeof topOfBook>
export type L2Book = RecordOf<typeof l2Book>
export type L2Snap1s = RecordOf<typeof l2Snap1s>
export type TapeTrade = RecordOf<typeof tapeTrades>
export type Integrity = RecordOf<typeof integrity>
export type Health = RecordOf<typeof health>
export type Depth1s = RecordOf<typeof depth1s>
export type Ladder = RecordOf<typeof ladder>
export type Timeline1s = RecordOf<typeof timeline1s>
export type Bbo = RecordOf<typeof bbo>
export type L2DeltasEventWindow = RecordOf<typeof l2DeltasEventWindow>
export type TapeRecord =
  | Bbo
  | FrameRaw
  | Instrument
  | TopOfBook
  | L2Book
  | L2Snap1s
  | TapeTrade
  | Integrity
  | Health
  | Depth1s
  | Ladder
  | Timeline1s
  | Station
  | MetarObs
  | PwsCluster
  | Features1m
  | Nowcast1m
  | EventWindow
  | L2DeltasEventWindow
