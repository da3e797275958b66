import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { decodeRecord, forEachRecord, instrument, integrity, topOfBook } from '../../../../shared/channels/index.ts'
import { openBundle } from '../../bundle/index.ts'
import { openFrames, runOfBundle, TapeRun, type RunFacts } from '../../replay/index.ts'
import { Trust } from '../state/trust.ts'
import { writeRoughRun, type RoughRun } from '../../testing/roughRun.ts'
import { ChangeFeed } from './changeFeed.ts'
import { EventBatch, ROW_LENGTH } from './eventBatch.ts'
import { MarketTable } from './marketTable.ts'

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** One line for each event, and what is known of trust. */
interface Told {
  readonly events: readonly string[]
  readonly trust: ReturnType<Trust['result']>
}

/** What the records of the tape say, read one by one. */
function byRecords(run: RunFacts): Told {
  const markets = new MarketTable()
  const trust = new Trust(markets)
  const ids = new Map<number, string>()
  const events: string[] = []
  let endRelNs = 0
  const player = new TapeRun(run, {
    onRecords: (bytes, length) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length)
      forEachRecord(view, 0, length, (wireId, at) => {
        if (wireId === instrument.wireId) {
          const record = decodeRecord(instrument, view, at)
          ids.set(record.instrumentId, (JSON.parse(record.text) as { readonly token_id: string }).token_id)
        } else if (wireId === topOfBook.wireId) {
          const { instrumentId, recvRelNs, shard, bidPxE6, bidSizeE6, askPxE6, askSizeE6, exchTsMs } = decodeRecord(topOfBook, view, at)
          const id = ids.get(instrumentId) ?? ''
          trust.known(markets.ofText(id), shard, recvRelNs)
          events.push([id, bidPxE6, bidSizeE6, askPxE6, askSizeE6, exchTsMs, recvRelNs].join(' '))
        } else if (wireId === integrity.wireId) {
          const { instrumentId, kind, recvRelNs } = decodeRecord(integrity, view, at)
          const market = markets.find(ids.get(instrumentId) ?? '')
          if (kind === 'BOOK_RESYNC_START' && market !== undefined) trust.lost(market, recvRelNs)
          if (kind === 'BOOK_RESYNC_DONE' && market !== undefined) trust.regained(market, recvRelNs)
        }
      })
    }
  })
  player.advance(Infinity, Infinity)
  player.tape.drain()
  endRelNs = player.tape.recvRelNs
  player.close()
  return { events, trust: trust.result(endRelNs) }
}

function byFeed(run: RunFacts): Told {
  const markets = new MarketTable()
  const trust = new Trust(markets)
  const feed = new ChangeFeed({ venue: run.venue, originTsNs: run.originTsNs, markets, trust })
  const frames = openFrames(run, undefined, false)
  frames.onMissing = (missing) => feed.missing(missing)
  const batch = new EventBatch(8)
  const events: string[] = []
  let endRelNs = 0
  for (let frame = frames.peek(); frame !== undefined; frame = frames.peek()) {
    frames.take()
    batch.count = 0
    feed.take(frame, batch)
    endRelNs = Math.max(endRelNs, frame.monoRelNs)
    for (let i = 0; i < batch.count; i++) {
      const [market = -1, ...rest] = batch.rows.subarray(i * ROW_LENGTH, (i + 1) * ROW_LENGTH)
      events.push([markets.ids[market], ...rest.map((value) => (value === value ? value : ''))].join(' '))
    }
  }
  frames.close()
  return { events, trust: trust.result(endRelNs) }
}

const DAYS: readonly RoughRun[] = [
  { venue: 'polymarket', seed: 11, shards: 3, markets: 6, seconds: 60, messagesPerSecond: 300 },
  { venue: 'polymarket', seed: 12, shards: 2, markets: 4, seconds: 60, messagesPerSecond: 200, weather: true },
  { venue: 'binance', seed: 13, shards: 2, markets: 3, seconds: 60, messagesPerSecond: 200 }
]

test.each(DAYS)(
  '$venue, seed $seed: events and trust are those of the tape on a day of gaps, losses, broken messages and damage',
  async (day) => {
    const dir = await writeRoughRun(day)
    folders.push(dirname(dir))
    const path = join(dir, 'capture', 'shard_01.frames')
    const bytes = readFileSync(path)
    for (const share of [0.31, 0.52, 0.83]) bytes[Math.floor(bytes.length * share)]! ^= 0xff
    writeFileSync(path, bytes)
    const bundle = await openBundle(dir, { readOnly: true })
    const run = runOfBundle(bundle)
    const tape = byRecords(run)
    const feed = byFeed(run)
    expect(feed.events).toEqual(tape.events)
    expect(feed.trust).toEqual(tape.trust)
    expect(tape.events.length).toBeGreaterThan(1000)
    expect(tape.trust.spans.length).toBeGreaterThan(3)
    bundle.close()
  }
)
