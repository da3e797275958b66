import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBundle } from '../bundle/index.ts'
import { importBinance, importPolymarket } from '../importer/index.ts'
import { replayReport, runOfBundle, TapeRun } from '../replay/index.ts'
import { realDataPath } from '../testing/realData.ts'

const first = realDataPath('binance/btcusdt_20240808.gz')
const second = realDataPath('binance/btcusdt_20240809.gz')
const capture = realDataPath('polymarket/ws_capture_3markets_2026-09-27.ndjson')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-real-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test.skipIf(first === undefined || second === undefined)(
  'the real BTCUSDT session has no gap, no crossed book and the known last prices',
  async () => {
    const dir = join(folder, 'btc')
    const imported = await importBinance({ files: [first!, second!], dir, runId: 'btc' })
    expect(imported.frames).toBe(99_574)
    const bundle = await openBundle(dir)
    const run = new TapeRun(runOfBundle(bundle), {})
    run.advance(Infinity, Infinity)
    const { tape } = run
    const { counts } = tape.summary()
    const [state] = tape.books.instruments.all
    expect(tape.books.instruments.all).toHaveLength(1)
    expect([state?.book.bids.pxAt(0), state?.book.asks.pxAt(0)]).toEqual([61_602_010_000, 61_602_020_000])
    expect(state).toMatchObject({ tokenId: 'BTCUSDT', ok: true, epoch: 1, resyncing: false })
    // The snapshot, and 6,495 depth events but the two that it holds.
    expect(counts).toMatchObject({ l2_book: 6494, integrity: 2 })
    expect(tape.books.counts.crossed).toBe(0)
    expect([tape.malformed, tape.fallbacks]).toEqual([0, 0])
    run.close()
    bundle.close()

    const report = await replayReport(dir, { sliceFrames: 777 })
    expect(report).toMatchObject({ ok: true, fingerprint: tape.summary().sha256, verdict: 'ended' })
  }
)

test.skipIf(capture === undefined)('the real Polymarket capture: all six first books fit their hashes', async () => {
  const dir = join(folder, 'pm')
  await importPolymarket({ files: [capture!], dir, runId: 'pm' })
  const report = await replayReport(dir)
  expect(report.book_hashes).toMatchObject({ snapshots_failed: 0 })
  expect(report.book_hashes.snapshots_verified).toBeGreaterThanOrEqual(6)
  expect(report).toMatchObject({ malformed: 0, crossed: 0 })
  const bundle = await openBundle(dir)
  const run = new TapeRun(runOfBundle(bundle), {})
  run.advance(Infinity, 2)
  expect(run.tape.books.counts.snapshotHashes).toEqual({ verified: 6, failed: 0 })
  expect(run.tape.books.instruments.all).toHaveLength(6)
  run.close()
  bundle.close()
})
