import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { openAtStart, type StartTarget } from '../../shared/openAtStart.ts'
import { createEngine, type Engine } from '../engine/index.ts'
import { startStudioServer, type StudioServer } from '../server/index.ts'
import { appRoot } from './appRoot.ts'
import { DATA_DIR_HELP, dataDirOf } from './dataDir.ts'

interface StudioOptions {
  readonly port: number
  readonly dataDir?: string
  readonly demo?: boolean
  readonly open?: string
}

/** A recording needs this long at most to end in order. */
const DISPOSE_LIMIT_MS = 15_000

/** `tapedeck studio`: browser mode. */
export function studioCommand(): Command {
  return new Command('studio')
    .description(
      'Serves the studio to a web browser on this machine and prints its address. Ctrl-C ends it; a recording under way ends in order.'
    )
    .argument('[bundle]', 'a bundle to open: a folder or an archive, the same as --open')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portOf, 0)
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--demo', 'play the demo bundle')
    .option('--open <path>', 'open a bundle: a folder or an archive')
    .action((bundle: string | undefined, options: StudioOptions) =>
      runStudio({ ...options, ...(bundle !== undefined && { open: bundle }) })
    )
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a number from 0 to 65535.')
  return port
}

async function runStudio(options: StudioOptions): Promise<void> {
  const rendererDir = builtScreen()
  const dataDir = dataDirOf(options.dataDir)
  const demoBundle = join(appRoot(), 'resources', 'demo')
  const hasDemo = existsSync(demoBundle)
  const stopped = stopSignal()
  const engine = createEngine({ dataDir, ...(hasDemo && { demoBundle }) })
  let server: StudioServer | undefined
  try {
    server = await startStudioServer({ engine, rendererDir, dataDir, port: options.port })
    process.stdout.write(`${server.url}\n`)
    const target = {
      ...(options.open !== undefined && { open: resolve(options.open) }),
      ...(options.demo === true && { demo: demoBundle })
    }
    await showTarget(engine, server, target)
    await stopped
  } finally {
    await server?.close()
    await disposed(engine)
  }
}

function builtScreen(): string {
  const dir = join(appRoot(), 'out', 'renderer')
  if (existsSync(join(dir, 'index.html'))) return dir
  throw new StudioError('FILE_FAILED', `The screen is not built yet. Run "npm run build" once, then try again. ${dir}`)
}

/** What cannot be opened is said here and on the screen; the studio stays up, so that something else can be opened. */
async function showTarget(engine: Engine, server: StudioServer, target: StartTarget): Promise<void> {
  const failure = await openAtStart((command) => engine.callUnknown(command), target)
  if (failure === undefined) return
  process.stderr.write(`tapedeck: ${failure.message}\n`)
  server.notify({ kind: 'notice', level: 'error', text: failure.message })
}

/** Settles at the first signal; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    let count = 0
    const stop = (): void => {
      count++
      if (count > 1) process.exit(1)
      done()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  })
}

async function disposed(engine: Engine): Promise<void> {
  const late = setTimeout(() => {
    process.stderr.write('tapedeck: Ending took too long, so the rest was cut off. Opening the recording again repairs it.\n')
    process.exit(1)
  }, DISPOSE_LIMIT_MS)
  await engine.dispose()
  clearTimeout(late)
}
