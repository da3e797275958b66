import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FLAG_NOTE, FLAG_REST, openBundle, verifyRun } from '../bundle/index.ts'
import { replayReport } from '../replay/index.ts'
import { TAPE_VERSION } from '../tape/index.ts'
import { importBinance, importPolymarket, importRecording } from './importRecording.ts'
import { makeDemo } from './makeDemo.ts'
import { RunWriter } from './runWriter.ts'
import { sealRun } from './sealRun.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-import-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const facts = { synthetic: true, venue: 'binance', source: 'x' } as const
const settings = (name: string) => ({ dir: join(folder, name), runId: name, t0WallNs: 1_700_000_000_000_000_001n, shards: 2, facts })

test('a written run verifies, ends cleanly and opens as it was written', async () => {
  const writer = new RunWriter(settings('run'))
  writer.message(0, 'a', 5)
  writer.message(1, new Uint8Array([0, 255]), 5)
  writer.rest(1, { kind: 'depth', key: 'X', url: '' }, 'é', 4)
  writer.note(0, { note: 'tick' }, 1e18)
  writer.close()
  writer.close()
  expect(verifyRun(writer.dir)).toMatchObject({ ok: true })
  const bundle = await openBundle(writer.dir)
  expect(bundle.verdict).toMatchObject({ state: 'ended', sentence: '' })
  const reader = bundle.openReader(1)
  const seen: unknown[] = []
  while (reader.next()) seen.push([reader.monoRelNs, reader.flags & (FLAG_REST | FLAG_NOTE), reader.payload().length])
  // Receive times rise over all shards, even where two were the same or went back.
  expect(seen).toEqual([
    [6, 0, 2],
    [7, FLAG_NOTE, expect.any(Number)],
    [8, FLAG_REST, 2]
  ])
  reader.close()
  bundle.close()
})

test('a folder that exists is never written into', () => {
  new RunWriter(settings('run')).close()
  expect(() => new RunWriter(settings('run'))).toThrow(/exists already/)
})

test('a sealed run carries the fingerprint of its replay', async () => {
  const writer = new RunWriter(settings('run'))
  writer.message(0, '{"e":"trade","s":"A","t":1,"p":"1","q":"1","m":true}', 5)
  writer.close()
  expect((await replayReport(writer.dir)).recorded_fingerprint).toBeNull()
  const sha256 = await sealRun(writer.dir)
  expect(await replayReport(writer.dir)).toMatchObject({ ok: true, fingerprint: sha256, recorded_fingerprint: sha256 })
})

test('a run whose recorded fingerprint is another one is a finding', async () => {
  const writer = new RunWriter(settings('run'))
  writer.close({ sha256: '0'.repeat(64), counts: {}, tape_version: TAPE_VERSION })
  expect(await replayReport(writer.dir)).toMatchObject({ ok: false, recorded_by_other_tape: false })
})

test.each([undefined, 1, TAPE_VERSION + 1])('a fingerprint of another version of the tape (%s) is no finding', async (version) => {
  const writer = new RunWriter(settings('run'))
  writer.close({ sha256: '0'.repeat(64), counts: {}, tape_version: version })
  expect(await replayReport(writer.dir)).toMatchObject({ ok: true, recorded_by_other_tape: true })
})

const BINANCE = [
  '1723161255030000000 {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":5,"u":6,"b":[],"a":[]}}',
  '1723161255031000123 {"lastUpdateId":6,"bids":[["10","1"]],"asks":[["11","1"]]}',
  '1723161255032000000 {"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"10","q":"1","T":1,"m":true}}'
].join('\n')

test.each([
  ['plain', (text: string) => Buffer.from(text)],
  ['gzip', (text: string) => gzipSync(text)]
])('a Binance recording (%s) keeps its times to the nanosecond', async (_name, pack) => {
  const file = join(folder, 'recording')
  writeFileSync(file, pack(`${BINANCE}\n`))
  const dir = join(folder, 'run')
  expect(await importBinance({ files: [file], dir, runId: 'r' })).toEqual({ dir, frames: 3 })
  const report = await replayReport(dir)
  expect(report).toMatchObject({ ok: true, malformed: 0, first_recv_ns: '1723161255030000000', counts: { tape_trades: 1, l2_book: 1 } })
  const bundle = await openBundle(dir)
  const reader = bundle.openReader(0)
  const times: number[] = []
  while (reader.next()) if ((reader.flags & FLAG_REST) !== 0) times.push(reader.monoRelNs)
  // Its note takes the time itself, the body comes right behind it.
  expect(times).toEqual([1_000_124])
  reader.close()
  bundle.close()
})

test('a recording of several symbols gives all of them', async () => {
  const file = join(folder, 'recording')
  const eth = BINANCE.replaceAll('btcusdt', 'ethusdt').replaceAll('BTCUSDT', 'ETHUSDT').replaceAll('17231612550', '17231612551')
  writeFileSync(file, `${BINANCE}\n${eth}\n`)
  const dir = join(folder, 'run')
  await importBinance({ files: [file], dir, runId: 'r' })
  expect(await replayReport(dir)).toMatchObject({ counts: { instrument: 2, tape_trades: 2, l2_book: 2 } })
})

test('a recording without a message, and one whose symbol nobody names, are refused', async () => {
  const file = join(folder, 'recording')
  writeFileSync(file, '\n')
  await expect(importBinance({ files: [file], dir: join(folder, 'a'), runId: 'r' })).rejects.toThrow(/holds no message/)
  await expect(importPolymarket({ files: [file], dir: join(folder, 'b'), runId: 'r' })).rejects.toThrow(/holds no message/)
  writeFileSync(file, BINANCE.split('\n')[1]!)
  await expect(importBinance({ files: [file], dir: join(folder, 'c'), runId: 'r' })).rejects.toThrow(/begin with a stream message/)
})

