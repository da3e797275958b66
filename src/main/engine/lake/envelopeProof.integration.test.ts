import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHANNELS, instrument, station, STATION_BASE, type Channel } from '../../../shared/channels/index.ts'
import { randomRecord } from '../../../shared/testing/randomRecords.ts'
import { LineWriter, TextBuffer } from '../record/index.ts'
import { LakeDatabase } from './database.ts'
import { hostLakeDisk } from './lakeDisk.ts'
import { envelopeSumsOf, type HourSums } from './envelopeSums.ts'
import { LineEnvelopes } from './lineEnvelopes.ts'
import { LineScanner } from './lineScan.ts'
import { writePart } from './partWriter.ts'
import { RecordBatch } from './recordBatch.ts'
import { bytesOf, type TestRecord } from './testJournal.ts'

const ORIGIN_TS_NS = 1_795_158_000_123_456_789n
const RUN_ID = 'run-1'
const dir = mkdtempSync(join(tmpdir(), 'tapedeck-envelopes-'))
let database: LakeDatabase
beforeAll(async () => {
  database = await LakeDatabase.open({ spillDir: dir })
})
afterAll(() => {
  database.close()
  rmSync(dir, { recursive: true, force: true })
})

const recorded = CHANNELS.filter(({ scope }) => (scope as string) !== 'view') as readonly Channel[]
const NAMES = JSON.stringify({ token_id: 'B"T\\C é\n', market_id: "m'1" })
const header = { shard: 0, frameIdx: 0, recvRelNs: 0 }
const ANNOUNCED: readonly TestRecord[] = [
  { ch: instrument.name, ...header, pos: 0, instrumentId: 1, tickE6: 1, venue: 'polymarket', text: NAMES },
  { ch: station.name, ...header, pos: 1, instrumentId: STATION_BASE + 1, lat: 0, lon: 0, text: '{"station_id":"KLGA"}' }
]
/** Times of venues that have fewer or more digits in their year, and none that any calendar has. */
const VENUE_TIMES = [0, -1, 999, -62_167_219_200_001, 253_402_300_800_000, 8.64e15, -8.64e15, 8.65e15, 1_795_150_680_001]

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** Random records as lines of a journal, some of them inside a window. */
function linesOf(channel: Channel): Buffer[] {
  const writer = new LineWriter(RUN_ID, ORIGIN_TS_NS)
  for (const record of ANNOUNCED) writer.write(new TextBuffer(), viewOf(bytesOf(record)), 0, undefined)
  return fc.sample(randomRecord(channel), { numRuns: 200, seed: 5 }).map((random, i) => {
    const record = {
      ...random,
      ch: channel.name,
      recvRelNs: Math.abs(random['recvRelNs'] as number) % 1e14,
      instrumentId: [0, 1, STATION_BASE + 1, 77][i % 4],
      ...('exchTsMs' in channel.fields && random['exchTsMs'] !== undefined ? { exchTsMs: VENUE_TIMES[i % VENUE_TIMES.length] } : {})
    } as TestRecord
    const out = new TextBuffer()
    writer.write(out, viewOf(bytesOf(record)), 0, i % 3 === 0 ? { shard: 1, frameIdx: i, pos: 2 } : undefined)
    return Buffer.from(out.bytes.subarray(0, out.length - 1))
  })
}

async function bothSums(channel: Channel, lines: readonly Buffer[]): Promise<{ journal: HourSums; copy: HourSums }> {
  const batch = new RecordBatch()
  const scanner = new LineScanner(channel)
  const envelopes = new LineEnvelopes(channel, ORIGIN_TS_NS)
  for (const line of lines) {
    expect(scanner.scan(line, 0, line.length, batch)).toBe(true)
    envelopes.take(line, 0, line.length, scanner.dataAt, batch)
  }
  const path = join(dir, `${channel.name}.parquet`)
  const order = Uint32Array.from({ length: batch.count }, (_, i) => batch.count - 1 - i)
  const facts = {
    disk: hostLakeDisk,
    channel,
    runId: RUN_ID,
    originTsNs: ORIGIN_TS_NS,
    station: 's',
    date: '2026-11-20',
    segmentHashes: []
  }
  await writePart(database, path, facts, batch, order)
  return { journal: envelopes.sums, copy: await envelopeSumsOf(database.connection, channel, [path]) }
}

test.each(recorded)('the envelopes of $name are the same in the journal and in the columns of its copy', async (channel) => {
  const lines = linesOf(channel)
  const { journal, copy } = await bothSums(channel, lines)
  expect(copy).toEqual(journal)
  // A line in another spelling says the same.
  const spelled = lines.map((line) => Buffer.from(line.toString().replace('{"schema_version":1,', '{ "schema_version": 1,')))
  const unusual = await bothSums(channel, spelled)
  expect(unusual.copy).toEqual(journal)
  expect(unusual.journal).toEqual(journal)
})

test('one changed character of an envelope changes the sum', async () => {
  const channel = CHANNELS.find(({ name }) => name === 'tape_trades') as Channel
  const lines = linesOf(channel).slice(0, 20)
  const { journal } = await bothSums(channel, lines)
  const text = lines[0]!.toString()
  const end = text.indexOf(',"data":{')
  for (const at of Array.from({ length: end }, (_, i) => i).filter(
    (i) => /[0-9a-f]/.test(text[i]!) && /["\dTabcdef:.-]/.test(text[i - 1]!)
  )) {
    const changed = `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`
    const envelopes = new LineEnvelopes(channel, ORIGIN_TS_NS)
    const scanner = new LineScanner(channel)
    for (const line of [Buffer.from(changed), ...lines.slice(1)]) {
      const batch = new RecordBatch(64)
      if (scanner.scan(line, 0, line.length, batch)) envelopes.take(line, 0, line.length, scanner.dataAt, batch)
    }
    expect(envelopes.sums).not.toEqual(journal)
  }
})
