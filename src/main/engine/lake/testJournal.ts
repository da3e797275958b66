import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { CHANNELS, encodeRecord, recordBytes, type Channel } from '../../../shared/channels/index.ts'
import { LineWriter, TextBuffer } from '../record/index.ts'
import { OpenWindows } from '../record/openWindows.ts'

/** 2026-11-20T04:58:00.123456789Z, two minutes before midnight in New York. */
export const ORIGIN_TS_NS = 1_795_150_680_123_456_789n
export const RUN_ID = 'run-test-1'
const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.name, channel]))

export type TestRecord = Readonly<Record<string, unknown>> & { readonly ch: string; readonly recvRelNs: number }

export function bytesOf(record: TestRecord): Uint8Array {
  const channel = byName.get(record.ch)!
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
  return bytes
}

/** One line as the recorder writes it, without its newline. */
export function journalLine(_channel: Channel, bytes: Uint8Array, runId: string, originTsNs: bigint, windowId?: string): string {
  const out = new TextBuffer()
  new LineWriter(runId, originTsNs).write(out, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, undefined)
  const line = Buffer.from(out.bytes.subarray(0, out.length - 1)).toString()
  return windowId === undefined ? line : line.replace(',"data":{', `,"window_id":"${windowId}","data":{`)
}

export interface TestJournalOptions {
  readonly markets?: number
  readonly seconds?: number
  /** Seconds of a segment. */
  readonly segmentSeconds?: number
  readonly levels?: number
}

/** What a small run makes: markets with books each second, trades, a weather station, a health report. */
export function* testRecords({ markets = 3, seconds = 240, levels = 20 }: TestJournalOptions = {}): Generator<TestRecord> {
  let frame = 0
  const at = (second: number, pos: number, instrumentId: number, extra = 0) => ({
    shard: 0,
    frameIdx: frame,
    pos,
    instrumentId,
    recvRelNs: second * 1e9 + extra
  })
  for (let m = 1; m <= markets; m++)
    yield {
      ch: 'instrument',
      ...at(0, m, m),
      tickE6: 10_000,
      venue: 'polymarket',
      text: JSON.stringify({ token_id: `token-${String(markets - m).padStart(3, '0')}`, market_id: `market-${m % 2}` })
    }
  const station = 0x80000001
  yield {
    ch: 'station',
    ...at(0, markets + 1, station),
    lat: 40.77,
    lon: -73.87,
    text: '{"station_id":"KLGA","name":"LaGuardia","time_zone":"America/New_York"}'
  }
  for (let second = 1; second <= seconds; second++) {
    frame++
    for (let m = 1; m <= markets; m++) yield { ch: 'l2_snap_1s', ...at(second, m, m), ...snapOf(second, m, levels) }
    for (let m = 1; m <= markets; m++)
      yield {
        ch: 'tape_trades',
        ...at(second, 100 + m, m),
        pxE6: 500_000 + second,
        sizeE6: 9_007_199_254_740_991 - second,
        side: 'buy',
        exchTsMs: 1_795_150_680_000 + second,
        text: `t"${second}\n`
      }
    if (second % 60 === 0) yield { ch: 'metar_obs', ...at(second, 150, station), ...reportOf(second) }
    if (second % 60 === 0) yield { ch: 'nowcast_1m', ...at(second, 160, station), ...nowcastOf(second) }
    if (second % 60 === 0)
      yield {
        ch: 'l2_book',
        ...at(second, 200, 1),
        kind: 'delta',
        seq: second,
        resyncEpochId: 1,
        bookOk: true,
        levels: { bids: [510_000, 0, 520_000, 7], asks: [] }
      }
    if (second === 70 || second === 130) yield windowOf(second === 70 ? 'START' : 'END', at(second, 210, 1))
    yield { ch: 'health', ...at(second, 0, 0, 5), shard: 65_535, text: `{"gaps":${second},"sources":{"metar/KLGA":"OK"}}` }
  }
}

/** One window, opened in the frame of second 70. */
function windowOf(action: 'START' | 'END', at: { readonly recvRelNs: number }): TestRecord {
  const cause = { causeShard: 0, causeFrameIdx: 70, causePos: 210 }
  return { ch: 'event_window', ...at, action, trigger: 'MID_SHOCK', durationS: 60, startRelNs: 70e9, ...cause, text: 'shock' }
}

function reportOf(second: number): object {
  return {
    tempC: 12.2,
    dewpointC: 5,
    tempF: 54,
    tempAligned: 54,
    tempSource: 't_group',
    windSpeedKt: 7,
    kind: 'METAR',
    corrected: false,
    qc: 'OK',
    exchTsMs: 1_795_150_000_000 + second,
    text: '{"src":"METAR","raw":"KLGA 200451Z ...","sky":[{"cover":"FEW","baseFt":25000}],"qc_flags":[]}'
  }
}

