import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { STORAGE_DEFAULTS, type BundleEntry, type RetentionMade } from '../../../../shared/api/index.ts'
import { StudioError } from '../../../../shared/errors.ts'
import { testRecords, writeTestJournal } from '../../lake/testJournal.ts'
import type { JobRequest } from '../../threads/jobMessages.ts'
import { Jobs } from '../jobs.ts'
import { StorageKeeper } from './storageKeeper.ts'

const HOUR_NS = 3_600_000_000_000n
/** Noon of a winter day in New York. */
const NOON_NS = 1_768_496_400_000_000_000n

let dataDir: string
let run: string
let nowNs: bigint
let asked: JobRequest[]
let notices: string[]
/** What the next job is refused with. */
let refusal: StudioError | undefined
let keeper: StorageKeeper | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-storage-'))
  run = join(dataDir, 'runs', 'run')
  writeTestJournal(run, testRecords())
  nowNs = NOON_NS
  asked = []
  notices = []
  refusal = undefined
})
afterEach(async () => {
  await keeper?.dispose()
  rmSync(dataDir, { recursive: true, force: true })
})

function open(): StorageKeeper {
  const jobs = new Jobs(() => undefined)
  keeper = new StorageKeeper({
    dataDir,
    bundles: () => Promise.resolve([{ path: run } as BundleEntry]),
    runJob: (request) => {
      asked.push(request)
      const why = refusal
      refusal = undefined
      return why === undefined ? jobs.run(request) : Promise.reject(why)
    },
    onNotice: (_, text) => notices.push(text),
    clock: { wallNs: () => nowNs, monoNs: () => nowNs }
  })
  return keeper
}

const kinds = (): string[] => asked.map(({ kind }) => kind)
const settled = async (of: StorageKeeper): Promise<void> => of.idle()

test('by hand nothing happens by itself', async () => {
  const storage = open()
  storage.recordingEnded()
  nowNs += 5n * HOUR_NS
  storage.look()
  await settled(storage)
  expect(asked).toEqual([])
})

test('a recording that ends is compacted and proved when that was chosen, and once only', async () => {
  const storage = open()
  await storage.obey({ cmd: 'storage_set', settings: { ...STORAGE_DEFAULTS, compactWhen: 'after_recording' } })
  storage.recordingEnded()
  await settled(storage)
  expect(kinds()).toEqual(['compact'])
  expect(notices).toEqual([expect.stringContaining('are proved in Parquet')])
  storage.recordingEnded()
  await settled(storage)
  expect(kinds()).toEqual(['compact'])
})

test('every hour, and when the day ends in New York; what is chosen outlives the app', async () => {
  await open().obey({ cmd: 'storage_set', settings: { ...STORAGE_DEFAULTS, compactWhen: 'hourly', deletesByItself: true } })
  await keeper?.dispose()
  const storage = open()
  const look = async (afterNs: bigint): Promise<string[]> => {
    nowNs += afterNs
    asked = []
    storage.look()
    await settled(storage)
    return kinds()
  }
  expect(await look(HOUR_NS - 1_000_000_000n)).toEqual([])
  expect(await look(1_000_000_000n)).toEqual(['compact', 'retention'])
  // Everything is proved by now; retention goes on.
  expect(await look(HOUR_NS / 2n)).toEqual([])
  expect(await look(HOUR_NS)).toEqual(['retention'])
  nowNs = NOON_NS + 12n * HOUR_NS - 60_000_000_000n
  expect(await look(0n)).toEqual(['retention'])
  expect(await look(120_000_000_000n)).toEqual(['retention'])
  expect(await look(120_000_000_000n)).toEqual([])
})

test('the user’s own job goes first: what was refused is tried again at the next look, a cancel is not', async () => {
  const storage = open()
  await storage.obey({ cmd: 'storage_set', settings: { ...STORAGE_DEFAULTS, compactWhen: 'after_recording' } })
  refusal = new StudioError('BUSY', 'busy')
  storage.recordingEnded()
  await settled(storage)
  storage.look()
  await settled(storage)
  expect(kinds()).toEqual(['compact', 'compact'])
  expect(notices).toHaveLength(1)
  refusal = new StudioError('ABORTED', 'cancelled')
  rmSync(join(dataDir, 'lake'), { recursive: true })
  storage.recordingEnded()
  await settled(storage)
  storage.look()
  await settled(storage)
  expect(kinds()).toEqual(['compact', 'compact', 'compact'])
})

test('retention says what would go and deletes only when told to, and never what is not proved', async () => {
  const storage = open()
  const retain = (apply: boolean): Promise<RetentionMade> => storage.obey({ cmd: 'storage_retention', apply }) as Promise<RetentionMade>
  await storage.obey({ cmd: 'storage_set', settings: { ...STORAGE_DEFAULTS, journalDays: 1 } })
  const before = await retain(true)
  expect(before.groups.filter(({ action }) => action === 'delete')).toEqual([])
  expect(before.groups.map(({ why }) => why)).toContain('not proved')
  await new Jobs(() => undefined).run({ kind: 'compact', bundleDir: run, lakeDir: join(dataDir, 'lake') })
  const dry = await retain(false)
  expect(dry).toMatchObject({ applied: false, faults: [] })
  expect(dry.deletedBytes).toBeGreaterThan(0)
  const done = await retain(true)
  expect(done).toMatchObject({ applied: true, deletedBytes: dry.deletedBytes, groups: dry.groups })
  expect((await retain(false)).deletedBytes).toBe(0)
})

test('a damaged file of choices deletes nothing by itself, is said and is kept aside', async () => {
  const file = join(dataDir, 'storage.json')
  writeFileSync(file, '{"storage_version":1,"storage":{"deletesByItself":true}}')
  const storage = open()
  expect(await storage.obey({ cmd: 'storage_get' })).toEqual(STORAGE_DEFAULTS)
  expect(notices).toEqual([expect.stringContaining('nothing is deleted by itself')])
  expect(existsSync(file)).toBe(false)
  expect(readFileSync(`${file}.old`, 'utf8')).toContain('deletesByItself')
})
