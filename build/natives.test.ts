import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'

test('SQLite loads and keeps 64-bit integers exactly', () => {
  const db = new Database(':memory:')
  db.exec('create table t (ns integer)')
  db.prepare('insert into t values (?)').run(1_723_075_200_123_456_789n)
  expect(db.prepare('select ns from t').safeIntegers().pluck().get()).toBe(1_723_075_200_123_456_789n)
  db.close()
})

test('zstd and CRC-32 are those of the standards', () => {
  const bytes = Buffer.from('123456789'.repeat(1000))
  expect(zstdDecompressSync(zstdCompressSync(bytes)).equals(bytes)).toBe(true)
  expect(crc32('123456789')).toBe(0xcbf43926)
})

test('the Node under test is the one that was asked for', () => {
  expect(process.versions['electron'] !== undefined).toBe(process.env['ELECTRON_RUN_AS_NODE'] !== undefined)
})
