import { expect, test } from 'vitest'
import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_POS,
  AT_PRESENT,
  AT_RECV,
  AT_SHARD,
  AT_VERSION,
  AT_WIRE_ID,
  CHANNELS,
  HEADER_BYTES,
  type Channel
} from './index.ts'

// Golden: what is published stays readable for ever. A channel that has to change gets a new version, and a new line here.

test('the header of a record never moves', () => {
  expect({ AT_LENGTH, AT_WIRE_ID, AT_VERSION, AT_SHARD, AT_FRAME_IDX, AT_POS, AT_INSTRUMENT, AT_PRESENT, AT_RECV, HEADER_BYTES }).toEqual({
    AT_LENGTH: 0,
    AT_WIRE_ID: 4,
    AT_VERSION: 5,
    AT_SHARD: 6,
    AT_FRAME_IDX: 8,
    AT_POS: 12,
    AT_INSTRUMENT: 16,
    AT_PRESENT: 20,
    AT_RECV: 24,
    HEADER_BYTES: 32
  })
})

/** `name vVersion #wireId`, then `offset kind wire name ?presence bit`, then the tail. */
function layout(channel: Channel): string {
  const fields = Object.entries(channel.fields).map(([name, field]) => {
    const bit = field.optional ? ` ?${channel.bit[name]}` : ''
    const values = field.values === undefined ? '' : ` {${field.values.join(',')}}`
    return `${channel.at[name]} ${field.kind} ${field.wire}${bit}${values}`
  })
  const tail = channel.tail === undefined ? `${channel.tailAt} end` : `${channel.tailAt} ${channel.tail.kind} ${channel.tail.wire}`
  return [`${channel.name} v${channel.version} #${channel.wireId} ${channel.scope}`, ...fields, tail].join('\n')
}

test('the bytes of every channel never move', () => {
  expect((CHANNELS as readonly Channel[]).map(layout).join('\n\n')).toMatchInlineSnapshot(`
    "frame_raw v1 #1 tape
    32 i64 rx_wall_rel_ns
    40 u32 flags
    44 u32 payload_len
    48 u32 payload_crc32
    52 oneOf outcome {decoded,control,note,unknown,malformed,rejected}
    56 u32 events
    60 end

    instrument v1 #2 tape
    32 e6 tick_size
    40 oneOf venue {polymarket,binance}
    44 text facts

    top_of_book v1 #3 tape
    32 e6 bid_px ?1
    40 e6 bid_sz ?2
    48 e6 ask_px ?4
    56 e6 ask_sz ?8
    64 i64 ts_event_ms ?16
    72 bool book_ok
    76 end

    l2_book v1 #4 tape
    32 oneOf kind {delta,snapshot}
    36 i64 seq ?1
    44 u32 resync_epoch_id
    48 i64 ts_event_ms ?2
    56 bool book_ok
    60 levels levels

    l2_snap_1s v1 #5 tape
    32 i64 second
    40 i64 seq ?1
    48 u32 resync_epoch_id
    52 bool book_ok
    56 e6 best_bid ?2
    64 e6 best_ask ?4
    72 e6 spread ?8
    80 f64 mid_e6 ?16
    88 f64 microprice_e6 ?32
    96 f64 imbalance ?64
    104 levels levels

    tape_trades v1 #6 tape
    32 e6 price
    40 e6 size
    48 oneOf side {unknown,buy,sell}
    52 i64 ts_exchange_ms ?1
    60 text trade_id

    integrity v1 #7 tape
    32 oneOf kind {GAP_DETECTED,BOOK_RESYNC_START,BOOK_RESYNC_DONE,FEED_OPEN,FEED_CLOSED,MALFORMED_FRAME,CLOCK_STEP,LEVELS_DROPPED,SNAPSHOT_FAILED,BOOK_MISSING,INSTRUMENTS_DROPPED}
    36 oneOf reason {none,sequence_hole,hash_mismatch,top_mismatch,crossed_book,disconnected,data_idle,no_watermark,first_snapshot,tick_size_changed,stopped,undecodable,wall_clock,venue_clock,too_many_levels,snapshot_failed,missing_bytes,book_mismatch,changes_dropped,too_many_instruments}
    40 u32 resync_epoch_id
    44 i64 seq_expected ?1
    52 i64 seq_got ?2
    60 i64 duration_ns ?4
    68 text detail

    health v1 #8 plant
    32 text heartbeat

    depth_1s v1 #9 view
    32 i64 second
    40 e6 spot ?1
    48 bool spot_carried
    52 bool book_ok
    56 e6 best_bid ?2
    64 e6 best_ask ?4
    72 e6 tick_size
    80 levels levels

    ladder v1 #10 view
    32 i64 seq ?1
    40 u32 resync_epoch_id
    44 bool book_ok
    48 e6 tick_size
    56 u32 bid_levels
    60 u32 ask_levels
    64 levels levels

    timeline_1s v1 #11 view
    32 i64 second
    40 u32 frames
    44 u32 trades
    48 u32 gaps
    52 u32 untrusted_books
    56 u32 books
    60 end

    bbo v1 #12 tape
    32 i64 seq ?1
    40 e6 bid_px
    48 e6 bid_sz
    56 e6 ask_px
    64 e6 ask_sz
    72 end

    station v1 #13 tape
    32 f64 lat ?1
    40 f64 lon ?2
    48 text facts

    metar_obs v1 #14 tape
    32 f64 temp_c ?1
    40 f64 dewpoint_c ?2
    48 f64 temp_f ?4
    56 i64 temp_aligned ?8
    64 oneOf temp_source {none,t_group,body}
    68 f64 temp_f_low ?16
    76 f64 temp_f_high ?32
    84 f64 wind_dir ?64
    92 f64 wind_speed_kt ?128
    100 f64 gust_kt ?256
    108 oneOf kind {METAR,SPECI}
    112 bool corrected
    116 oneOf qc {OK,UNCERTAIN,OUTLIER,SEVERE}
    120 i64 obs_ts_ms
    128 text report

    pws_cluster v1 #15 tape
    32 f64 median_c ?1
    40 f64 mad_c ?2
    48 f64 median_f ?4
    56 f64 mad_f ?8
    64 u32 support
    68 oneOf qc {OK,UNCERTAIN,OUTLIER,SEVERE}
    72 i64 obs_ts_ms ?16
    80 text members

    features_1m v1 #16 tape
    32 i64 minute
    40 oneOf qc {OK,UNCERTAIN,OUTLIER,SEVERE}
    44 text features

    nowcast_1m v1 #17 tape
    32 i64 minute
    40 f64 tmax_mean_f
    48 f64 tmax_sigma_f
    56 f64 confidence
    64 oneOf qc {OK,UNCERTAIN,OUTLIER,SEVERE}
    68 oneOf model {baseline,external}
    72 text nowcast

    event_window v1 #18 tape
    32 oneOf action {START,END}
    36 oneOf trigger {METAR,QC_OUTLIER,QC_CHANGE,MID_SHOCK,SPREAD_REGIME,DEPTH_CLIFF,HRRR_UPDATE,MANUAL}
    40 u32 duration_s
    44 i64 start_rel_ns
    52 u32 cause_shard
    56 u32 cause_frame_idx
    60 u32 cause_pos
    64 text reason

    l2_deltas_event_window v1 #19 journal
    32 oneOf kind {delta,snapshot}
    36 i64 seq ?1
    44 u32 resync_epoch_id
    48 i64 ts_event_ms ?2
    56 bool book_ok
    60 levels levels"
  `)
})
