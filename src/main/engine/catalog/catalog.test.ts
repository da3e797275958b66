import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BundleEntry } from '../../../shared/api/index.ts'
import { Catalog } from './index.ts'

let dir = ''
let notices: string[] = []
const open = (): Catalog => new Catalog({ dataDir: dir, onNotice: (text) => notices.push(text) })
const file = (): string => join(dir, 'catalog.sqlite')

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-catalog-'))
  notices = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function entry(name: string, over: Partial<BundleEntry> = {}): BundleEntry {
  return {
    path: join(dir, 'runs', name),
    runId: name,
    name,
    venue: 'binance',
    synthetic: false,
    startTsNs: '1723075200000000000',
    durationNs: 60e9,
    frames: 12,
    bytes: 3456,
    verdict: { state: 'ended', sentence: '' },
    demo: false,
    ...over
  }
}

test('a bundle comes back exactly as it was put in, also after a restart', () => {
  const one = entry('a', { verdict: { state: 'recovered', sentence: '12 bytes were lost.' }, synthetic: true, venue: '' })
  const first = open()
  first.upsert(one)
  first.dispose()
  const second = open()
  expect(second.list()).toEqual([one])
  expect(notices).toEqual([])
  second.dispose()
  second.dispose()
})

test('the newest run is first, numbers in text are compared as numbers, the demo is last', () => {
  const catalog = open()
  catalog.upsert(entry('old', { startTsNs: '999' }))
  catalog.upsert(entry('demo', { startTsNs: '9999999999999999999', demo: true, path: '/opt/demo' }))
  catalog.upsert(entry('new', { startTsNs: '1000' }))
  expect(catalog.list().map((b) => b.name)).toEqual(['new', 'old', 'demo'])
  catalog.dispose()
})

test('a forgotten bundle leaves the list and is known as forgotten until it is added again', () => {
  const catalog = open()
  const one = entry('a')
  catalog.upsert(one)
  catalog.forget(one.path)
  expect(catalog.list()).toEqual([])
  expect(catalog.forgottenPaths()).toEqual([one.path])
  catalog.upsert(one)
  expect(catalog.forgottenPaths()).toEqual([])
  catalog.dispose()
})

test('paths outside the data folder are remembered, also when a scan cannot read them now', () => {
  const catalog = open()
  catalog.upsert(entry('inside'))
  catalog.upsert(entry('outside', { path: '/mnt/disk/outside' }))
  catalog.upsert(entry('demo', { path: '/opt/demo', demo: true }))
  expect(catalog.extraPaths()).toEqual(['/mnt/disk/outside'])
  catalog.replaceAll([entry('inside')])
  expect(catalog.list().map((b) => b.name)).toEqual(['inside'])
  expect(catalog.extraPaths()).toEqual(['/mnt/disk/outside'])
  catalog.forget('/mnt/disk/outside')
  expect(catalog.extraPaths()).toEqual([])
  catalog.dispose()
})

test('a deleted catalog starts empty and says nothing', () => {
  const first = open()
  first.upsert(entry('a'))
  first.dispose()
  rmSync(file())
  const second = open()
  expect(second.list()).toEqual([])
  second.upsert(entry('b'))
  expect(second.list().map((b) => b.name)).toEqual(['b'])
  expect(notices).toEqual([])
  second.dispose()
})

test('a catalog deleted while it is open goes on working and the next session finds what came after', () => {
  const first = open()
  first.upsert(entry('a'))
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file()}${suffix}`, { force: true })
  first.upsert(entry('b'))
  first.upsert(entry('c'))
  first.list()
  first.dispose()
  const second = open()
  second.upsert(entry('d'))
  expect(second.list().map((b) => b.name)).toContain('d')
  second.dispose()
})

const damages: readonly (readonly [string, (path: string) => void])[] = [
  ['garbage', (path) => writeFileSync(path, 'this is no database at all, but it is long enough to be looked at'.repeat(100))],
  ['zeros', (path) => writeFileSync(path, Buffer.alloc(8192))],
  ['a cut file', (path) => truncateSync(path, 5000)],
  [
    'overwritten pages',
    (path) => {
      const bytes = readFileSync(path)
      bytes.fill(0x5a, 4096)
      writeFileSync(path, bytes)
    }
  ]
]

test.each(damages)('a catalog turned into %s is moved aside, rebuilt, and said so in one sentence', (_name, damage) => {
  const first = open()
  for (let i = 0; i < 50; i++) first.upsert(entry(`run-${i}`))
  first.dispose()
  damage(file())
  const second = open()
  second.upsert(entry('after'))
  expect(second.list().map((b) => b.name)).toEqual(['after'])
  expect(notices).toHaveLength(1)
  expect(notices[0]).toMatch(/index was (damaged|written by another version)\. It was moved aside/)
  expect(existsSync(`${file()}.old`)).toBe(true)
  second.dispose()
})

test('damage found in the middle of a session is survived', () => {
  const catalog = open()
  for (let i = 0; i < 200; i++) catalog.upsert(entry(`run-${i}`))
  catalog.dispose()
  const again = open()
  const other = new Database(file())
  other.pragma('wal_checkpoint(TRUNCATE)')
  other.exec('DROP TABLE bundle')
  other.close()
  again.upsert(entry('after'))
  expect(again.list().map((b) => b.name)).toEqual(['after'])
  expect(notices).toHaveLength(1)
  again.dispose()
})

test('a catalog of a newer version is kept aside, not overwritten', () => {
  const db = new Database(file())
  db.exec('CREATE TABLE future (x); PRAGMA user_version = 99')
  db.close()
  const catalog = open()
  expect(catalog.list()).toEqual([])
  expect(notices[0]).toContain('another version')
  const old = new Database(`${file()}.old`)
  expect(old.pragma('user_version', { simple: true })).toBe(99)
  old.close()
  catalog.dispose()
})

test('where no file can be written the catalog lives in memory and says so', () => {
  mkdirSync(file())
  writeFileSync(join(dir, 'blocked'), '')
  const catalog = new Catalog({ dataDir: join(dir, 'blocked'), onNotice: (text) => notices.push(text) })
  catalog.upsert(entry('a'))
  expect(catalog.list()).toHaveLength(1)
  expect(notices[0]).toContain('kept in memory')
  catalog.dispose()
})

test('two catalogs on one folder do not hurt each other', () => {
  const one = open()
  const two = open()
  one.upsert(entry('a'))
  two.upsert(entry('b'))
  expect(one.list()).toHaveLength(2)
  one.dispose()
  expect(two.list()).toHaveLength(2)
  two.dispose()
})
