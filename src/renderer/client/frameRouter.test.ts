import { beforeEach, describe, expect, test } from 'vitest'
import { FRAME_KIND, frameHeader, type SessionState, type StudioEvent } from '../../shared/api/index.ts'
import {
  type Channel,
  depth1s,
  encodeRecord,
  health,
  integrity,
  ladder,
  type RecordOf,
  recordBytes,
  tapeTrades,
  timeline1s
} from '../../shared/channels/index.ts'
import { ColumnStore, Playhead, TradeStore } from '../stage/index.ts'
import { IntegrityData } from '../stores/integrityData.ts'
import { LadderData } from '../stores/ladderData.ts'
import { LiveGates } from '../../shared/gates/index.ts'
import { MarksData } from '../stores/marksData.ts'
import { TimelineData } from '../stores/timelineData.ts'
import { FrameRouter, type ScreenData } from './frameRouter.ts'

const ORIGIN = 1_700_000_000
const TICK = 10_000
const header = { shard: 0, frameIdx: 0, pos: 0, instrumentId: 1, recvRelNs: 0 }

function batch(records: readonly (readonly [Channel, object])[]): Uint8Array {
  const bytes = new Uint8Array(records.reduce((sum, [channel, record]) => sum + recordBytes(channel, record), 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [channel, record] of records) at = encodeRecord(channel, record as RecordOf<Channel>, view, at)
  return bytes
}

const column = (second: number) =>
  [
    depth1s,
    {
      ...header,
      second,
      spotPxE6: 500_000,
      spotCarried: false,
      bookOk: true,
      tickE6: TICK,
      levels: { bids: [490_000, 1e6], asks: [] },
      recvRelNs: (second - ORIGIN + 1) * 1e9
    }
  ] as const
const trade = (relNs: number, instrumentId = 1) =>
  [tapeTrades, { ...header, instrumentId, recvRelNs: relNs, pxE6: 500_000, sizeE6: 1e6, side: 'buy', text: '' }] as const
const book = (relNs: number, bookOk = true) =>
  [
    ladder,
    {
      ...header,
      recvRelNs: relNs,
      resyncEpochId: 1,
      bookOk,
      tickE6: TICK,
      bidLevels: 1,
      askLevels: 0,
      levels: { bids: [490_000, 1e6], asks: [] }
    }
  ] as const
const gap = (relNs: number, instrumentId = 1) =>
  [
    integrity,
    {
      ...header,
      instrumentId,
      frameIdx: relNs / 1e6,
      recvRelNs: relNs,
      kind: 'GAP_DETECTED',
      reason: 'sequence_hole',
      resyncEpochId: 2,
      text: 'hole'
    }
  ] as const
const tick = (second: number) =>
  [timeline1s, { ...header, instrumentId: 0, second, frames: 5, trades: 1, gaps: 0, untrustedBooks: 0, books: 1 }] as const

function state(change: Partial<SessionState> = {}): SessionState {
  return {
    mode: 'replay',
    phase: 'paused',
    viewEpoch: 1,
    runId: 'a',
    name: 'A',
    path: '/a',
    venue: 'binance',
    synthetic: false,
    originTsNs: `${ORIGIN}000000000`,
    startRelNs: 0,
    endRelNs: 100e9,
    playheadRelNs: 0,
    speed: 1,
    skipIdle: false,
    instrumentId: 1,
    indexed: 1,
    feeds: [],
    counts: {},
    ...change
  }
}

const event = (one: StudioEvent) => frameHeader(FRAME_KIND.event, 0, new TextEncoder().encode(JSON.stringify(one)))
const session = (change: Partial<SessionState> = {}) => event({ kind: 'session', state: state(change) })
const played = (epoch: number, ...records: (readonly [Channel, object])[]) => frameHeader(FRAME_KIND.played, epoch, batch(records))
const backfill = (epoch: number, ...records: (readonly [Channel, object])[]) => frameHeader(FRAME_KIND.backfill, epoch, batch(records))

let data: ScreenData
let router: FrameRouter
let events: StudioEvent[]
let otherBooks: number

beforeEach(() => {
  data = {
    columns: new ColumnStore(),
    trades: new TradeStore(),
    ladder: new LadderData(),
    timeline: new TimelineData(),
    integrity: new IntegrityData(),
    playhead: new Playhead(),
    health: '',
    gates: new LiveGates(),
    marks: new MarksData()
  }
  events = []
  otherBooks = 0
  router = new FrameRouter(data, {
    touch: () => undefined,
    onEvent: (one) => events.push(one),
    onOtherRun: () => undefined,
    onOtherBook: () => otherBooks++
  })
})

describe('frame router', () => {
  test('the gates of a recording stay when it had to end, and go with anything else that follows', () => {
    const beat = [health, { recvRelNs: 5e9, text: '{"elapsed_ns":5000000000}' }] as const
    router.take(session({ mode: 'live', phase: 'recording' }))
    router.take(played(1, beat))
    expect(data.gates.count).toBe(1)
    router.take(session({ mode: 'idle', phase: 'failed', runId: '', failure: { code: 'DISK_FULL', message: 'full' } }))
    expect(data.gates.count).toBe(1)
    router.take(session({ viewEpoch: 2, mode: 'live', phase: 'starting', runId: '' }))
    expect(data.gates.count).toBe(0)
  })

  test('records reach the store of their channel', () => {
    router.take(session())
    router.take(played(1, column(ORIGIN + 5), trade(5.5e9), book(6e9), tick(ORIGIN + 5), gap(5.2e9)))
    expect(data.columns.count).toBe(1)
    expect(data.columns.columnAt(ORIGIN + 5)?.gap).toBe(true)
    expect(data.trades.count).toBe(1)
    expect(data.ladder.newest()?.recvRelNs).toBe(6e9)
    expect(data.timeline.framesAt(ORIGIN + 5)).toBe(5)
    expect(data.integrity.gaps).toBe(1)
  })

  test('frames of an older epoch are dropped', () => {
    router.take(session({ viewEpoch: 3 }))
    router.take(played(2, column(ORIGIN)))
    expect(data.columns.empty).toBe(true)
    router.take(played(3, column(ORIGIN)))
    expect(data.columns.count).toBe(1)
  })

  test('a newer epoch in a frame empties the picture before its records are taken', () => {
    router.take(session())
    router.take(played(1, column(ORIGIN), column(ORIGIN + 1), trade(1e9), book(2e9)))
    router.take(backfill(2, column(ORIGIN + 50)))
    expect(data.columns.count).toBe(1)
    expect(data.columns.oldest).toBe(ORIGIN + 50)
    expect(data.trades.count).toBe(0)
    expect(data.ladder.newest()).toBeUndefined()
  })

  test('a newer epoch in a state empties the picture, an older state is ignored', () => {
    router.take(session())
    router.take(played(1, column(ORIGIN)))
    router.take(session({ viewEpoch: 2 }))
    expect(data.columns.empty).toBe(true)
    expect(router.takeSession(state({ viewEpoch: 1 }))).toBe(false)
    expect(events).toHaveLength(2)
  })

  test('timeline and integrity outlive a seek and end with the run', () => {
    router.take(session())
    router.take(backfill(1, tick(ORIGIN), gap(3e9)))
    router.take(session({ viewEpoch: 2 }))
    expect([data.timeline.length, data.integrity.findings]).toEqual([1, 1])
    router.take(session({ viewEpoch: 3, mode: 'idle', phase: 'idle', runId: '', path: '', instrumentId: 0 }))
    expect([data.timeline.length, data.integrity.findings]).toEqual([0, 0])
  })

  test('learning the run id does not make it another run', () => {
    router.take(session({ mode: 'live', phase: 'starting', runId: '', path: '' }))
    router.take(played(1, gap(1e9), tick(ORIGIN)))
    router.take(session({ mode: 'live', phase: 'recording', runId: 'x', path: '/x', viewEpoch: 2 }))
    expect([data.timeline.length, data.integrity.findings]).toEqual([1, 1])
  })

  test('what came early in the epoch of the next run stays when its state arrives', () => {
    router.take(session())
    router.take(backfill(1, tick(ORIGIN), gap(1e9)))
    router.take(backfill(2, tick(ORIGIN + 500), gap(2e9)))
    router.take(session({ viewEpoch: 2, runId: 'b', path: '/b' }))
    expect([data.timeline.base, data.timeline.length, data.integrity.findings]).toEqual([ORIGIN + 500, 1, 1])
  })

  test('the same integrity event from backfill and from play counts once', () => {
    router.take(session())
    router.take(backfill(1, gap(3e9)))
    router.take(played(1, gap(3e9)))
    expect(data.integrity.entries).toHaveLength(1)
  })

  test('the playhead follows played records and never what is backfilled', () => {
    router.take(session())
    router.take(backfill(1, trade(50e9)))
    expect(data.playhead.relNs).toBe(0)
    router.take(played(1, trade(7e9)))
    expect(data.playhead.relNs).toBe(7e9)
    router.take(session({ playheadRelNs: 6e9 }))
    expect(data.playhead.relNs).toBe(7e9)
    router.take(session({ viewEpoch: 2, playheadRelNs: 3e9 }))
    expect(data.playhead.relNs).toBe(3e9)
  })

  test('trades of other instruments are left out, also those that came before it was known which one is on screen', () => {
    router.take(played(1, trade(1e9, 1), trade(1e9, 2)))
    router.take(session())
    router.take(played(1, trade(2e9, 2), trade(3e9, 1)))
    expect(data.trades.count).toBe(2)
  })

  test('another instrument shows its own gaps', () => {
    router.take(session())
    router.take(backfill(1, gap(3e9, 1), gap(4e9, 2), gap(6e9, 0)))
    const marked = () => {
      router.take(backfill(router.epoch, column(ORIGIN + 3), column(ORIGIN + 4), column(ORIGIN + 6)))
      return [3, 4, 6].map((s) => data.columns.columnAt(ORIGIN + s)?.gap)
    }
    expect(marked()).toEqual([true, false, true])
    router.take(session({ viewEpoch: 2, instrumentId: 2 }))
    expect(marked()).toEqual([false, true, true])
    expect(otherBooks).toBe(2)
  })

  test('a closed session leaves nothing on the screen', () => {
    router.take(session())
    router.take(played(1, column(ORIGIN), tick(ORIGIN)))
    router.take(session({ mode: 'idle', phase: 'idle', runId: '', path: '', instrumentId: 0 }))
    expect(data.columns.empty).toBe(true)
    expect(data.timeline.length).toBe(0)
  })

  test('a new connection starts its epochs anew', () => {
    router.take(session({ viewEpoch: 9 }))
    router.reset()
    router.take(session({ viewEpoch: 1 }))
    router.take(played(1, column(ORIGIN)))
    expect(data.columns.count).toBe(1)
  })

  test('a torn batch is refused', () => {
    router.take(session())
    const whole = played(1, column(ORIGIN))
    expect(() => router.take(whole.slice(0, whole.length - 4))).toThrow(/claims/)
  })
})
