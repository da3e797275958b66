import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CHANNELS,
  encodeRecord,
  health,
  l2Snap1s,
  metarObs,
  nowcast1m,
  recordBytes,
  type Channel,
  type Member,
  type MemberType
} from '../../../shared/channels/index.ts'
import { randomRecord } from '../../../shared/testing/randomRecords.ts'
import { LakeDatabase } from './database.ts'
import { checkDerived, derivedColumns } from './derivedColumns.ts'
import { hostLakeDisk } from './lakeDisk.ts'
import { recordColumnsSql, RowDecoder } from './parquetRows.ts'
import { writePart } from './partWriter.ts'
import { RecordBatch } from './recordBatch.ts'

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-derived-'))
let database: LakeDatabase
beforeAll(async () => {
  database = await LakeDatabase.open({ spillDir: dir })
})
afterAll(() => {
  database.close()
  rmSync(dir, { recursive: true, force: true })
})

const withMembers = (CHANNELS as readonly Channel[]).filter(({ tail }) => (tail?.members ?? []).length > 0)

type Row = Readonly<Record<string, unknown>>

/** The rows of a part that was written from these records. */
async function rowsOf(channel: Channel, records: readonly Row[]): Promise<{ readonly rows: readonly Row[]; readonly path: string }> {
  const batch = new RecordBatch(64)
  for (const [i, record] of records.entries()) {
    const whole = { ...record, shard: 0, frameIdx: i, pos: 0, instrumentId: 0, recvRelNs: i }
    batch.reserve(recordBytes(channel, whole))
    batch.commit(encodeRecord(channel, whole as never, batch.view, batch.used))
  }
  const path = join(dir, `${channel.name}.parquet`)
  const facts = { disk: hostLakeDisk, channel, runId: 'r', originTsNs: 0n, station: 's', date: '1970-01-01', segmentHashes: [] }
  await writePart(
    database,
    path,
    facts,
    batch,
    Uint32Array.from({ length: batch.count }, (_, i) => i)
  )
  const result = await database.connection.runAndReadAll(`SELECT * FROM read_parquet('${path}') ORDER BY frame_idx`)
  return { rows: result.getRowObjectsJson(), path }
}

/** A value as DuckDB's library shows it; undefined is no value. */
function shown(type: MemberType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (typeof type === 'string') return type === 'integer' ? `${value as number}` : value
  if ('list' in type) return (value as unknown[]).map((item) => shown(type.list, item))
  if ('byName' in type) return Object.entries(value).map(([key, one]) => ({ key, value: shown(type.byName, one) }))
  return Object.fromEntries(Object.entries(type.object).map(([name, field]) => [name, shown(field, (value as Row)[name])]))
}

const valueAt = (text: string, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (at as Row | undefined)?.[name], JSON.parse(text))

/** Values that a member of this type may have. */
function valueOf(type: MemberType): fc.Arbitrary<unknown> {
  if (type === 'text') return fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''))
  if (type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
  if (type === 'integer') return fc.maxSafeInteger().map((value) => value + 0)
  if (type === 'boolean') return fc.boolean()
  if (type === 'date') return fc.constantFrom('2026-11-20', '1999-02-28')
  if ('list' in type) return fc.array(valueOf(type.list), { maxLength: 4 })
  if ('byName' in type)
    return fc.dictionary(fc.stringMatching(/^[a-z/]{1,8}$/), valueOf(type.byName), { maxKeys: 4, noNullPrototype: true })
  return fc.record(Object.fromEntries(Object.entries(type.object).map(([name, field]) => [name, valueOf(field)])), {
    requiredKeys: [],
    noNullPrototype: true
  })
}

/** Texts with some of the members, some of them null. */
function textOf(members: readonly Member[]): fc.Arbitrary<string> {
  return fc.tuple(...members.map(({ type }) => fc.oneof(valueOf(type), fc.constant(null), fc.constant(undefined)))).map((values) => {
    const root: Record<string, unknown> = {}
    for (const [i, { path }] of members.entries()) {
      if (values[i] === undefined) continue
      let at = root
      for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>
      at[path.at(-1)!] = values[i]
    }
    return JSON.stringify(root)
  })
}

test.each(withMembers)('members of the text of $name are columns with the values that the text has', async (channel) => {
  const { members = [] } = channel.tail as { readonly members?: readonly Member[] }
  const fields = fc.sample(randomRecord(channel), { numRuns: 60, seed: 3 })
  const texts = fc.sample(textOf(members), { numRuns: 60, seed: 4 })
  const { rows, path } = await rowsOf(
    channel,
    texts.map((text, i) => ({ ...fields[i], text }))
  )
  for (const [i, text] of texts.entries()) {
    for (const { wire, type, path: at } of members)
      expect({ text, wire, value: rows[i]![wire] }).toEqual({ text, wire, value: shown(type, valueAt(text, at)) })
  }
  expect(await checkDerived(database.connection, channel, [path])).toEqual({ rows: 60, fault: undefined })
})

