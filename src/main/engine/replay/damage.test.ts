import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeRecord, forEachRecord, integrity, type Integrity } from '../../../shared/channels/index.ts'
import { openBundle, type OpenBundle } from '../bundle/index.ts'
import { RunWriter } from '../importer/index.ts'
import { IndexPass, runOfBundle, TapeRun } from './index.ts'

const FRAMES = 3000
let folder = ''
let bundle: OpenBundle

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-damage-'))
  const dir = join(folder, 'run')
  const facts = { synthetic: true, venue: 'polymarket', source: 'damage test' } as const
  const writer = new RunWriter({ dir, runId: 'damage', t0WallNs: 1_700_000_000_000_000_000n, shards: 2, facts })
  for (const shard of [0, 1]) {
    writer.note(shard, { note: 'conn_open', venue: 'polymarket', url: 'test', tokens: [`10${shard}`] }, 0)
    writer.message(shard, book(`10${shard}`), 1000)
  }
  for (let i = 0; i < FRAMES; i++) writer.message(i % 2, change(`10${i % 2}`, i), 2000 + i * 3e6)
  writer.close()
  const frames = join(dir, 'capture', 'shard_01.frames')
  const bytes = readFileSync(frames)
  // Two holes in shard 1, far apart.
  for (const share of [0.3, 0.7]) bytes[Math.floor(bytes.length * share)]! ^= 0xff
  writeFileSync(frames, bytes)
  bundle = await openBundle(dir)
})

afterAll(() => {
  bundle.close()
  rmSync(folder, { recursive: true, force: true })
})

const book = (token: string): string =>
  `{"event_type":"book","asset_id":"${token}","market":"0x1","timestamp":"1700000000000","hash":"","bids":[{"price":"0.4","size":"10"}],"asks":[{"price":"0.6","size":"10"}]}`

const change = (token: string, i: number): string =>
  `{"event_type":"price_change","market":"0x1","timestamp":"${1_700_000_000_000 + i}","price_changes":[{"asset_id":"${token}","price":"0.${10 + (i % 20)}","size":"${i + 1}","side":"BUY","hash":"","best_bid":"","best_ask":""}]}`

function play(): { digest: string; missing: Integrity[] } {
  const missing: Integrity[] = []
  const run = new TapeRun(runOfBundle(bundle), {
    onRecords: (bytes, length) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length)
      forEachRecord(view, 0, length, (wireId, at) => {
        if (wireId !== integrity.wireId) return
        const record = decodeRecord(integrity, view, at)
        if (record.reason === 'missing_bytes') missing.push(record)
      })
    }
  })
  run.advance(Infinity, Infinity)
  const digest = run.tape.summary().sha256
  run.close()
  return { digest, missing }
}

test('each hole in the log is one gap and one resync, with ids of their own', () => {
  const { missing } = play()
  expect(missing.map(({ kind }) => kind)).toEqual(['GAP_DETECTED', 'BOOK_RESYNC_START', 'GAP_DETECTED'])
  expect(new Set(missing.map(({ shard, frameIdx, pos }) => `${shard}:${frameIdx}:${pos}`)).size).toBe(3)
})

test('a seek to before, into and behind the holes ends with the same fingerprint as playing through', () => {
  const { digest } = play()
  const run = runOfBundle(bundle)
  const index = new IndexPass(run)
  while (!index.done) index.step(100)
  const target = new TapeRun(run, {})
  for (const share of [0, 0.1, 0.29, 0.3, 0.31, 0.5, 0.69, 0.7, 0.71, 0.9]) {
    index.seek(target, 2000 + FRAMES * 3e6 * share)
    target.advance(Infinity, Infinity)
    expect(target.tape.summary().sha256).toBe(digest)
  }
  target.close()
  index.close()
})
