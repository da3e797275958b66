import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testRecords, writeTestJournal } from '../lake/testJournal.ts'
import { Jobs } from './jobs.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-job-'))
  writeTestJournal(join(dir, 'run'), testRecords())
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a journal is compacted in a thread of its own, with progress and counts', async () => {
  const shares: (number | undefined)[] = []
  const jobs = new Jobs((_, share) => shares.push(share))
  const made = await jobs.run({ kind: 'compact', bundleDir: join(dir, 'run'), lakeDir: join(dir, 'lake') })
  expect(made).toMatchObject({ rows: [...testRecords()].length, faults: [], alreadyProved: 0 })
  expect(shares.slice(-2)).toEqual([1, undefined])
})

test('a compaction that is cancelled ends in order and leaves nothing half done', async () => {
  const lakeDir = join(dir, 'lake')
  const jobs: Jobs = new Jobs((_, share) => (share !== undefined && share > 0 ? jobs.cancel() : undefined))
  await expect(jobs.run({ kind: 'compact', bundleDir: join(dir, 'run'), lakeDir })).rejects.toMatchObject({ code: 'ABORTED' })
  expect(readdirSync(lakeDir).filter((name) => name.startsWith('.lock'))).toEqual([])
  expect(readdirSync(join(lakeDir, '.work'))).toEqual([])
})

test('a job that is cancelled the moment it was asked for ends, and the next one runs', async () => {
  const jobs = new Jobs(() => undefined)
  for (let n = 0; n < 3; n++) {
    const report = jobs.run({ kind: 'report', path: join(dir, 'run') })
    jobs.cancel()
    await expect(report).rejects.toMatchObject({ code: 'ABORTED' })
  }
  const made = await jobs.run({ kind: 'compact', bundleDir: join(dir, 'run'), lakeDir: join(dir, 'lake') })
  expect(made).toMatchObject({ faults: [] })
})
