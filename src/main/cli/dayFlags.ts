import { Option, type Command } from 'commander'
import type { DayChoice, DayMode } from '../../shared/api/index.ts'
import { dayReport, type DayReport, type StorePlaces } from '../engine/index.ts'
import { DATA_DIR_HELP } from './dataDir.ts'
import { bundleDirsOf, existingLake, lakeDirOf } from './lakeFlags.ts'

export interface DayPlaceFlags {
  readonly lake?: string
  readonly dataDir?: string
  readonly runDir?: string
}

export interface DayChoiceFlags {
  readonly day?: string
  readonly station?: readonly string[]
  readonly channels?: readonly string[]
  readonly timeZone?: string
  readonly mode?: DayMode
}

export interface DayFlags extends DayPlaceFlags, DayChoiceFlags {
  readonly from: 'raw' | 'journal' | 'lake'
}

/** Options of a replay over a recorded day. */
export function dayOptions(command: Command): Command {
  return dayChoiceOptions(command).option('--data-dir <folder>', `with --day: ${DATA_DIR_HELP}`)
}

/** Which day, and what of it. */
export function dayChoiceOptions(command: Command): Command {
  return command
    .option('--day <date>', 'a recorded day, YYYY-MM-DD, of the lake and of the journals of the data folder')
    .option('--station <names>', 'with --day: weather stations and venues, separated by commas (default: all)', listOf)
    .option('--channels <names>', 'with --day: channels, separated by commas (default: all)', listOf)
    .option('--time-zone <zone>', 'with --day: whose calendar counts (default: that of the station, else America/New_York)')
    .addOption(new Option('--mode <mode>', 'with --day: light leaves changes of books out').choices(['light', 'raw']))
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** A lake that is named stands alone, unless bundles are named too. */
export function storePlacesOf({
  lake,
  dataDir,
  runDir
}: Omit<DayPlaceFlags, 'runDir'> & { readonly runDir?: string | readonly string[] }): StorePlaces {
  const bundleDirs = lake !== undefined && runDir === undefined && dataDir === undefined ? [] : bundleDirsOf(placesOf({ dataDir, runDir }))
  const lakeDir = lakeDirOf({ ...(lake !== undefined && { lake }), ...(dataDir !== undefined && { dataDir }) })
  return { lakeDir: lake === undefined ? lakeDir : existingLake(lakeDir), bundleDirs }
}

function placesOf({ dataDir, runDir }: { dataDir: string | undefined; runDir: string | readonly string[] | undefined }) {
  return { ...(dataDir !== undefined && { dataDir }), ...(runDir !== undefined && { runDir: [runDir].flat() }) }
}

export function dayChoiceOf({ day, station, channels, timeZone, mode }: DayChoiceFlags & { readonly day: string }): DayChoice {
  return {
    date: day,
    ...(station !== undefined && { stations: station }),
    ...(channels !== undefined && { channels }),
    ...(timeZone !== undefined && { timeZone }),
    ...(mode !== undefined && { mode })
  }
}

/** What a recorded day holds, from where the flags say. */
export function dayReportOf(flags: DayFlags & { readonly day: string }, signal: AbortSignal, untilTsNs?: bigint): Promise<DayReport> {
  const places = storePlacesOf(flags)
  const request = {
    lakeDir: places.lakeDir,
    bundleDirs: flags.from === 'lake' ? [] : places.bundleDirs,
    prefer: flags.from === 'journal' ? 'journal' : 'parquet',
    choice: dayChoiceOf(flags),
    signal
  } as const
  return dayReport(request, untilTsNs)
}