test('a text that is no JSON, or says something else than it should, leaves its columns empty and is kept', async () => {
  const texts = [
    '',
    'not JSON',
    '[]',
    '7',
    'null',
    '{"raw":',
    '{"raw":{"a":1},"body_temp_c":"warm","body_temp_aligned":[],"sky":"x","qc_flags":{"a":1}}',
    '{"raw":"a","raw":"b"}',
    '{"raw":"\\ud800","sky":[{"cover":5,"baseFt":"high"},null,3]}',
    '{"body_temp_aligned":1e400}',
    '{"raw":"a\\u0000b","qc_flags":["\\u0000"]}',
    `{"sky":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    `${'{"raw":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    '{"body_temp_aligned":99999999999999999999,"body_temp_c":1e999}'
  ]
  const fields = fc.sample(randomRecord(metarObs), { numRuns: texts.length, seed: 3 })
  const { rows, path } = await rowsOf(
    metarObs,
    texts.map((text, i) => ({ ...fields[i], text }))
  )
  expect(rows.map((row) => row['report'])).toEqual(texts)
  expect(rows.slice(0, 6).every((row) => row['raw'] === null && row['sky'] === null && row['qc_flags'] === null)).toBe(true)
  expect(rows[6]).toMatchObject({ body_temp_c: null, body_temp_aligned: null, sky: null, qc_flags: null })
  expect(await checkDerived(database.connection, metarObs, [path])).toEqual({ rows: texts.length, fault: undefined })
  const external = { ...fc.sample(randomRecord(nowcast1m), 1)[0], text: '{"p_bucket":7,"target_date":"someday","bias_f":true}' }
  const nowcast = await rowsOf(nowcast1m, [external])
  expect(nowcast.rows[0]).toMatchObject({ p_bucket: null, target_date: null })
})

test('mid and microprice are decimals beside the numbers of the record', async () => {
  const one = { second: 1, resyncEpochId: 1, bookOk: true, levels: { bids: [], asks: [] } }
  const { rows } = await rowsOf(l2Snap1s, [
    { ...one, midE6: 185_500, micropriceE6: 185_123.456_789 },
    { ...one, midE6: 60_123_450_000.5, micropriceE6: 1e300 },
    one
  ])
  expect(rows.map(({ mid, microprice }) => [mid, microprice])).toEqual([
    ['0.18550000', '0.18512346'],
    ['60123.45000050', null],
    [null, null]
  ])
})

test('a part of before has no such columns: it is read as it is, and beside new ones with NULL in its rows', async () => {
  const records = fc
    .sample(randomRecord(metarObs), { numRuns: 20, seed: 9 })
    .map((record) => ({ ...record, text: '{"raw":"METAR","sky":[]}' }))
  const { path } = await rowsOf(metarObs, records)
  const old = join(dir, 'old.parquet')
  const names = derivedColumns(metarObs).map(({ name }) => name)
  await database.run(`COPY (SELECT * EXCLUDE (${names.join(', ')}) FROM read_parquet('${path}')) TO '${old}' (FORMAT parquet)`)
  const read = async (file: string): Promise<Uint8Array> => {
    const batch = new RecordBatch(64)
    const result = await database.connection.stream(`SELECT ${recordColumnsSql(metarObs)} FROM read_parquet('${file}')`)
    const decoder = new RowDecoder(metarObs)
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
      decoder.decode(chunk, batch)
    return batch.bytes.slice(0, batch.used)
  }
  expect(Buffer.from(await read(old)).equals(Buffer.from(await read(path)))).toBe(true)
  const both = `SELECT count(*), count(raw), count(sky) FROM read_parquet(['${old}', '${path}'], union_by_name = true)`
  expect((await database.connection.runAndReadAll(both)).getRowsJson()).toEqual([['40', '20', '20']])
  // A column that is declared later is missing in what was proved before; in what is written now it must be there.
  const fewer = join(dir, 'fewer.parquet')
  await database.run(`COPY (SELECT * EXCLUDE (sky) FROM read_parquet('${path}')) TO '${fewer}' (FORMAT parquet)`)
  expect(await checkDerived(database.connection, metarObs, [fewer], 'there')).toEqual({ rows: 20, fault: undefined })
  await expect(checkDerived(database.connection, metarObs, [fewer])).rejects.toThrow(/sky/)
})

test('a column that was changed behind the text is found', async () => {
  const { path } = await rowsOf(health, [{ text: '{"gaps":3,"sources":{"polymarket":"OK"}}' }, { text: '{"gaps":4}' }])
  const changed = join(dir, 'changed.parquet')
  await database.run(`COPY (SELECT * REPLACE (gaps + frame_idx AS gaps) FROM read_parquet('${path}')) TO '${changed}' (FORMAT parquet)`)
  expect(await checkDerived(database.connection, health, [changed])).toEqual({
    rows: 2,
    fault: 'the column gaps is not what the record says in 1 of its rows'
  })
})

test('all numbers of a heartbeat are columns', () => {
  const fields = readFileSync(new URL('../../../shared/gates/heartbeatFields.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const names = derivedColumns(health).map(({ name }) => name)
  // Words, answers of yes or no, numbers by shard or policy, and one that is told twice.
  const others = [
    'circuit_breaker_reason',
    'confirm_failures',
    'disk_check_performed',
    'expected_churn_bool',
    'expected_churn_reason',
    'expiry_window_hit',
    'fee_regime_state',
    'idx_synced_bytes',
    'policy_counts',
    'record_type',
    'refresh_last_decision_reason',
    'rollover_window_hit',
    'run_id',
    'synced_bytes'
  ]
  expect(fields.filter((field) => !names.includes(field))).toEqual(others)
  expect(names.filter((name) => !fields.includes(name))).toEqual([])
})
