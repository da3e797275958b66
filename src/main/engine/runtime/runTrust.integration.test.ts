import { appendFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { RunWriter } from '../importer/index.ts'
import { runStrategies, summaryLine, type EventMode, type RunOptions, type RunResult } from './index.ts'

const T0_WALL_NS = 1_900_000_000_000_000_000n
const root = mkdtempSync(join(tmpdir(), 'tapedeck-trust-'))
afterAll(() => rmSync(root, { recursive: true }))
const MODES = ['book', 'change'] as const
let made = 0

function bundle(fill: (writer: RunWriter) => void, shards = 1, venue: 'polymarket' | 'binance' = 'polymarket'): string {
  const dir = join(root, `run-${made++}`)
  const writer = new RunWriter({ dir, runId: 'trust', t0WallNs: T0_WALL_NS, shards, facts: { synthetic: true, venue, source: 'test' } })
  fill(writer)
  writer.close()
  return dir
}

function open(writer: RunWriter, shard: number, atNs: number, ...tokens: string[]): void {
  writer.note(shard, { note: 'conn_open', venue: 'polymarket', url: 't', tokens }, atNs)
}

function book(id: string, bid: string, n = 1): string {
  return `[{"market":"0x1","asset_id":${JSON.stringify(id)},"timestamp":"${1_700_000_000_000 + n}","hash":"","bids":[{"price":"0.10","size":"10"},{"price":"${bid}","size":"10"}],"asks":[{"price":"0.90","size":"1"},{"price":"0.52","size":"10"}],"event_type":"book"}]`
}

async function play(runDir: string, events: EventMode, options: Partial<RunOptions> = {}, replay: object = {}): Promise<RunResult> {
  return await runStrategies({ source: { mode: 'replay', runDir, ...replay }, strategies: [{ name: 'toy_spread' }], events, ...options })
}

/** Two connections with a market each, a book every 100 ms for 10 s. */
const damaged = bundle((writer) => {
  for (const shard of [0, 1]) open(writer, shard, 0, String(70 + shard))
  for (let i = 1; i <= 100; i++)
    for (const shard of [0, 1]) writer.message(shard, book(String(70 + shard), i % 2 ? '0.40' : '0.41', i), i * 1e8 + shard)
}, 2)
const framesPath = join(damaged, 'capture', 'shard_00.frames')
const whole = readFileSync(framesPath)

const damages: readonly (readonly [string, (bytes: Buffer) => Buffer, { share: readonly [number, number]; records: number }])[] = [
  ['no damage', (bytes) => bytes, { share: [0, 0], records: 0 }],
  ['every book of one market destroyed', (bytes) => bytes.fill(0, 140), { share: [1e6, 1e6], records: 100 }],
  ['the first half of one market destroyed', (bytes) => bytes.fill(0, 140, bytes.length >> 1), { share: [480_000, 520_000], records: 50 }],
  [
    'a few books in the middle destroyed',
    (bytes) => bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 1000),
    { share: [30_000, 65_000], records: 5 }
  ],
  ['the second half of one market cut off', (bytes) => bytes.subarray(0, bytes.length >> 1), { share: [480_000, 520_000], records: 50 }]
]

test.each(damages)('%s: the result says what is missing and which time cannot be trusted', async (_name, harm, { share, records }) => {
  writeFileSync(framesPath, harm(Buffer.from(whole)))
  for (const events of MODES) {
    const result = await play(damaged, events)
    const line = JSON.parse(summaryLine(result)) as {
      missing_bytes: number
      missing_records: number
      untrusted: { share_e6: number; markets: number }
      ok: boolean
      error?: string
    }
    expect(result.complete).toBe(true)
    expect([result.ok, line.ok]).toEqual([records === 0, records === 0])
    expect(line.missing_bytes > 0).toBe(records > 0)
    expect(Math.abs(line.missing_records - records)).toBeLessThanOrEqual(2)
    expect(line.untrusted.markets).toBe(2)
    expect(line.untrusted.share_e6).toBeGreaterThanOrEqual(share[0])
    expect(line.untrusted.share_e6).toBeLessThanOrEqual(share[1])
    expect(line.error === undefined).toBe(records === 0)
    if (records > 0) expect(line.error).toMatch(/^\d+ bytes of the recording \(at least \d+ messages\) could not be read/)
    expect(summaryLine(await play(damaged, events, { batchEvents: 3 }), { stable: true })).toBe(summaryLine(result, { stable: true }))
  }
  writeFileSync(framesPath, whole)
})

