import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finiteNumber, type JsonRecord } from '../../../shared/gates/index.ts'
import { exactInteger, scanNdjson } from './ndjsonScan.ts'

function file(content: string | Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'tapedeck-ndjson-')), 'a.ndjson')
  writeFileSync(path, content)
  return path
}

async function scan(content: string | Buffer): Promise<{ records: JsonRecord[]; counts: Awaited<ReturnType<typeof scanNdjson>> }> {
  const records: JsonRecord[] = []
  const counts = await scanNdjson(file(content), (record) => records.push(record))
  return { records, counts }
}

test('every object of a line is visited in order; empty lines and line ends of Windows are no fault', async () => {
  const { records, counts } = await scan('{"n":1}\r\n\n   \n{"n":2}\n{"n":3}')
  expect(records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(counts).toEqual({ exists: true, records: 3, unreadable: 0, tornEnd: false })
})

test('a last line that was cut off is a torn end; lines that are no JSON object are counted', async () => {
  const { records, counts } = await scan('{"n":1}\nnot json\n[1]\n5\nnull\n"text"\n{"n":2}\n{"n":')
  expect(records).toEqual([{ n: 1 }, { n: 2 }])
  expect(counts).toEqual({ exists: true, records: 2, unreadable: 5, tornEnd: true })
})

test('bytes that are no text, and zeros that a crash left, are counted and harm nothing', async () => {
  const { counts } = await scan(Buffer.concat([Buffer.from('{"n":1}\n'), Buffer.from([0xff, 0xfe, 0x80, 10]), Buffer.alloc(5000)]))
  expect(counts).toEqual({ exists: true, records: 1, unreadable: 1, tornEnd: true })
})

test('records lie anywhere over the borders of what is read at once', async () => {
  const lines = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, pad: 'ü'.repeat(n * 1500) }))
  const { records, counts } = await scan(`${lines.join('\n')}\n`)
  expect(records.map((record) => record['n'])).toEqual(lines.map((_, n) => n))
  expect(counts).toMatchObject({ records: 40, unreadable: 0, tornEnd: false })
})

test('a line without end is passed over in bounded memory, and what follows is read', async () => {
  const huge = Buffer.alloc(9 * 1024 * 1024, 0x61)
  const { records, counts } = await scan(Buffer.concat([Buffer.from('{"n":1}\n'), huge, Buffer.from('\n{"n":2}\n')]))
  expect(records).toEqual([{ n: 1 }, { n: 2 }])
  expect(counts).toMatchObject({ unreadable: 1, tornEnd: false })
  expect((await scan(huge)).counts).toMatchObject({ records: 0, unreadable: 0, tornEnd: true })
})

test('a missing file is an empty one that does not exist', async () => {
  expect(await scanNdjson('/nowhere/a.ndjson', () => undefined)).toEqual({ exists: false, records: 0, unreadable: 0, tornEnd: false })
})

test('a folder in the place of a file is said to be one', async () => {
  await expect(scanNdjson(tmpdir(), () => undefined)).rejects.toMatchObject({ code: 'FILE_FAILED' })
})

test('integers beyond 2^53 are exact; other things are unknown', () => {
  const line = '{"a":1152921504606846977,"b":5,"c":"7","d":1e400,"e":null,"f":99999999999999999999999999,"g":1.5,"h":true}'
  const record = JSON.parse(line) as JsonRecord
  const exact = (key: string): bigint | undefined => exactInteger(record, line, key)
  expect([exact('a'), exact('b'), exact('c'), exact('d'), exact('f'), exact('g'), exact('z')]).toEqual([
    1152921504606846977n,
    5n,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined
  ])
  expect(['b', 'c', 'd', 'e', 'g', 'h', 'z'].map((key) => finiteNumber(record, key))).toEqual([
    5,
    undefined,
    undefined,
    undefined,
    1.5,
    undefined,
    undefined
  ])
})

test('an abort ends the reading with its reason', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(scanNdjson(file('{"n":1}\n'), () => undefined, { signal })).rejects.toThrow('enough')
})
