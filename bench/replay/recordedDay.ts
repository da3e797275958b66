import { existsSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { openBundle } from '../../src/main/engine/bundle/index.ts'
import { compactRun } from '../../src/main/engine/lake/index.ts'
import { rebuildJournal } from '../../src/main/engine/record/index.ts'
import type { DayRequest } from '../../src/main/engine/replay/index.ts'
import { rawRecords } from '../../src/main/engine/replay/index.ts'
import { inWorkFolder } from '../workFolder.ts'

/** The zone in which the generated run lies in one calendar day, but for its first quarter of an hour. */
const DAY = { date: '2030-03-18', timeZone: 'Asia/Dhaka' } as const

/** What a light recorder keeps of a generated run, in the Parquet of a lake of its own; made when it is not there yet. */
export async function recordedDay(runDir: string, say: (line: string) => void): Promise<DayRequest> {
  const lakeDir = inWorkFolder(`lake-of-${basename(runDir)}`)
  if (!existsSync(lakeDir)) {
    say(`making ${basename(lakeDir)} (once)`)
    const partial = `${lakeDir}.partial`
    for (const path of [partial, join(runDir, 'journal')]) rmSync(path, { recursive: true, force: true })
    const bundle = await openBundle(runDir)
    const run = { runDir, runId: bundle.runId, venue: 'polymarket', t0WallNs: bundle.t0WallNs } as const
    const settings = { keep: 'light', segmentSeconds: 900, segmentBytes: 1 << 28, ringMinutes: 5 } as const
    await rebuildJournal(run, settings, rawRecords(bundle, { keep: 'light' }))
    bundle.close()
    await compactRun({ bundleDir: runDir, lakeDir: partial })
    renameSync(partial, lakeDir)
  }
  return { lakeDir, bundleDirs: [], choice: DAY }
}
