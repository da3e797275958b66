import {
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RunWriter } from '../importer/index.ts'
import { describeBundle, Library } from './library.ts'

let dataDir = ''
let notices: string[] = []
let library: Library

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-library-'))
  mkdirSync(join(dataDir, 'runs'))
  notices = []
  library = open()
})
afterEach(() => {
  library.dispose()
  rmSync(dataDir, { recursive: true })
})

function open(demoBundle?: string): Library {
  return new Library({ dataDir, demoBundle, onNotice: (_level, text) => notices.push(text) })
}

function bundle(name: string, folder = join(dataDir, 'runs'), frames = 3): string {
  const dir = join(folder, name)
  const writer = new RunWriter({
    dir,
    runId: name,
    t0WallNs: 1_700_000_000_000_000_000n,
    shards: 1,
    facts: { synthetic: true, venue: 'binance', source: `Source of ${name}` }
  })
  for (let i = 0; i < frames; i++) writer.message(0, `{"n":${i}}`, i * 1e9)
  writer.close()
  return dir
}

const names = async (): Promise<string[]> => (await library.list()).map((entry) => entry.runId).sort()

test('a bundle is described by what lies in it', async () => {
  const dir = bundle('a')
  expect(await describeBundle(dir)).toEqual({
    path: dir,
    runId: 'a',
    name: 'Source of a',
    venue: 'binance',
    synthetic: true,
    startTsNs: '1700000000000000000',
    durationNs: 2e9,
    frames: 3,
    bytes: 3 * (36 + 7),
    verdict: { state: 'ended', sentence: '' },
    demo: false
  })
})

test('an empty bundle has no duration', async () => {
  expect(await describeBundle(bundle('empty', undefined, 0))).toMatchObject({
    frames: 0,
    durationNs: 0,
    bytes: 0,
    startTsNs: '1700000000000000000'
  })
})

test('a broken folder does not hide the good ones beside it', async () => {
  bundle('good')
  bundle('other')
  mkdirSync(join(dataDir, 'runs', 'nothing'))
  mkdirSync(join(dataDir, 'runs', 'no-logs'))
  writeFileSync(join(dataDir, 'runs', 'no-logs', 'manifest.json'), '{"manifest_version":1,"run_id":"x","t0_wall_ns_utc":1,"t0_mono_ns":1}')
  mkdirSync(join(dataDir, 'runs', 'garbage'))
  writeFileSync(join(dataDir, 'runs', 'garbage', 'manifest.json'), '{{{{')
  mkdirSync(join(dataDir, 'runs', 'newer'))
  writeFileSync(join(dataDir, 'runs', 'newer', 'manifest.json'), '{"manifest_version":99,"run_id":"x","t0_wall_ns_utc":1,"t0_mono_ns":1}')
  writeFileSync(join(dataDir, 'runs', 'a file'), 'hello')
  writeFileSync(join(dataDir, 'runs', '.hidden'), '')
  expect(await names()).toEqual(['good', 'other'])
  expect(notices.length).toBeGreaterThanOrEqual(3)
  for (const notice of notices) expect(notice).toMatch(/^[A-Z][^\n]+$/)
})

test('a torn bundle is listed and says what was lost', async () => {
  const dir = bundle('torn')
  truncateSync(join(dir, 'capture', 'shard_00.frames'), 3 * 43 - 5)
  unlinkSync(join(dir, 'capture', 'shard_00.idx'))
  const [entry] = await library.list()
  expect(entry).toMatchObject({ runId: 'torn', frames: 2 })
  expect(entry?.verdict.state).not.toBe('ended')
  expect(entry?.verdict.sentence).toMatch(/Lost at the end/)
})

test('a bundle from elsewhere stays in the list, its files stay where they are, and it can be forgotten', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapedeck-elsewhere-'))
  bundle('here')
  const dir = bundle('there', folder)
  expect(await library.add(dir)).toMatchObject({ runId: 'there', path: dir })
  expect(await names()).toEqual(['here', 'there'])
  library.dispose()
  library = open()
  expect(await names()).toEqual(['here', 'there'])
  expect((await library.forget(dir)).map((entry) => entry.runId)).toEqual(['here'])
  expect((await library.rescan()).map((entry) => entry.runId)).toEqual(['here'])
  expect(existsSync(join(dir, 'manifest.json'))).toBe(true)
  await library.add(dir)
  expect(await names()).toEqual(['here', 'there'])
  rmSync(folder, { recursive: true })
})