test('what is cut off behind the end of a run is none of its business; a log that is not there counts from the start', async () => {
  writeFileSync(framesPath, whole.subarray(0, whole.length >> 1))
  expect(await play(damaged, 'book', {}, { maxSeconds: 2 })).toMatchObject({
    ok: true,
    missing: { bytes: 0 },
    trust: { anyShareE6: 0 },
    failure: undefined
  })
  unlinkSync(framesPath)
  for (const events of MODES)
    expect(await play(damaged, events)).toMatchObject({
      trust: { anyShareE6: 1e6 },
      ok: false,
      failure: { code: 'BUNDLE_DAMAGED', message: expect.stringContaining('The log of one shard is not in this bundle') as string }
    })
  writeFileSync(framesPath, whole)
})

test('the torn end that a crash leaves is no damage: the run is as long as the recording, and says what was left out', async () => {
  const dir = bundle((writer) => {
    open(writer, 0, 0, '70')
    for (let i = 1; i <= 100; i++) writer.message(0, book('70', i % 2 ? '0.40' : '0.41', i), i * 1e8)
  })
  const [frames, runlog] = [join(dir, 'capture', 'shard_00.frames'), join(dir, 'runlog.ndjson')]
  const bytes = readFileSync(frames)
  writeFileSync(frames, bytes.subarray(0, bytes.length - 10))
  // With its orderly end the same cut is damage that came later.
  expect(await play(dir, 'book')).toMatchObject({ ok: false, complete: true, failure: { code: 'BUNDLE_DAMAGED' } })
  const records = readFileSync(runlog, 'utf8').split('\n')
  writeFileSync(runlog, records.filter((record) => !record.includes('"capture_stop"')).join('\n'))
  for (const events of MODES) {
    const result = await play(dir, events)
    expect(result).toMatchObject({ ok: true, canonicalEvents: 99, note: expect.stringContaining('was not stopped cleanly') as string })
    expect(result.missing.bytes).toBeGreaterThan(0)
  }
})

test.each([
  ['exception', {}, 880_000],
  ['refresh', {}, 880_000],
  ['refresh', { overlap: true }, 0],
  ['stop', {}, 0]
])(
  'a connection that ends (%s %o) and comes back: the time between is not trusted unless nothing was missed',
  async (trigger, more, share) => {
    const dir = bundle((writer) => {
      open(writer, 0, 0, '77')
      writer.message(0, book('77', '0.48'), 1e9)
      writer.note(0, { note: 'conn_closed', venue: 'polymarket', trigger, code: 1006, reason: '', ...more }, 2e9)
      open(writer, 0, 10.6e9, '77')
      writer.message(0, book('77', '0.40'), 10.68e9)
      writer.message(0, book('77', '0.41'), 10.8635e9)
    })
    for (const events of MODES) expect(Math.abs(((await play(dir, events)).trust.anyShareE6 ?? NaN) - share)).toBeLessThan(1000)
  }
)

