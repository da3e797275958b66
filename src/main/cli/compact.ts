import { setTimeout as wait } from 'node:timers/promises'
import { Command } from 'commander'
import { lossesOnly } from '../../shared/api/index.ts'
import { StudioError, toFailure } from '../../shared/errors.ts'
import { compactRun } from '../engine/lake/index.ts'
import { DATA_DIR_HELP } from './dataDir.ts'
import { bundleDirsOf, channelNames, LAKE_HELP, lakeDirOf, positive, RUN_DIR_HELP, signalOfProcess, type LakeFlags } from './lakeFlags.ts'

interface CompactFlags extends LakeFlags {
  readonly channel?: readonly string[]
  readonly redo?: true
  readonly every?: number
}

/** `tapedeck compact`: brings journals into the lake, proved. One JSON line a run. Exit 1 when something could not be compacted. */
export function compactCommand(): Command {
  return new Command('compact')
    .description('turn the journals of run bundles into Parquet, and prove that it holds the same events')
    .option('--run-dir <folder...>', RUN_DIR_HELP)
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--lake <folder>', LAKE_HELP)
    .option('--channel <name...>', 'only these channels', channelNames)
    .option('--redo', 'compact again what is in the lake already, where its journal is still there')
    .option('--every <minutes>', 'go on: compact what is new every so many minutes, until a signal', positive)
    .addHelpText(
      'after',
      '\nClosed segments only; what a crash left of a journal is saved first. Can be run at any time, also while a run is being recorded.'
    )
    .action(compact)
}

async function compact(flags: CompactFlags): Promise<void> {
  const signal = signalOfProcess()
  for (;;) {
    await compactAll(flags, signal)
    if (flags.every === undefined) return
    await wait(flags.every * 60_000, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
  }
}

async function compactAll(flags: CompactFlags, signal: AbortSignal): Promise<void> {
  const bundles = bundleDirsOf(flags)
  if (bundles.length === 0 && flags.every === undefined)
    throw new StudioError('USAGE', 'There is no run bundle with a journal. Name one with --run-dir, or the data folder with --data-dir.')
  for (const bundleDir of bundles) {
    const line = await compactOne(bundleDir, flags, signal)
    process.stdout.write(`${JSON.stringify(line)}\n`)
    if (!line.ok) process.exitCode = 1
  }
}

async function compactOne(
  bundleDir: string,
  flags: CompactFlags,
  signal: AbortSignal
): Promise<{ readonly ok: boolean } & Readonly<Record<string, unknown>>> {
  try {
    const lakeDir = lakeDirOf(flags)
    const { runId, verdict, compacted, alreadyProved, repaired, faults } = await compactRun({
      bundleDir,
      lakeDir,
      channels: flags.channel,
      redo: flags.redo === true,
      signal
    })
    const entries = compacted.map(({ channel, date, segments, rows, parts, parquetBytes, journalBytes, booksChecked, derivedChecked }) => ({
      ch: channel,
      date,
      segments,
      rows,
      parts,
      parquet_bytes: parquetBytes,
      journal_bytes: journalBytes,
      books_checked: booksChecked,
      derived_checked: derivedChecked
    }))
    const rows = entries.reduce((sum, entry) => sum + entry.rows, 0)
    return {
      ok: faults.length === 0,
      run_dir: bundleDir,
      run_id: runId,
      lake: lakeDir,
      verdict: lossesOnly(verdict),
      rows,
      already_proved: alreadyProved,
      repaired,
      compacted: entries,
      faults
    }
  } catch (error) {
    const { code, message } = toFailure(error)
    // With one run that cannot be compacted, the others still can. A cancel, a full disk or a lake in use ends it all.
    if (['ABORTED', 'DISK_FULL', 'BUSY'].includes(code) || flags.runDir?.length === 1) throw error
    return {
      ok: false,
      run_dir: bundleDir,
      faults: [message]
    }
  }
}
