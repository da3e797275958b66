import { worstState, type DayChoice, type CrashState } from '../../../../shared/api/index.ts'
import { dayBounds } from '../recorded/dayBounds.ts'
import { runsOfDay } from '../recorded/dayRecords.ts'
import { nothingOn, USUAL_ZONE } from '../recorded/openDay.ts'
import { recordedRuns, type StorePlaces } from '../recorded/storedRuns.ts'
import { checkLakeRun, checkRun, type CheckOptions, type RunCheck } from './checkRun.ts'

/** What was found of some runs. Keys as printed. */
export interface RunsChecked {
  readonly ok: boolean
  /** The worst of them. */
  readonly state: CrashState
  readonly date?: string
  readonly time_zone?: string
  readonly runs: readonly RunCheck[]
  /** What cannot be read at all, or not be compared, one sentence each. */
  readonly faults: readonly string[]
}

type VerifyOptions = Omit<CheckOptions, 'span'>

/** Verifies run bundles, one after another. @throws StudioError when a folder is no run bundle */
export async function verifyRecorded(runDirs: readonly string[], options: VerifyOptions): Promise<RunsChecked> {
  const runs: RunCheck[] = []
  for (const runDir of runDirs) runs.push(await checkRun(runDir, options))
  return checked(runs, [])
}

/** Verifies the runs that have something on a day; their events are compared within the day only. @throws StudioError USAGE, BUNDLE_NOT_FOUND */
export async function verifyDay(places: StorePlaces, choice: DayChoice, options: VerifyOptions): Promise<RunsChecked> {
  const found = await recordedRuns(places)
  const timeZone = choice.timeZone ?? USUAL_ZONE
  const runs: RunCheck[] = []
  const ofDay = runsOfDay(found.runs, dayBounds(choice.date, timeZone), choice)
  if (ofDay.length === 0) throw nothingOn(choice.date, timeZone, found)
  for (const { bundleDir, stored, verdict, span } of ofDay)
    runs.push(
      bundleDir === undefined
        ? await checkLakeRun({ run_id: stored.runId, ...verdict }, { ...options, span })
        : await checkRun(bundleDir, { ...options, span })
    )
  return { ...checked(runs, found.faults), date: choice.date, time_zone: timeZone }
}

function checked(runs: readonly RunCheck[], faults: readonly string[]): RunsChecked {
  const state = worstState(runs.map((run) => run.state))
  const all = [...faults, ...runs.flatMap(notCompared)]
  return { ok: runs.every(({ ok }) => ok) && all.length === 0, state, runs, faults: all }
}

/** To compare was asked for, and one of the two sides is not there. */
function notCompared({ run_id: runId, run_dir: runDir, rederived }: RunCheck): string[] {
  if (rederived !== null) return []
  return [
    runDir === null
      ? `The raw bytes of run ${runId} are not there: what the lake has of it cannot be compared with them.`
      : `Nothing of run ${runId} is stored as a journal or in the lake: there is nothing to compare with its raw bytes.`
  ]
}
