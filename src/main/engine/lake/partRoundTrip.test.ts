import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHANNELS, encodeRecord, recordBytes, type Channel } from '../../../shared/channels/index.ts'
import { randomRecord } from '../../../shared/testing/randomRecords.ts'
import { eventIdsOf } from '../tape/index.ts'
import { ENVELOPE_COLUMNS, lakeColumns } from './columns.ts'
import { LakeDatabase } from './database.ts'
import { derivedColumns } from './derivedColumns.ts'
import { hostLakeDisk } from './lakeDisk.ts'
import { recordColumnsSql, RowDecoder } from './parquetRows.ts'
import { writePart } from './partWriter.ts'
import { RecordBatch } from './recordBatch.ts'

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-lake-'))
let database: LakeDatabase
beforeAll(async () => {
  database = await LakeDatabase.open({ spillDir: dir })
})
afterAll(() => {
  database.close()
  rmSync(dir, { recursive: true, force: true })
})

const facts = {
  disk: hostLakeDisk,
  runId: 'run-1',
  originTsNs: 1_795_158_000_123_456_789n,
  station: 'binance',
  date: '2026-11-20',
  segmentHashes: ['ab', 'cd']
}
const recorded = CHANNELS.filter(({ scope }) => (scope as string) !== 'view') as readonly Channel[]

test('no channel has two columns of one name', () => {
  for (const channel of CHANNELS as readonly Channel[]) {
    const names = [...ENVELOPE_COLUMNS, ...[...lakeColumns(channel), ...derivedColumns(channel)].map(({ name }) => name)]
    expect({ channel: channel.name, names: [...new Set(names)] }).toEqual({ channel: channel.name, names })
  }
})

test.each(recorded)('records of $name come out of Parquet as the same bytes', async (channel) => {
  const records = fc.sample(randomRecord(channel), { numRuns: 300, seed: 11 })
  const batch = new RecordBatch(16)
  for (const record of records) {
    const bounded = { ...record, recvRelNs: Math.abs(record['recvRelNs'] as number) % 1e15 }
    batch.reserve(recordBytes(channel, bounded))
    batch.commit(encodeRecord(channel, bounded as never, batch.view, batch.used), batch.count % 3 === 0 ? 'ab12cd34' : undefined)
  }
  const order = Uint32Array.from({ length: batch.count }, (_, i) => i)
  const path = join(dir, `${channel.name}.parquet`)
  await writePart(database, path, { ...facts, channel }, batch, order)
  const result = await database.connection.stream(`SELECT ${recordColumnsSql(channel)} FROM read_parquet('${path}')`)
  const back = new RecordBatch(64)
  const decoder = new RowDecoder(channel)
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    decoder.decode(chunk, back)
  expect(back.count).toBe(batch.count)
  expect(Buffer.from(back.bytes.subarray(0, back.used)).equals(Buffer.from(batch.bytes.subarray(0, batch.used)))).toBe(true)
})

test('the envelope is that of the events: ids, local times, instant of the venue', async () => {
  const channel = CHANNELS.find(({ name }) => name === 'bbo') as Channel
  const batch = new RecordBatch()
  const record = { shard: 3, frameIdx: 9, pos: 2, instrumentId: 7, recvRelNs: 1_500, bidPxE6: 1, bidSizeE6: 2, askPxE6: 3, askSizeE6: 4 }
  batch.commit(encodeRecord(channel, record as never, batch.view, 0), 'ab12cd34')
  batch.instruments[0] = { tokenId: "BTC'USDT", marketId: 'm' }
  const path = join(dir, 'one.parquet')
  await writePart(database, path, { ...facts, channel }, batch, Uint32Array.of(0))
  const [row] = (await database.connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)).getRowObjectsJson()
  const idOf = eventIdsOf('run-1')
  expect(row).toMatchObject({
    ts: '2026-11-20 07:00:00.123458+00',
    event_id: idOf(3, 9, 2),
    correlation_id: idOf(3, 9),
    ts_nyc: '2026-11-20 02:00:00',
    ts_es: '2026-11-20 08:00:00',
    token_id: "BTC'USDT",
    market_id: 'm',
    station_id: null,
    window_id: 'ab12cd34',
    run_id: 'run-1',
    bid_px: '0.000001',
    ask_sz: '0.000004'
  })
})
