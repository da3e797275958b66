import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toFailure } from '../../../shared/errors.ts'
import { ramFolder } from '../testing/ramFolder.ts'
import { compactRun } from './compactRun.ts'
import { hostLakeDisk, type LakeDisk } from './lakeDisk.ts'
import { runRetention } from './retention.ts'
import { DEFAULT_POLICY } from './retentionPolicy.ts'
import { storedRecords } from './storedRecords.ts'
import { faultyLakeDisk } from './testFaultyLakeDisk.ts'
import { bytesOf, ORIGIN_TS_NS, testRecords, writeTestJournal, type TestRecord } from './testJournal.ts'
import { inspectRetired } from './testRetired.ts'
import { verifyLake } from './verifyLake.ts'

const LATER_MS = Number(ORIGIN_TS_NS / 1_000_000n) + 20 * 86_400_000
/** With both faults at every call: `TAPEDECK_HARD=1`. Else the calls get one of them in turn. */
const IS_HARD = (process.env['TAPEDECK_HARD'] ?? '') !== ''

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(ramFolder(), 'tapedeck-lake-faults-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function* records(seconds: number): Generator<TestRecord> {
  for (const record of testRecords({ markets: 1, seconds, levels: 2 })) if (record.ch === 'tape_trades') yield record
}

const bytesIn = (seconds: number): number => [...records(seconds)].map(bytesOf).reduce((sum, bytes) => sum + bytes.length, 0)

async function storedBytes(bundleDir: string, lakeDir: string): Promise<number> {
  let bytes = 0
  for await (const batch of storedRecords({ bundleDir, lakeDir })) bytes += batch.used
  return bytes
}

interface Work {
  /** Brings a bundle and a lake into the state before the work. */
  readonly prepare: (bundleDir: string, lakeDir: string) => Promise<void>
  readonly run: (bundleDir: string, lakeDir: string, disk: LakeDisk) => Promise<unknown>
  readonly seconds: number
}

const retain = (bundleDir: string, lakeDir: string, disk: LakeDisk, days: number) =>
  runRetention({
    lakeDir,
    bundleDirs: [bundleDir],
    policy: { ...DEFAULT_POLICY, keepForever: [], parquetMonths: 6 },
    apply: true,
    nowMs: LATER_MS + days * 86_400_000,
    disk
  })

const WORKS: Readonly<Record<string, Work>> = {
  'the first compaction of a run': {
    prepare: async (bundleDir) => void writeTestJournal(bundleDir, records(20)),
    run: (bundleDir, lakeDir, disk) => compactRun({ bundleDir, lakeDir, disk }),
    seconds: 20
  },
  'a compaction that adds to a partition': {
    prepare: async (bundleDir, lakeDir) => {
      writeTestJournal(bundleDir, records(19), 10)
      await compactRun({ bundleDir, lakeDir })
      writeTestJournal(bundleDir, records(29), 10)
    },
    run: (bundleDir, lakeDir, disk) => compactRun({ bundleDir, lakeDir, disk }),
    seconds: 29
  },
  'a compaction that replaces what is there': {
    prepare: async (bundleDir, lakeDir) => {
      writeTestJournal(bundleDir, records(20))
      await compactRun({ bundleDir, lakeDir })
    },
    run: (bundleDir, lakeDir, disk) => compactRun({ bundleDir, lakeDir, disk, redo: true }),
    seconds: 20
  },
  'retention of journals': {
    prepare: async (bundleDir, lakeDir) => {
      writeTestJournal(bundleDir, records(20), 10)
      await compactRun({ bundleDir, lakeDir })
    },
    run: (bundleDir, lakeDir, disk) => retain(bundleDir, lakeDir, disk, 0),
    seconds: 20
  }
}

test.each(Object.entries(WORKS))(
  'a fault at any one call of %s is told, loses nothing, and the next try ends it',
  async (name, work) => {
    const start = join(dir, name.replaceAll(' ', '-'))
    await work.prepare(join(start, 'run'), join(start, 'lake'))
    let copies = 0
    const attempt = async (isRefused: (n: number) => boolean, code: 'EIO' | 'ENOSPC') => {
      const place = join(dir, `${name.replaceAll(' ', '-')}-${copies++}`)
      cpSync(start, place, { recursive: true })
      const [bundleDir, lakeDir] = [join(place, 'run'), join(place, 'lake')]
      const faulty = faultyLakeDisk((_call, n) => isRefused(n), code)
      const fault = await work.run(bundleDir, lakeDir, faulty.disk).then(
        () => undefined,
        (error: unknown) => toFailure(error).code
      )
      expect(await storedBytes(bundleDir, lakeDir)).toBe(bytesIn(work.seconds))
      expect(inspectRetired(bundleDir).lost).toEqual([])
      expect(await work.run(bundleDir, lakeDir, hostLakeDisk)).toMatchObject({ faults: [] })
      expect(await storedBytes(bundleDir, lakeDir)).toBe(bytesIn(work.seconds))
      expect(await verifyLake({ lakeDir })).toMatchObject({ ok: true, strangers: [] })
      expect(readdirSync(join(lakeDir, '.work'))).toEqual([])
      rmSync(place, { recursive: true })
      return { fault, faulty }
    }
    const { fault, faulty: sound } = await attempt(() => false, 'EIO')
    expect(fault).toBeUndefined()
    expect(sound.calls.length).toBeGreaterThan(8)
    let told = 0
    for (let n = 0; n < sound.calls.length; n++) {
      for (const code of IS_HARD ? (['EIO', 'ENOSPC'] as const) : ([n % 2 === 0 ? 'EIO' : 'ENOSPC'] as const)) {
        const outcome = await attempt((i) => i === n, code)
        expect(outcome.faulty.refused).toBe(1)
        if (outcome.fault !== undefined) told++
        // Rubbish that stays is no fault: it is removed by whoever comes next.
        else expect(['removeTree', 'remove', 'removeIfEmpty', 'close']).toContain(sound.calls[n])
        if (outcome.fault !== undefined) expect(outcome.fault).toBe(code === 'EIO' ? 'FILE_FAILED' : 'DISK_FULL')
      }
    }
    expect(told).toBeGreaterThan(sound.calls.length / 2)
  },
  900_000
)

test('a fault at any one call while old Parquet goes leaves the whole entry or nothing of it, and the next try ends it', async () => {
  const start = join(dir, 'old')
  const [run, lake] = [join(start, 'run'), join(start, 'lake')]
  writeTestJournal(run, records(20), 10)
  await compactRun({ bundleDir: run, lakeDir: lake })
  await retain(run, lake, hostLakeDisk, 0)
  const attempt = async (n: number): Promise<number> => {
    const place = join(dir, `old-${n}`)
    cpSync(start, place, { recursive: true })
    const [bundleDir, lakeDir] = [join(place, 'run'), join(place, 'lake')]
    const faulty = faultyLakeDisk((_call, i) => i === n, n % 2 === 0 ? 'EIO' : 'ENOSPC')
    await retain(bundleDir, lakeDir, faulty.disk, 800).catch(() => undefined)
    expect((await retain(bundleDir, lakeDir, hostLakeDisk, 800)).faults).toEqual([])
    expect(await verifyLake({ lakeDir })).toMatchObject({ ok: true, strangers: [] })
    expect(readdirSync(lakeDir).filter((name) => name.startsWith('station='))).toEqual([])
    rmSync(place, { recursive: true })
    return faulty.calls.length
  }
  const calls = await attempt(-1)
  for (let n = 0; n < calls; n++) await attempt(n)
  expect(calls).toBeGreaterThan(10)
}, 300_000)
