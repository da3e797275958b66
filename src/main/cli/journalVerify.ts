import { Command, Option } from 'commander'
import { lastFrameRelNs, openJournal, type PendingRule } from '../engine/record/index.ts'
import { withBundle } from '../engine/replay/index.ts'

interface VerifyFlags {
  readonly runDir: string
  readonly pending: PendingRule
  readonly quiet?: true
}

/** `tapedeck journal-verify`: reads every byte of a run's journal and prints the verdict as one JSON line. Exit 1 when it is not complete. */
export function journalVerifyCommand(): Command {
  return new Command('journal-verify')
    .description('check the journal of a run, save what a crash left, and say what was lost')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .addOption(
      new Option('--pending <rule>', 'what to do with unfinished segments').choices(['salvage', 'delete', 'leave']).default('salvage')
    )
    .option('--quiet', 'print nothing; the exit code tells')
    .addHelpText('after', '\nExit code 0: complete; 1: something is lost. What the raw bytes give today: tapedeck verify --rederive.')
    .action(verify)
}

async function verify(flags: VerifyFlags): Promise<void> {
  const result = await withBundle(flags.runDir, async (bundle) => {
    const { verdict } = await openJournal(flags.runDir, { pending: flags.pending, rawEndRelNs: lastFrameRelNs(bundle) })
    return { ok: verdict.state === 'ended', run_id: bundle.runId, ...verdict }
  })
  if (flags.quiet !== true) process.stdout.write(`${JSON.stringify(result)}\n`)
  if (!result.ok) process.exitCode = 1
}
