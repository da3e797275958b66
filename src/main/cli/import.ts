import { basename, join, resolve } from 'node:path'
import { Command } from 'commander'
import { importRecording } from '../engine/index.ts'
import { StudioError } from '../../shared/errors.ts'
import { DATA_DIR_HELP, dataDirOf } from './dataDir.ts'
import { signalOfProcess } from './lakeFlags.ts'

interface ImportFlags {
  readonly dataDir?: string
  readonly runId?: string
  readonly out?: string
}

/** `tapedeck import`: turns raw recordings of other tools into a run bundle. */
export function importCommand(): Command {
  return new Command('import')
    .description('turn raw recordings (Binance "<ns> <json>" lines, Polymarket one frame a line; gzip or plain) into a run bundle')
    .argument('<files...>', 'one recording; several files are parts of it, in order')
    .option('--run-id <id>', 'name of the run (default: that of the first file)')
    .option('--out <folder>', 'the bundle’s folder (default: <data-dir>/runs/<run-id>)')
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .action(runImport)
}

async function runImport(files: readonly string[], flags: ImportFlags): Promise<void> {
  const first = files[0]
  if (first === undefined) throw new StudioError('USAGE', 'Name at least one file to import.')
  const runId =
    flags.runId ??
    basename(first)
      .replace(/\.(gz|ndjson|json)$/g, '')
      .replace(/[^A-Za-z0-9._-]/g, '_')
  const dir = resolve(flags.out ?? join(dataDirOf(flags.dataDir), 'runs', runId))
  const progress = progressLine()
  const { venue, frames, fingerprint } = await importRecording({
    files,
    dir,
    runId,
    signal: signalOfProcess(),
    onProgress: progress.tell
  }).finally(progress.end)
  process.stdout.write(`${JSON.stringify({ ok: true, run_dir: dir, run_id: runId, venue, frames, fingerprint })}\n`)
}

/** One line that is written over, for who looks on. */
function progressLine(): { tell(messages: number): void; end(): void } {
  let told = false
  return {
    tell(messages) {
      if (!process.stderr.isTTY) return
      told = true
      process.stderr.write(`\r${messages} messages`)
    },
    end() {
      if (told) process.stderr.write('\n')
    }
  }
}
