import { basename, join, resolve } from 'node:path'
import { Command } from 'commander'
import { detectRecording, importBinance, importPolymarket, sealRun } from '../engine/index.ts'
import { StudioError } from '../../shared/errors.ts'
import { DATA_DIR_HELP, dataDirOf } from './dataDir.ts'

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
  const kind = await detectRecording(first)
  const result = await (kind === 'binance' ? importBinance : importPolymarket)({ files, dir, runId })
  const fingerprint = await sealRun(dir)
  process.stdout.write(`${JSON.stringify({ ok: true, run_dir: dir, run_id: runId, venue: kind, frames: result.frames, fingerprint })}\n`)
}
