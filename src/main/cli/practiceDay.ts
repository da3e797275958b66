import { Command, InvalidArgumentError } from 'commander'
import { captureConfig } from '../engine/capture/index.ts'
import { startFastDay } from '../engine/practice/index.ts'
import { recordRun } from './capture.ts'
import { DATA_DIR_HELP, dataDirOf } from './dataDir.ts'

interface DayFlags {
  readonly dataDir?: string
  readonly runId?: string
  readonly hours: number
  readonly speed: number
  readonly markets: number
  readonly rate: number
  readonly seed: number
  readonly start?: number
  readonly stations?: readonly string[]
  readonly weatherFiles?: readonly string[]
  readonly keepAll?: true
  readonly verbose?: true
}

/** `tapedeck practice-day`: records an invented day of markets and weather in minutes. Prints what `capture` prints. */
export function practiceDayCommand(): Command {
  return new Command('practice-day')
    .description('record an invented day of markets and weather in minutes, by a clock that goes faster')
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--run-id <name>', 'name of the run')
    .option('--hours <n>', 'how long the day is, 0.1 to 72', inRange(0.1, 72), 24)
    .option('--speed <x>', 'so many times as fast as the clock does the day go by, 1 to 10000', inRange(1, 10_000), 240)
    .option('--markets <n>', 'markets, 1 to 2000', inRange(1, 2000), 20)
    .option('--rate <n>', 'mean messages a second of the day, 0.1 to 1000', inRange(0.1, 1000), 2)
    .option('--seed <n>', 'equal seeds invent equal markets', inRange(0, Number.MAX_SAFE_INTEGER), 1)
    .option(
      '--start <instant>',
      'what the clock shows at the start; default 2026-07-20T04:00Z, or five minutes before the first recorded report',
      instant
    )
    .option('--stations <id...>', 'airport stations with invented weather; default KLGA, none beside recorded ones')
    .option('--weather-files <path...>', 'recorded answers of the METAR service: their stations report as they did, when they did')
    .option('--keep-all', 'the journal keeps every event, not only those of event windows')
    .option('--verbose', 'print heartbeats and connection states too')
    .addHelpText('after', '\nThe bundle says that it is synthetic.')
    .action(recordDay)
}

async function recordDay(flags: DayFlags): Promise<void> {
  const { hours, speed, markets, rate, seed, start, weatherFiles = [], runId } = flags
  const stations = flags.stations ?? (weatherFiles.length > 0 ? [] : ['KLGA'])
  const startWallMs = start === undefined ? {} : { startWallMs: start }
  const day = { hours, speed: Math.round(speed), markets, messagesPerSecond: rate, seed, ...startWallMs, stations, weatherFiles }
  const { venue, clock, settings, pwsKey } = await startFastDay(day)
  try {
    const config = captureConfig({
      ...settings,
      dataDir: dataDirOf(flags.dataDir),
      journalKeep: flags.keepAll === true ? 'all' : 'light',
      ...(runId !== undefined && { runId })
    })
    await recordRun({ config, fastClock: clock, secrets: { pwsKey }, verbose: flags.verbose === true })
  } finally {
    await venue.close()
  }
}

function instant(text: string): number {
  const ms = Date.parse(text)
  if (Number.isFinite(ms) && ms > 0) return ms
  throw new InvalidArgumentError('Expected an instant such as 2026-07-20T04:00Z.')
}

function inRange(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= low && value <= high) return value
    throw new InvalidArgumentError(`Expected a number from ${low} to ${high}.`)
  }
}
