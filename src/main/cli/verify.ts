import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { verifyDay, verifyRecorded, type RunsChecked } from '../engine/replay/index.ts'
import { DATA_DIR_HELP } from './dataDir.ts'
import { dayChoiceOf, storePlacesOf } from './dayFlags.ts'
import { bundleDirsOf, lakeDirOf, signalOfProcess } from './lakeFlags.ts'

interface VerifyFlags {
  readonly runDir?: readonly string[]
  readonly day?: string
  readonly timeZone?: string
  readonly lake?: string
  readonly dataDir?: string
  readonly rederive?: true
  readonly quiet?: true
}

/** `tapedeck verify`: how runs ended, and whether all that was recorded of them is whole. One JSON line. Exit 1 when something is lost or differs. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('say how runs ended, check every byte of frame log, journal and Parquet, and compare what was recorded with the raw bytes')
    .option('--run-dir <folder...>', 'run bundles; with --day: bundles whose journals count')
    .option('--day <date>', 'the runs of a recorded day, YYYY-MM-DD')
    .option('--time-zone <zone>', 'with --day: whose calendar counts (default: America/New_York)')
    .option(
      '--lake <folder>',
      'the lake (default: that of the data folder; with --run-dir alone: lake/ beside the folder runs/ of the bundle)'
    )
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--rederive', 'compare every recorded event, in journal or Parquet, with what the raw bytes give today')
    .option('--quiet', 'print nothing; the exit code tells')
    .addHelpText('after', '\nExit code 0: complete and, with --rederive, equal; 1: something is lost, cannot be trusted, or differs.')
    .action(verify)
}

async function verify(flags: VerifyFlags): Promise<void> {
  const result = await checked(flags, signalOfProcess())
  if (flags.quiet !== true) process.stdout.write(`${JSON.stringify(result)}\n`)
  if (!result.ok) process.exitCode = 1
}

async function checked(flags: VerifyFlags, signal: AbortSignal): Promise<RunsChecked> {
  const { day, runDir, timeZone } = flags
  const rederive = flags.rederive === true
  if (day !== undefined) {
    const places = storePlacesOf(flags)
    return verifyDay(places, dayChoiceOf({ ...flags, day }), { lakeDir: places.lakeDir, rederive, signal })
  }
  if (runDir === undefined) throw new StudioError('USAGE', 'verify needs --run-dir, or --day for the runs of a recorded day.')
  if (timeZone !== undefined) throw new StudioError('USAGE', '--time-zone belongs to --day.')
  const dirs = bundleDirsOf({ runDir })
  return verifyRecorded(dirs, { lakeDir: lakeOf(flags, dirs[0]!), rederive, signal })
}

function lakeOf({ lake, dataDir }: VerifyFlags, runDir: string): string | undefined {
  if (lake === undefined && dataDir === undefined) return join(runDir, '..', '..', 'lake')
  const lakeDir = lakeDirOf({ ...(lake !== undefined && { lake }), ...(dataDir !== undefined && { dataDir }) })
  if (lake !== undefined && !existsSync(lakeDir)) throw new StudioError('BUNDLE_NOT_FOUND', `There is no lake at this place: ${lakeDir}`)
  return lakeDir
}
