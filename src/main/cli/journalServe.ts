import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { startLakeServer } from '../server/index.ts'
import { signalOfProcess } from './lakeFlags.ts'

interface JournalServeFlags {
  readonly runDir: string
  readonly port: number
  readonly host?: string
  readonly allowOrigin?: readonly string[]
}

/** `tapedeck journal-serve`: manifests and segments of a journal over HTTP. Prints the address; ends at a signal. */
export function journalServeCommand(): Command {
  return new Command('journal-serve')
    .description('serve the manifests and segments of a run’s journal over HTTP')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portOf, 0)
    .option('--host <address>', 'listen on this address and not on 127.0.0.1 only: open to others on purpose')
    .option('--allow-origin <origin...>', 'web pages that may read, for example https://example.org, or "*"')
    .action(serve)
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a number from 0 to 65535.')
  return port
}

async function serve({ runDir, port, host, allowOrigin }: JournalServeFlags): Promise<void> {
  const bundleDir = resolve(runDir)
  if (!existsSync(join(bundleDir, 'journal')))
    throw new StudioError('BUNDLE_NOT_FOUND', `This run bundle has no journal to serve. Folder: ${bundleDir}`)
  const signal = signalOfProcess()
  const server = await startLakeServer({
    bundleDir,
    port,
    ...(host !== undefined && { host }),
    ...(allowOrigin !== undefined && { origins: allowOrigin })
  })
  process.stdout.write(`${server.url}\n`)
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
  await server.close()
}