test('a Polymarket recording takes the times of the venue', async () => {
  const file = join(folder, 'recording')
  const book = '[{"market":"0x1","asset_id":"7","timestamp":"1000","hash":"","bids":[],"asks":[]}]'
  writeFileSync(
    file,
    `${book}\n\n{"event_type":"last_trade_price","asset_id":"7","market":"0x1","price":"0.5","size":"1","side":"BUY","timestamp":"3000"}\n`
  )
  const dir = join(folder, 'run')
  expect(await importPolymarket({ files: [file], dir, runId: 'r' })).toEqual({ dir, frames: 2 })
  expect(await replayReport(dir)).toMatchObject({ first_recv_ns: '1000000000', malformed: 0, counts: { tape_trades: 1, l2_book: 1 } })
})

test('a recording of another kind, and one that breaks off in the middle, are refused in words and leave no half bundle behind', async () => {
  const file = join(folder, 'recording')
  const lines = [
    `${BINANCE}\nthis is prose\n`,
    `[{"market":"0x1","asset_id":"7","timestamp":"1000","hash":"","bids":[],"asks":[]}]\nprose\n`
  ]
  for (const [i, make] of [importBinance, importPolymarket].entries()) {
    writeFileSync(file, lines[i]!)
    const dir = join(folder, `half${i}`)
    await expect(make({ files: [file], dir, runId: 'r' })).rejects.toThrow(/Line \d+/)
    expect(existsSync(dir)).toBe(false)
  }
  writeFileSync(file, 'this is prose\n')
  await expect(importBinance({ files: [file], dir: join(folder, 'a'), runId: 'r' })).rejects.toThrow(/.+/)
  await expect(importPolymarket({ files: [file], dir: join(folder, 'b'), runId: 'r' })).rejects.toThrow(/.+/)
  await expect(importBinance({ files: [join(folder, 'none')], dir: join(folder, 'c'), runId: 'r' })).rejects.toThrow(/.+/)
})

test('equal settings make equal demos, which say that they are synthetic and show one gap', async () => {
  const demo = (name: string) =>
    makeDemo({ dir: join(folder, name), seed: 9, seconds: 30, messagesPerSecond: 40, t0WallNs: 1_700_000_000_000_000_000n })
  const [a, b] = [await demo('a'), await demo('b')]
  expect(a).toEqual(b)
  expect(
    readFileSync(join(folder, 'a', 'capture', 'shard_00.frames')).equals(readFileSync(join(folder, 'b', 'capture', 'shard_00.frames')))
  ).toBe(true)
  const bundle = await openBundle(join(folder, 'a'))
  expect(bundle.studio).toMatchObject({ synthetic: true, fingerprint: { sha256: a.fingerprint } })
  bundle.close()
  const report = await replayReport(join(folder, 'a'))
  expect(report).toMatchObject({ ok: true, malformed: 0, crossed: 0 })
})

test('a demo that is stopped on the way leaves nothing, and no other folder goes', async () => {
  const dir = join(folder, 'demo')
  const settings = { dir, seed: 9, seconds: 300, messagesPerSecond: 40, t0WallNs: 1_700_000_000_000_000_000n }
  for (const looks of [0, 1, 5]) {
    const stop = new AbortController()
    const made = makeDemo({ ...settings, signal: stop.signal })
    for (let i = 0; i < looks; i++) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    await expect(made).rejects.toMatchObject({ code: 'ABORTED', message: 'Stopped before the end; nothing was kept.' })
    expect(existsSync(dir)).toBe(false)
  }
  mkdirSync(dir)
  await expect(makeDemo({ ...settings, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'BUNDLE_EXISTS' })
  expect(existsSync(dir)).toBe(true)
})

test('a recording becomes a bundle with the fingerprint of its replay', async () => {
  const file = join(folder, 'recording')
  writeFileSync(file, `${BINANCE}\n`)
  const dir = join(folder, 'run')
  const imported = await importRecording({ files: [file], dir, runId: 'r' })
  const { fingerprint } = await replayReport(dir)
  expect(imported).toEqual({ dir, frames: 3, venue: 'binance', fingerprint })
})

test('an import that is stopped, while it reads or while it makes the fingerprint, says after how many messages and leaves nothing', async () => {
  const file = join(folder, 'recording')
  const [, snapshot = '', trade = ''] = BINANCE.split('\n')
  const trades = Array.from({ length: 30_000 }, (_, i) =>
    trade.replace('1723161255032000000', String(1_723_161_255_032_000_000n + BigInt(i)))
  )
  writeFileSync(file, [BINANCE.split('\n')[0], snapshot, ...trades].join('\n'))
  const dir = join(folder, 'run')
  const stoppedAt = async (wanted: number): Promise<unknown> => {
    const stop = new AbortController()
    let told = 0
    const onProgress = (messages: number): void => {
      told = messages
      if (messages === wanted) stop.abort()
    }
    const failure: unknown = await importRecording({ files: [file], dir, runId: 'r', signal: stop.signal, onProgress }).catch(
      (error: unknown) => error
    )
    expect(existsSync(dir)).toBe(false)
    return [told, failure]
  }
  const sentence = (messages: number): unknown =>
    expect.objectContaining({ code: 'ABORTED', message: `Stopped before the end, after ${messages} messages; nothing of them was kept.` })
  expect(await stoppedAt(20_000)).toEqual([20_000, sentence(20_000)])
  // The two messages behind the last sign still come; then the fingerprint is not made.
  writeFileSync(file, [BINANCE.split('\n')[0], snapshot, ...trades.slice(0, 9998)].join('\n'))
  expect(await stoppedAt(10_000)).toEqual([10_000, sentence(10_000)])
})
