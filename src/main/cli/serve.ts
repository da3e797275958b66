import { Command, InvalidArgumentError } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { LiveStream, ReplayStream, type StreamSource } from '../engine/index.ts'
import { LiveRun } from '../engine/session/index.ts'
import { startStreamServer } from '../server/index.ts'
import { captureConfigOf, captureOptions, type CaptureFlags } from './capture.ts'

interface ServeFlags {
  readonly runDir?: string
  readonly live?: true
  readonly port: number
  readonly host?: string
  readonly allowOrigin?: readonly string[]
}

/** `tapedeck serve`: events of a bundle, or of a recording under way, for outside programs. Prints JSON lines; ends at a signal. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('serve events to programs over WebSocket and SSE: of a run bundle (--run-dir), or of a recording that it starts (--live)')
    .option('--run-dir <folder>', 'replay this run bundle')
    .option('--live', 'record a venue and serve it at once; takes the settings of "capture"')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portOf, 0)
    .option('--host <address>', 'listen on this address and not on 127.0.0.1 only: open to others on purpose')
    .option('--allow-origin <origin...>', 'web pages that may connect, for example https://example.org')
  return captureOptions(command).action((flags: ServeFlags & CaptureFlags) => runServe(flags))
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a number from 0 to 65535.')
  return port
}

async function runServe(flags: ServeFlags & CaptureFlags): Promise<void> {
  const { runDir, live } = flags
  if ((runDir === undefined) === (live === undefined)) throw new StudioError('USAGE', 'serve needs either --run-dir or --live.')
  if (runDir === undefined) return serveLive(flags)
  const source = await ReplayStream.open(runDir)
  try {
    await serving(source, flags, stopSignal())
  } finally {
    await source.close()
  }
}

/** The recording goes on until a signal or its duration, and ends in order. */
async function serveLive(flags: ServeFlags & CaptureFlags): Promise<void> {
  const config = captureConfigOf(flags)
  let stream: LiveStream | undefined
  const early: Uint8Array[] = []
  const run = new LiveRun({
    config,
    name: config.sourceName ?? config.venue,
    onEvent: () => undefined,
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
    const { ok, runDir, runId, reason, frames, summary, failure } = await run.stop()
    if (runDir !== '') print({ event: 'recorded', ok, run_dir: runDir, run_id: runId, reason, frames, fingerprint: summary ?? null })
    if (failure !== undefined) process.exitCode = 1
  }
}

/** Clients get what was said last before the door closes. */
async function ended(run: LiveRun, stream: LiveStream): Promise<void> {
  await run.ended
  stream.ended()
  await new Promise((resolve) => setTimeout(resolve, 200))
}

async function serving(source: StreamSource, flags: ServeFlags, until: Promise<unknown>): Promise<void> {
  const { host, port, allowOrigin } = flags
  const server = await startStreamServer({
    source,
    port,
    ...(host !== undefined && { host }),
    ...(allowOrigin !== undefined && { origins: allowOrigin })
  })
  const { mode, run_id } = source.facts
  print({ event: 'listening', mode, run_id, port: server.port, ws_url: server.wsUrl, sse_url: server.sseUrl, token: server.token })
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
