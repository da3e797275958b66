import { Command } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { readAllProofs, verifyLake } from '../engine/lake/index.ts'
import { DATA_DIR_HELP } from './dataDir.ts'
import { bundleDirsOf, existingLake, LAKE_HELP, lakeDirOf, RUN_DIR_HELP, signalOfProcess, type LakeFlags } from './lakeFlags.ts'

interface LakeVerifyFlags extends LakeFlags {
  readonly runId?: string
  readonly deep?: true
  readonly quiet?: true
}

/** `tapedeck lake-verify`: compares the files of a lake with their proofs. Exit 1 when something differs. */
export function lakeVerifyCommand(): Command {
  return new Command('lake-verify')
    .description('compare every Parquet file of the lake with its proof')
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--lake <folder>', LAKE_HELP)
    .option('--run-id <id>', 'only this run')
    .option('--run-dir <folder...>', RUN_DIR_HELP)
    .option('--deep', 'rebuild every event too, compare each hour with its proof, and the whole with what the run recorded')
    .option('--quiet', 'print nothing; the exit code tells')
    .action(verify)
}

function runIdsOf(lakeDir: string): string {
  return (
    readAllProofs(lakeDir)
      .proofs.map(({ run_id }) => run_id)
      .join(', ') || 'no runs'
  )
}

async function verify(flags: LakeVerifyFlags): Promise<void> {
  const { runId, deep, quiet } = flags
  const lakeDir = existingLake(lakeDirOf(flags))
  const verdict = await verifyLake({
    lakeDir,
    runId,
    bundleDirs: bundleDirsOf(flags),
    deep: deep === true,
    signal: signalOfProcess()
  })
  // Nothing to compare is no proof of anything.
  if (runId !== undefined && verdict.runs.length === 0 && verdict.faults.length === 0)
    throw new StudioError('BUNDLE_NOT_FOUND', `The lake has nothing of the run ${runId}; it has ${runIdsOf(lakeDir)}. Lake: ${lakeDir}`)
  if (quiet !== true) process.stdout.write(`${JSON.stringify(verdict)}\n`)
  if (!verdict.ok) process.exitCode = 1
}
