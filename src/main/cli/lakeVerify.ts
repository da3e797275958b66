import { Command } from 'commander'
import { verifyLake } from '../engine/lake/index.ts'
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

async function verify(flags: LakeVerifyFlags): Promise<void> {
  const { runId, deep, quiet } = flags
  const verdict = await verifyLake({
    lakeDir: existingLake(lakeDirOf(flags)),
    runId,
    bundleDirs: bundleDirsOf(flags),
    deep: deep === true,
    signal: signalOfProcess()
  })
  if (quiet !== true) process.stdout.write(`${JSON.stringify(verdict)}\n`)
  if (!verdict.ok) process.exitCode = 1
}