function nowcastOf(second: number): object {
  const buckets = [0.25, 0.75].map((probability, i) => ({ label: `${54 + 2 * i}-${55 + 2 * i}`, probability, is_impossible: false }))
  return {
    minute: 1_795_150_680 + second,
    tmaxMeanF: 56.5,
    tmaxSigmaF: 1.5,
    confidence: 0.8,
    qc: 'OK',
    model: 'baseline',
    text: JSON.stringify({ target_date: '2026-11-19', p_bucket: buckets, bias_f: 0.5 })
  }
}

function snapOf(second: number, market: number, levels: number) {
  const depth = (second + market) % (levels + 1)
  const side = (from: number, step: number): number[] =>
    Array.from({ length: depth }, (_, n) => [from + n * step, 1_000_000 * (n + 1) + second * 137 + market]).flat()
  const some =
    depth === 0 ? {} : { bestBidPxE6: 499_000, bestAskPxE6: 501_000, spreadE6: 2000, midE6: 500_000.5, imbalance: 1 / (second + 1) }
  return {
    second: 1_795_150_680 + second,
    seq: second * 10 + market,
    resyncEpochId: 1,
    bookOk: true,
    ...some,
    levels: { bids: side(499_000, -1000), asks: side(501_000, 1000) }
  }
}

/** Writes records as a journal below a bundle folder, in closed segments with manifests. @returns all records by channel, as bytes */
export function writeTestJournal(bundleDir: string, records: Iterable<TestRecord>, segmentSeconds = 60): Map<string, Uint8Array[]> {
  const dir = join(bundleDir, 'journal')
  const segments = new Map<string, Line[]>()
  const windows = new OpenWindows()
  const all = new Map<string, Uint8Array[]>()
  for (const record of records) {
    const bytes = bytesOf(record)
    const date = newYorkDate(record.recvRelNs)
    const key = `${record.ch}|${date}|${Math.floor(record.recvRelNs / 1e9 / segmentSeconds)}`
    push(segments, key, { bytes, window: windows.newest })
    if (record.ch === 'event_window') windows.take(viewOf(bytes), 0)
    push(all, record.ch, bytes)
  }
  mkdirSync(dir, { recursive: true })
  writeFileSync(
    join(dir, 'journal.json'),
    JSON.stringify({
      schema_version: 1,
      run_id: RUN_ID,
      t0_wall_ns_utc: String(ORIGIN_TS_NS),
      venue: 'polymarket',
      keep: 'all',
      recorder_version: 1
    })
  )
  writeSegments(dir, segments)
  return all
}

interface Line {
  readonly bytes: Uint8Array
  readonly window: OpenWindows['newest']
}

function writeSegments(dir: string, segments: ReadonlyMap<string, readonly Line[]>): void {
  const writer = new LineWriter(RUN_ID, ORIGIN_TS_NS)
  for (const record of [...segments].filter(([key]) => /^(instrument|station)/.test(key)).flatMap(([, list]) => list))
    writer.write(new TextBuffer(), viewOf(record.bytes), 0, undefined)
  const manifests = new Map<string, object[]>()
  for (const [key, list] of segments) {
    const [channel = '', date = '', number = ''] = key.split('|')
    const out = new TextBuffer()
    for (const { bytes, window } of list) writer.write(out, viewOf(bytes), 0, window)
    const packed = zstdCompressSync(out.bytes.subarray(0, out.length))
    const path = `ch=${channel}/date=${date}/segment_20261120_0458${number.padStart(2, '0')}_${recvOf(list[0]!.bytes)}.jsonl.zst`
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), packed)
    push(manifests, channel, {
      path,
      start_t: recvOf(list[0]!.bytes),
      end_t: recvOf(list.at(-1)!.bytes),
      lines: list.length,
      bytes: packed.length,
      sha256: createHash('sha256').update(packed).digest('hex'),
      created_at: '2026-11-20T05:00:00Z',
      pending: false
    })
  }
  for (const [channel, rows] of manifests) writeFileSync(join(dir, `ch=${channel}`, 'manifest.json'), JSON.stringify(rows, undefined, 2))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function recvOf(bytes: Uint8Array): number {
  return Number(viewOf(bytes).getBigInt64(24, true))
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function newYorkDate(recvRelNs: number): string {
  const ms = Number(ORIGIN_TS_NS / 1_000_000n) + recvRelNs / 1e6
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' }).format(ms)
}