test('a market that is left counts no further', async () => {
  const dir = bundle((writer) => {
    open(writer, 0, 0, '77', '78')
    for (const id of ['77', '78']) writer.message(0, book(id, '0.48'), 1e9)
    writer.note(0, { note: 'unsubscribed', venue: 'polymarket', tokens: ['78'] }, 2e9)
    writer.note(0, { note: 'conn_closed', venue: 'polymarket', trigger: 'refresh', code: 1006, reason: '' }, 2e9)
    open(writer, 0, 2e9, '77')
    writer.message(0, book('77', '0.40'), 3e9)
    writer.message(0, book('77', '0.41'), 11e9)
  })
  for (const events of MODES) expect((await play(dir, events)).trust).toMatchObject({ anyShareE6: 100_000, marketsTouched: 1 })
})

test('a bundle of the original system writes no notes: its run log says when a connection was lost', async () => {
  const dir = bundle((writer) => {
    for (const [at, bid] of [
      [1, '0.48'],
      [60, '0.40'],
      [61, '0.41']
    ] as const)
      writer.message(0, book('77', bid), at * 1e9)
  })
  rmSync(join(dir, 'studio.json'))
  const record = {
    record_type: 'reconnect',
    run_id: 'x',
    shard_id: 0,
    reason: 'ConnectionClosedError',
    trigger: 'exception',
    reconnects: 1
  }
  const manifest = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as { t0_mono_ns: number }
  appendFileSync(join(dir, 'runlog.ndjson'), `${JSON.stringify({ ...record, ts_mono_ns: manifest.t0_mono_ns + 30e9 })}\n`)
  for (const events of MODES) expect((await play(dir, events)).trust).toMatchObject({ anyShareE6: 500_000 })
})

test('without any event nobody can say whether the books were whole', async () => {
  const dir = bundle((writer) => writer.message(0, '{"e":"trade"}', 1e9), 1, 'binance')
  const result = await play(dir, 'book')
  expect(result.trust).toMatchObject({ anyShareE6: undefined, markets: 0 })
  expect(JSON.parse(summaryLine(result))).toMatchObject({ untrusted: { share_e6: null, mean_share_e6: null } })
})

test('two ids that differ by a mark of the byte order are two markets, however the run is cut', async () => {
  const dir = bundle((writer) => {
    open(writer, 0, 0, '77')
    for (let i = 1; i <= 20; i++) writer.message(0, book('77', '0.49', i), i * 1e6)
    writer.message(0, book('\ufeff77', '0.10'), 21e6)
    for (let i = 22; i <= 30; i++) writer.message(0, book('77', '0.49', i), i * 1e6)
  })
  const line = async (batchEvents: number): Promise<string> =>
    summaryLine(
      await runStrategies({
        source: { mode: 'replay', runDir: dir },
        strategies: [{ name: 'toy_taker', params: { threshold_bps: 0 } }],
        batchEvents
      }),
      { stable: true, pnl: true }
    )
  expect(JSON.parse(await line(4096))).toMatchObject({ untrusted: { markets: 2 } })
  expect(await line(1)).toBe(await line(4096))
})

test('payloads that are no JSON, values that cannot be and payloads of an unusual form are counted apart, in either kind of events', async () => {
  const dir = bundle((writer) => {
    open(writer, 0, 0, '77')
    writer.message(0, book('77', '0.48'), 1e9)
    writer.message(0, '[{"event_type":"book","asset_id":"77","market":"0x1","timestamp":"1","hash":"a","bids":null,"asks":7}]', 2e9)
    writer.message(
      0,
      '[{"\\u0065vent_type":"book","asset_id":"77","market":"0x1","timestamp":"1","hash":"","bids":[{"price":"0.4","size":"1"}],"asks":[]}]',
      3e9
    )
    writer.message(0, '{nonsense "bids"', 4e9)
  })
  for (const events of MODES) {
    const line = JSON.parse(summaryLine(await play(dir, events))) as Record<string, number>
    expect(line['decode_errors']).toBe(1)
    expect(line['schema_errors']).toBeGreaterThanOrEqual(1)
    expect(line['fallbacks']).toBeGreaterThanOrEqual(1)
  }
})