test('a bundle whose folder is gone is gone from the list', async () => {
  const dir = bundle('gone')
  expect(await names()).toEqual(['gone'])
  rmSync(dir, { recursive: true })
  expect((await library.rescan()).map((entry) => entry.runId)).toEqual([])
  expect(notices).toEqual([])
})

test('a bundle forgotten in the runs folder stays forgotten, also over a restart', async () => {
  const dir = bundle('unwanted')
  bundle('wanted')
  await library.list()
  await library.forget(dir)
  library.dispose()
  library = open()
  expect(await names()).toEqual(['wanted'])
})

test('the catalog can be deleted and is made again', async () => {
  bundle('a')
  await library.list()
  library.dispose()
  for (const file of ['catalog.sqlite', 'catalog.db', 'catalog.sqlite-wal', 'catalog.sqlite-shm'])
    rmSync(join(dataDir, file), { force: true })
  library = open()
  expect(await names()).toEqual(['a'])
})

test('the demo is listed as such, and once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapedeck-demo-'))
  const demo = bundle('demo', folder)
  library.dispose()
  library = open(demo)
  bundle('mine')
  expect(new Map((await library.list()).map((entry) => [entry.runId, entry.demo]))).toEqual(
    new Map([
      ['demo', true],
      ['mine', false]
    ])
  )
  expect(await library.rescan()).toHaveLength(2)
  rmSync(folder, { recursive: true })
})

test.each([
  ['a place where nothing is', 'nowhere', /There is no file or folder at this place/],
  ['a file of another kind', 'text.zip', /./],
  ['a folder of another kind', 'folder', /./]
])('%s is refused in a sentence', async (_what, name, sentence) => {
  const path = join(dataDir, name)
  if (name === 'text.zip') writeFileSync(path, 'this is no archive')
  if (name === 'folder') mkdirSync(path)
  await expect(library.add(path)).rejects.toThrow(sentence)
  expect(await names()).toEqual([])
})

test('two bundles of the same run are two', async () => {
  const dir = bundle('twin')
  const copy = join(dataDir, 'runs', 'copy')
  cpSync(dir, copy, { recursive: true })
  expect(await names()).toEqual(['twin', 'twin'])
})

test('asking for the list many times at once looks once', async () => {
  bundle('a')
  mkdirSync(join(dataDir, 'runs', 'garbage'))
  writeFileSync(join(dataDir, 'runs', 'garbage', 'manifest.json'), '{{{{')
  const lists = await Promise.all([library.list(), library.list(), library.list()])
  expect(lists.map((list) => list.length)).toEqual([1, 1, 1])
  expect(notices).toHaveLength(1)
})

test('the unpacking of an archive tells how far it is, can be cancelled, and leaves nothing behind then', async () => {
  const dir = bundle('large', join(dataDir, 'elsewhere'))
  const archive = join(dataDir, 'large.tar')
  const tar = pack()
  tar.entry({ name: 'large/manifest.json' }, readFileSync(join(dir, 'manifest.json')))
  for (let i = 0; i < 8; i++) tar.entry({ name: `large/capture/shard_0${i}.frames` }, Buffer.alloc(2 ** 20))
  tar.finalize()
  await pipeline(tar, createWriteStream(archive))
  const shares: (number | undefined)[] = []
  const watched: Library = new Library({
    dataDir,
    demoBundle: undefined,
    onNotice: () => undefined,
    onAdding: (name, share) => {
      expect(name).toBe('large.tar')
      shares.push(share)
      if (share !== undefined && share > 0) watched.cancelAdding()
    }
  })
  await expect(watched.add(archive)).rejects.toMatchObject({ code: 'ABORTED' })
  watched.dispose()
  expect(shares[0]).toBe(0)
  expect(shares.at(-1)).toBeUndefined()
  expect(shares.length).toBeGreaterThanOrEqual(3)
  expect(readdirSync(join(dataDir, 'runs'))).toEqual([])
})
