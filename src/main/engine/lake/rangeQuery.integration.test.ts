import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compactRun } from './compactRun.ts'
import { inLake } from './lakePaths.ts'
import { readProof } from './proofFile.ts'
import { LakeQuery } from './rangeQuery.ts'
import { ORIGIN_TS_NS, RUN_ID, testRecords, writeTestJournal } from './testJournal.ts'

let dir: string
let lakeDir: string
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-range-'))
  lakeDir = join(dir, 'lake')
  writeTestJournal(join(dir, 'run'), testRecords())
  await compactRun({ bundleDir: join(dir, 'run'), lakeDir, partBytes: 60_000 })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const at = (second: number): bigint => ORIGIN_TS_NS + BigInt(second) * 1_000_000_000n

test('one market and span of time: both ends exact, absent values told from zero, prices as integers', async () => {
  const query = await LakeQuery.open(lakeDir)
  try {
    const columns = ['best_bid', 'bid_px_1', 'bid_px_20', 'book_ok', 'token_id', 'imbalance']
    const result = await query.range({ channel: 'l2_snap_1s', tokenId: 'token-002', fromTsNs: at(30), toTsNs: at(150), columns })
    expect(result.rows).toBe(120)
    expect([...result.tsUs]).toEqual(Array.from({ length: 120 }, (_, n) => Number(at(30 + n) / 1000n)))
    const { best_bid: bid, bid_px_20: deep, book_ok: ok, token_id: token } = result.columns
    // Market 1 has (second + 1) % 21 levels: none at second 41.
    expect([bid!.values[0], bid!.valid?.[11], bid!.valid?.[12]]).toEqual([499_000, 0, 1])
    // It has all 20 at seconds 40 and 61 only, and the price of the 20th is then that of a deep level.
    expect([deep!.valid?.[10], deep!.values[10], deep!.valid?.[11]]).toEqual([1, 480_000, 0])
    expect(new Set(ok!.values as Float64Array)).toEqual(new Set([1]))
    expect(new Set(token!.values as string[])).toEqual(new Set(['token-002']))
  } finally {
    query.close()
  }
})

test('a channel of texts, and a part that was changed after its proof', async () => {
  const query = await LakeQuery.open(lakeDir)
  try {
    const request = { channel: 'tape_trades', tokenId: 'token-001', fromTsNs: at(10), toTsNs: at(12) }
    const trades = await query.range(request)
    expect(trades.columns['trade_id']!.values).toEqual(['t"10\n', 't"11\n'])
    expect([...(trades.columns['size']!.values as Float64Array)]).toEqual([9_007_199_254_740_981, 9_007_199_254_740_980])
    expect(trades.columns['side']!.values).toEqual(['buy', 'buy'])
    const [part] = readProof(lakeDir, RUN_ID)!.entries.find(({ ch }) => ch === 'tape_trades')!.parts
    appendFileSync(inLake(lakeDir, part!.path), 'x')
    await expect(query.range(request)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
    await expect(query.range({ ...request, channel: 'no_such' })).rejects.toMatchObject({ code: 'USAGE' })
  } finally {
    query.close()
  }
})
