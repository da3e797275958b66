import { Command, InvalidArgumentError, Option } from 'commander'
import { join, resolve } from 'node:path'
import { MAX_SPEED, MIN_SPEED } from '../../shared/api/index.ts'
import { StudioError } from '../../shared/errors.ts'
import { playRun, replayReport } from '../engine/index.ts'
import { dayOptions, dayReportOf, type DayFlags } from './dayFlags.ts'
import { recordedReport, type RecordedPlace } from './recordedReport.ts'

interface ReplayFlags extends DayFlags {
  readonly speed: number
  readonly printFingerprint?: true
  readonly quiet?: true
  readonly recorded?: true
  readonly until?: bigint
}

/** `tapedeck replay`: plays a bundle through the tape and prints what came out as one JSON line. Exit 1 when the recorded fingerprint differs. */
export function replayCommand(): Command {
  return dayOptions(new Command('replay'))
    .description('play a run bundle through the tape and print counts and fingerprint as one JSON line')
    .option('--run-dir <folder>', 'the run bundle')
    .addOption(
      new Option('--speed <x>', `${MIN_SPEED} to ${MAX_SPEED} times the recorded pace, or max`).argParser(speedOf).default(0, 'max')
    )
    .addOption(
      new Option('--from <place>', 'raw: the frame log, through the tape; journal: the events as recorded; lake: the same from Parquet')
        .choices(['raw', 'journal', 'lake'])
        .default('raw')
    )
    .option('--lake <folder>', 'with --from lake: the lake (default: lake/ beside the folder runs/ of the bundle)')
    .option('--until <time>', 'stop there: an instant such as 2026-11-20T15:04:05.5Z; counts and fingerprints are those up to it', untilOf)
    .option('--recorded', 'with --from raw: only what a recorder keeps, and its fingerprint')
    .option('--print-fingerprint', 'print the JSON line (the default; kept for scripts that say so)')
    .option('--quiet', 'print nothing; the exit code tells')
    .addHelpText('after', '\nExit code 1 when the bundle carries a fingerprint and the replay gives another one.')
    .action(runReplay)
}

/** Digits beyond the microsecond count too. @returns ns since the Unix epoch */
function untilOf(text: string): bigint {
  const [, whole, fraction = '', zone] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const ms = Date.parse(`${whole}${zone}`)
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Expected an instant with its offset, such as 2026-11-20T15:04:05.5Z.')
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function speedOf(text: string): number {
  if (text === 'max') return 0
  const speed = Number(text)
  if (!(speed >= MIN_SPEED && speed <= MAX_SPEED))
    throw new InvalidArgumentError(`Expected max, or a number from ${MIN_SPEED} to ${MAX_SPEED}.`)
  return speed
}

async function runReplay(flags: ReplayFlags): Promise<void> {
  const abort = new AbortController()
  const stop = (): void => abort.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    const report = await reportOf(flags, abort.signal)
    if (flags.quiet !== true) process.stdout.write(`${JSON.stringify(report)}\n`)
    if (!report.ok) process.exitCode = 1
  } finally {
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
  }
}

function placeOf({ from, lake, runDir }: ReplayFlags & { readonly runDir: string }): RecordedPlace {
  if (lake !== undefined && from !== 'lake') throw new StudioError('USAGE', '--lake belongs to --from lake.')
  return from === 'lake' ? { from, lakeDir: resolve(lake ?? join(runDir, '..', '..', 'lake')) } : { from }
}

/** Options that would change nothing are refused: whoever gives one expects it to count. */
function refuseStrangers(flags: ReplayFlags): void {
  const { day, station, channels, timeZone, mode, dataDir, recorded, speed } = flags
  const ofDay = { '--station': station, '--channels': channels, '--time-zone': timeZone, '--mode': mode, '--data-dir': dataDir }
  const ofBundle = { '--recorded': recorded, '--speed': speed === 0 ? undefined : speed }
  const stranger = Object.entries(day === undefined ? ofDay : ofBundle).find(([, value]) => value !== undefined)
  if (stranger === undefined) return
  throw new StudioError('USAGE', `${stranger[0]} belongs to ${day === undefined ? '--day' : 'a replay of --run-dir alone'}.`)
}

async function reportOf(flags: ReplayFlags, signal: AbortSignal): Promise<{ readonly ok: boolean }> {
  const { runDir, day, until } = flags
  if (day !== undefined || runDir !== undefined) refuseStrangers(flags)
  if (until !== undefined && flags.speed !== 0) throw new StudioError('USAGE', '--until plays as fast as possible: leave --speed out.')
  if (day !== undefined) return dayReportOf({ ...flags, day }, signal, until)
  if (runDir === undefined) throw new StudioError('USAGE', 'replay needs --run-dir, or --day for a recorded day.')
  const place = placeOf({ ...flags, runDir })
  const untilTime = until === undefined ? {} : { untilTsNs: until }
  if (flags.from !== 'raw' || flags.recorded === true) return recordedReport(runDir, place, { signal, ...untilTime })
  const onProgress = progressLine(flags.quiet !== true)
  if (flags.speed === 0) return replayReport(runDir, { signal, onProgress, ...untilTime })
  return playRun(runDir, { speed: flags.speed, signal, onProgress })
}

/** Progress on a terminal only, so that a script sees nothing but the result. */
function progressLine(wanted: boolean): (share: number) => void {
  if (!wanted || !process.stderr.isTTY) return () => undefined
  let last = -1
  return (share) => {
    const percent = Math.min(100, Math.floor(share * 100))
    if (percent === last) return
    last = percent
    process.stderr.write(`\r${percent} %${percent === 100 ? '\n' : ''}`)
  }
}
