import { Command, Option } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { CAPTURE_SETTINGS, captureConfigFromText, type CaptureConfig, type CaptureSetting } from '../engine/capture/index.ts'
import { askPractice, LiveRun, type LiveResult, type LiveRunOptions } from '../engine/session/index.ts'
import { DATA_DIR_HELP, dataDirOf } from './dataDir.ts'

export type CaptureFlags = Readonly<Record<string, string | boolean | undefined>>

/** `tapedeck capture`: records a venue until a signal or the duration. Prints one JSON line at the start and one at the end; exit 1 on failure, 2 on usage. */
export function captureCommand(): Command {
  const command = new Command('capture')
    .description('record a venue into a run bundle, byte for byte, until Ctrl+C or --duration-seconds')
    .option('--verbose', 'print heartbeats and connection states too')
  return captureOptions(command).action(runCapture)
}

async function runCapture(flags: CaptureFlags): Promise<void> {
  await recordRun({ config: captureConfigOf(await withPracticeFacts(flags)), verbose: flags['verbose'] === true })
}

export type RecordRun = Pick<LiveRunOptions, 'config' | 'secrets' | 'fastClock'> & { readonly verbose: boolean }

/** Records until a signal or the duration, and prints how it began and ended. Sets the exit code. @throws StudioError when the run failed */
export async function recordRun({ verbose, ...recorded }: RecordRun): Promise<void> {
  const { config } = recorded
  const run = new LiveRun({
    ...recorded,
    name: config.sourceName ?? config.venue,
    onEvent: tellNotice,
    onCapture: (event) => {
      if (event.kind === 'started') print({ event: 'started', run_id: event.runId, run_dir: event.runDir })
      if (verbose && event.kind === 'heartbeat') process.stdout.write(`${event.json}\n`)
      if (verbose && event.kind === 'shardState')
        print({ event: 'shard_state', shard: event.shard, state: event.state, detail: event.detail })
    }
  })
  const stop = (signal: NodeJS.Signals): void => void run.stop(signal)
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const result = await run.ended
  process.removeListener('SIGINT', stop)
  process.removeListener('SIGTERM', stop)
  tellEnd(result)
}

/** What a recording has to say while it runs, such as a journal that cannot keep up. What ends it is told at its end. */
export function tellNotice(event: Parameters<LiveRunOptions['onEvent']>[0]): void {
  if (event.kind === 'notice' && event.level !== 'error') process.stderr.write(`${event.text}\n`)
}

function tellEnd({ ok, runDir, runId, reason, frames, bytes, summary, recorded, failure }: LiveResult): void {
  if (runDir !== '')
    print({ ok, run_dir: runDir, run_id: runId, reason, frames, bytes, fingerprint: summary ?? null, recorded: recorded ?? null })
  if (failure === undefined && reason === 'duration' && summary?.counts['instrument'] === 0)
    throw new StudioError(
      'VENUE_UNREACHABLE',
      'The time was up before the venue had named a single instrument: nothing was recorded. Check the network and the addresses, or give it more time.'
    )
  if (failure !== undefined) throw new StudioError(failure.code, failure.message)
  if (!ok) process.exitCode = 1
}

/** A practice venue knows whether it plays a recording of a real market or invents one; flags that are given hold. */
export async function withPracticeFacts(flags: CaptureFlags): Promise<CaptureFlags> {
  const { practice } = flags
  if (typeof practice !== 'string') return flags
  practiceFlags(practice)
  const { name, synthetic } = await askPractice(practice, String(flags['venue'] ?? 'polymarket'))
  return { sourceName: name, synthetic, ...flags }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Adds every capture setting as a kebab-case flag, and `--practice <url>`, to a command. */
export function captureOptions(command: Command): Command {
  for (const setting of CAPTURE_SETTINGS) for (const option of optionsOf(setting)) command.addOption(option)
  return command
    .option('--practice <url>', 'record a practice venue at this address (http://127.0.0.1:port)')
    .addHelpText('after', '\nEnvironment variables PM_DATA_<SETTING> (for example PM_DATA_WS_SHARDS) override flags.')
}

/**
 * Settings of a run from flags and environment.
 * @throws StudioError CONFIG_INVALID with a sentence that names setting, value and what is allowed
 */
export function captureConfigOf(flags: CaptureFlags, environment: NodeJS.ProcessEnv = process.env): CaptureConfig {
  const given: Record<string, string | undefined> = { ...practiceFlags(flags['practice']) }
  for (const { key } of CAPTURE_SETTINGS) if (flags[key] !== undefined) given[key] = String(flags[key])
  if (given['dataDir'] === undefined) given['dataDir'] = dataDirOf(undefined, environment)
  return captureConfigFromText(given, environment)
}

function optionsOf(setting: CaptureSetting): Option[] {
  const { key, flag, noFlag, kind, allowed, meaning, defaultValue } = setting
  if (key === 'dataDir') return [new Option(`${flag} <value>`, DATA_DIR_HELP)]
  const text = `${meaning.replaceAll('`', '')} Default: ${Array.isArray(defaultValue) ? defaultValue.join(',') || 'empty' : String(defaultValue ?? 'none')}`
  if (kind !== 'boolean') return [new Option(`${flag} <value>`, `${text}; allowed: ${allowed.replaceAll('`', '')}`)]
  // The plain form comes first: only then does leaving both out mean that neither was said.
  return [new Option(flag, text), new Option(noFlag ?? '', `the opposite of ${flag}`)]
}

/** The practice venue answers every protocol on one port. */
function practiceFlags(address: string | boolean | undefined): Record<string, string> {
  if (typeof address !== 'string') return {}
  if (!/^http:\/\/[^/]+\/?$/.test(address))
    throw new StudioError('CONFIG_INVALID', `--practice is "${address}", but an address such as http://127.0.0.1:8080 is expected.`)
  const http = address.replace(/\/$/, '')
  const ws = http.replace(/^http/, 'ws')
  return {
    gammaBaseUrl: http,
    clobBaseUrl: http,
    clobWsUrl: `${ws}/ws/market`,
    binanceRestUrl: http,
    binanceWsUrl: ws,
    worldMetarBaseUrl: http,
    worldPwsBaseUrl: http,
    worldForecastBaseUrl: http,
    synthetic: 'true',
    sourceName: 'Practice venue'
  }
}
