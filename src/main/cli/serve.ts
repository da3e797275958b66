import { Command, InvalidArgumentError } from 'commander'
import type { RunsVerdict } from '../../shared/api/index.ts'
import { StudioError } from '../../shared/errors.ts'
import { LiveStream, ReplayStream, type StreamSource } from '../engine/index.ts'
import { LiveRun } from '../engine/session/index.ts'
import { startStreamServer } from '../server/index.ts'
import { captureConfigOf, captureOptions, tellNotice, withPracticeFacts, type CaptureFlags } from './capture.ts'
import { dayChoiceOf, dayChoiceOptions, storePlacesOf, type DayChoiceFlags } from './dayFlags.ts'
import { LAKE_HELP } from './lakeFlags.ts'
import { decisionOptions, decisionsOf, type DecisionFlags } from './serveDecisions.ts'

interface ServeFlags extends DayChoiceFlags, DecisionFlags {
  readonly runDir?: readonly string[]
  readonly live?: true
  readonly replay?: true
  readonly lake?: string
  readonly dataDir?: string
  readonly port: number
  readonly host?: string
  readonly allowOrigin?: readonly string[]
}

/** `tapedeck serve`: events of a bundle, of a recorded day, or of a recording under way, for outside programs. Prints JSON lines; ends at a signal. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description(
      'serve events to programs over WebSocket and SSE: of a run bundle (--run-dir), of a recorded day (--day), or of a recording that it starts (--live)'
    )
    .option('--run-dir <folder...>', 'replay this run bundle; with --day: bundles whose journals count')
    .option('--lake <folder>', `with --day: ${LAKE_HELP}`)
    .option('--replay', 'play what --run-dir or --day names; so it is without it too')
    .option('--live', 'record a venue and serve it at once; takes the settings of "capture"')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portOf, 0)
    .option('--host <address>', 'listen on this address and not on 127.0.0.1 only: open to others on purpose')
    .option('--allow-origin <origin...>', 'web pages that may connect, for example https://example.org')
  return captureOptions(dayChoiceOptions(decisionOptions(command))).action((flags: ServeFlags & CaptureFlags) => runServe(flags, flags))
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a number from 0 to 65535.')
  return port
}

async function runServe(flags: ServeFlags, capture: CaptureFlags): Promise<void> {
  const { runDir = [], live, day, replay } = flags
  if (replay !== undefined && live !== undefined) throw new StudioError('USAGE', 'serve plays (--replay) or records (--live), not both.')
  const isRecorded = day !== undefined || runDir.length > 0
  if (isRecorded === (live !== undefined))
    throw new StudioError('USAGE', 'serve needs either --run-dir or --live, or --day for a recorded day.')
  if (flags.strategy.length > 0 && (live !== undefined || day !== undefined))
    throw new StudioError('USAGE', '--strategy belongs to --run-dir alone: strategies run over a bundle.')
  if (live !== undefined) return serveLive(flags, capture)
  const source = day === undefined ? await bundleOf(runDir, flags) : await dayOf({ ...flags, day })
  try {
    await serving(source, flags, stopSignal())
  } finally {
    await source.close()
  }
}

async function bundleOf([runDir = '', ...more]: readonly string[], flags: ServeFlags): Promise<StreamSource> {
  if (more.length > 0) throw new StudioError('USAGE', 'serve plays one bundle; several belong to --day.')
  const alien = (['lake', 'station', 'channels', 'timeZone', 'mode'] as const).find((name) => flags[name] !== undefined)
  if (alien !== undefined) throw new StudioError('USAGE', `--${alien === 'timeZone' ? 'time-zone' : alien} belongs to --day.`)
  return ReplayStream.open(runDir, { onVerdict: tellVerdict, decisionsRelNs: await decisionsOf(runDir, flags) })
}

function tellVerdict(verdict: RunsVerdict): void {
  print({ event: 'verdict', ...verdict })
}

/** What cannot be read is told as it comes to light; the rest plays. */
function dayOf(flags: ServeFlags & { readonly day: string }): Promise<StreamSource> {
  const request = { ...storePlacesOf(flags), choice: dayChoiceOf(flags) }
  return ReplayStream.openDay(request, {
    onFault: (fault) => {
      print({ event: 'fault', fault })
      process.exitCode = 1
    },
    onNote: (note) => print({ event: 'note', note }),
    onVerdict: tellVerdict
  })
}

/** The recording goes on until a signal or its duration, and ends in order. */
async function serveLive(flags: ServeFlags, capture: CaptureFlags): Promise<void> {
  const config = captureConfigOf(await withPracticeFacts(capture))
  let stream: LiveStream | undefined
  const early: Uint8Array[] = []
  const run = new LiveRun({
    config,
    name: config.sourceName ?? config.venue,
    onEvent: tellNotice,
    // The run's facts come another way than its events, so the first of these may wait for them.
    onRecords: (bytes) => (stream === undefined ? void early.push(bytes) : stream.records(bytes)),
    onCapture: (event) => {
      if (event.kind !== 'started') return
      const { venue, synthetic } = config
      stream = new LiveStream({ runId: event.runId, venue, synthetic, originTsNs: event.t0WallNs })
      for (const bytes of early.splice(0)) stream.records(bytes)
      print({ event: 'started', run_id: event.runId, run_dir: event.runDir })
    }
  })
  void stopSignal().then((signal) => run.stop(signal))
  try {
    await run.started
    if (stream !== undefined) await serving(stream, flags, ended(run, stream))
  } finally {
    const { ok, runDir, runId, reason, frames, summary } = await run.stop()
    if (runDir !== '') print({ event: 'recorded', ok, run_dir: runDir, run_id: runId, reason, frames, fingerprint: summary ?? null })
  }
  const { failure } = await run.ended
  if (failure !== undefined) throw new StudioError(failure.code, failure.message)
}

async function ended(run: LiveRun, stream: LiveStream): Promise<void> {
  await run.ended
  stream.ended()
}

async function serving(source: StreamSource, flags: ServeFlags, until: Promise<unknown>): Promise<void> {
  const { host, port, allowOrigin } = flags
  const server = await startStreamServer({
    source,
    port,
    ...(host !== undefined && { host }),
    ...(allowOrigin !== undefined && { origins: allowOrigin })
  })
  const { mode, run_id, day } = source.facts
  print({
    event: 'listening',
    mode,
    run_id,
    ...(day !== undefined && { day }),
    port: server.port,
    ws_url: server.wsUrl,
    sse_url: server.sseUrl,
    token: server.token
  })
  await until
  await server.close()
}

/** Settles at the first signal; a second one ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((done) => {
    let count = 0
    const stop = (signal: NodeJS.Signals): void => {
      count++
      if (count > 1) process.exit(1)
      done(signal)
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  })
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
