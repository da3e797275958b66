import { readFile } from 'node:fs/promises'

import { Command, InvalidArgumentError, Option } from 'commander'

import { StudioError, toFailure } from '../../shared/errors.ts'
import { checkFaultPlan, parseFaultText, startPracticeVenue, type PlannedFault, type PracticeOptions } from '../engine/practice/index.ts'

interface PracticeFlags {
  readonly port: number
  readonly source: 'generator' | 'recorded'
  readonly files?: readonly string[]
  readonly speed: number
  readonly loop?: true
  readonly markets: number
  readonly rate: number
  readonly seed: number
  readonly roundSeconds?: number
  readonly roundMarkets?: number
  readonly venue: 'polymarket' | 'binance' | 'both'
  readonly fault: readonly PlannedFault[]
  readonly weather?: true
  readonly weatherStations?: readonly string[]
  readonly weatherSpeed?: number
  readonly weatherFiles?: readonly string[]
  readonly faultFile?: string
  readonly duration?: number
  readonly verbose?: true
}

/** `tapedeck practice`: runs a practice venue until a signal or `--duration`; prints NDJSON. Exit 0 when it ended well, 1 on failure, 2 on usage. */
export function practiceCommand(): Command {
  return new Command('practice')
    .description('run a loopback venue that speaks the real protocols of Polymarket and Binance spot')
    .option('--port <n>', 'port on 127.0.0.1, 0 for any free one', inRange(0, 65_535), 0)
    .addOption(new Option('--source <kind>', 'where its data comes from').choices(['generator', 'recorded']).default('generator'))
    .option('--files <path...>', 'recorded files, Binance or Polymarket (with --source recorded)')
    .option('--speed <x>', 'recorded: 1 to 100 times the recorded pace', inRange(1, 100), 1)
    .option('--loop', 'recorded: at the end close every connection and start again')
    .option('--markets <n>', 'generator: markets, 1 to 2000', inRange(1, 2000), 20)
    .option('--rate <n>', 'generator: mean messages a second, 0.1 to 100000', inRange(0.1, 100_000), 100)
    .option('--seed <n>', 'generator: equal seeds invent equal markets', inRange(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--round-seconds <n>', 'generator: some markets end and others begin every so many seconds, 2 to 86400', inRange(2, 86_400))
    .option('--round-markets <n>', 'generator: so many do; a tenth of the markets unless told otherwise', inRange(1, 2000))
    .addOption(
      new Option('--venue <name>', 'generator: which protocols have data').choices(['polymarket', 'binance', 'both']).default('both')
    )
    .option('--weather', 'serve airport reports, private stations and forecasts too')
    .option('--weather-stations <id...>', 'airport stations; KLGA, KJFK and KTEB unless told otherwise')
    .option('--weather-speed <x>', 'so many times as fast as the clock does the weather go by, 1 to 10000', inRange(1, 10_000))
    .option('--weather-files <path...>', 'recorded answers of the METAR service; their stations answer from them')
    .addOption(
      new Option('--fault <text>', 'a fault such as drop@5s or silence@10s:ms=3000,connection=2 (repeatable)')
        .argParser(collectFault)
        .default([], 'none')
    )
    .option('--fault-file <path>', 'a JSON array of faults, each with atMs')
    .option('--duration <seconds>', 'end by itself after this long', inRange(0.001, 7 * 86_400))
    .option('--verbose', 'print connections too, not only faults')
    .addHelpText('after', FAULT_HELP)
    .action(runPractice)
}

const FAULT_HELP = `
Faults: drop, silence:ms=, gap:count=, duplicate[:count=], malformed, oversized:bytes=, slowAccept:ms=[,count=],
  http:status=429|500[,count=,retryAfterS=], relist[:remove=,add=], clockSkew:ms=,
  weather:what=empty|late|html|huge|garbage|wrongStation|status[,api=metar|pws|forecast,count=,ms=,status=,retryAfterS=]. The first six take connection=<n>|any, token=<token id or symbol>
  and venue=polymarket|binance. While it runs, POST /practice/fault takes the same as JSON, and GET /practice/state tells all.
`

async function runPractice(flags: PracticeFlags): Promise<void> {
  const venue = await startPracticeVenue(await optionsFrom(flags))
  print({
    event: 'listening',
    port: venue.port,
    http_url: venue.httpUrl,
    gamma_url: venue.gammaUrl,
    clob_url: venue.clobUrl,
    polymarket_ws_url: venue.polymarketWsUrl,
    binance_ws_url: venue.binanceWsUrl,
    binance_rest_url: venue.binanceRestUrl,
    ...(venue.privateStations.length > 0 && { weather_url: venue.weatherUrl, world_pws_stations: venue.privateStations.join(',') })
  })
  const reason = await untilToldToStop(flags.duration)
  await venue.close()
  print({ event: 'stopped', reason, ...venue.stats() })
}

async function optionsFrom(flags: PracticeFlags): Promise<PracticeOptions> {
  const faults = [...flags.fault, ...(flags.faultFile === undefined ? [] : await readPlan(flags.faultFile))]
  return {
    port: flags.port,
    source: sourceFrom(flags),
    ...weatherFrom(flags),
    faults,
    onEvent: (event) => {
      if (flags.verbose || event.event === 'fault' || event.event === 'source_failed' || event.event === 'recording_end') print(event)
    }
  }
}

function sourceFrom(flags: PracticeFlags): PracticeOptions['source'] {
  if (flags.source === 'generator') {
    if (flags.files) throw new StudioError('USAGE', '--files belongs to --source recorded, but the source is the generator.')
    const { seed, markets, rate, venue } = flags
    return { kind: 'generator', seed, markets, messagesPerSecond: rate, venue, ...roundsFrom(flags) }
  }
  if (!flags.files) throw new StudioError('USAGE', '--source recorded needs at least one file after --files.')
  return { kind: 'recorded', files: flags.files, speed: flags.speed, loop: flags.loop ?? false }
}

function roundsFrom({ roundSeconds, roundMarkets, markets }: PracticeFlags): { rounds?: { seconds: number; markets: number } } {
  if (roundSeconds !== undefined) return { rounds: { seconds: roundSeconds, markets: roundMarkets ?? Math.ceil(markets / 10) } }
  if (roundMarkets === undefined) return {}
  throw new StudioError('USAGE', '--round-markets belongs to --round-seconds, which was not given.')
}

function weatherFrom({ weather, weatherStations, weatherSpeed, weatherFiles, seed }: PracticeFlags): Pick<PracticeOptions, 'weather'> {
  const [stray] = Object.entries({ weatherStations, weatherSpeed, weatherFiles }).find(([, value]) => value !== undefined) ?? []
  if (weather !== true && stray !== undefined)
    throw new StudioError('USAGE', `--${stray.replace('weather', 'weather-').toLowerCase()} belongs to --weather, which was not given.`)
  if (weather !== true) return {}
  return {
    weather: {
      seed,
      ...(weatherStations && { stations: weatherStations }),
      ...(weatherSpeed !== undefined && { speed: weatherSpeed }),
      ...(weatherFiles && { files: weatherFiles })
    }
  }
}

async function readPlan(path: string): Promise<PlannedFault[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new StudioError(
      'FILE_FAILED',
      `The fault plan cannot be read (${error instanceof Error ? error.message : String(error)}): ${path}`,
      { cause: error }
    )
  })
  let plan: unknown
  try {
    plan = JSON.parse(text)
  } catch (error) {
    throw new StudioError(
      'CONFIG_INVALID',
      `The fault plan should be a JSON array (${error instanceof Error ? error.message : 'not readable'}): ${path}`,
      { cause: error }
    )
  }
  return checkFaultPlan(plan, path)
}

function untilToldToStop(durationS: number | undefined): Promise<'SIGINT' | 'SIGTERM' | 'duration'> {
  return new Promise((resolve) => {
    const end = (reason: 'SIGINT' | 'SIGTERM' | 'duration'): void => {
      process.off('SIGINT', end)
      process.off('SIGTERM', end)
      clearTimeout(timer)
      resolve(reason)
    }
    const timer = durationS === undefined ? undefined : setTimeout(() => end('duration'), durationS * 1000)
    process.on('SIGINT', end)
    process.on('SIGTERM', end)
  })
}

function inRange(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= low && value <= high) return value
    throw new InvalidArgumentError(`Expected a number from ${low} to ${high}.`)
  }
}

function collectFault(text: string, before: readonly PlannedFault[]): readonly PlannedFault[] {
  try {
    return [...before, parseFaultText(text)]
  } catch (error) {
    throw new InvalidArgumentError(toFailure(error).message)
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
