import { Command, Option } from 'commander'
import { CHANNELS, type ChannelName } from '../../shared/channels/index.ts'
import {
  compareRecords,
  JournalReader,
  lastFrameRelNs,
  openJournal,
  type Journal,
  type PendingRule,
  type ReadProblem
} from '../engine/record/index.ts'
import { rawRecords, withBundle } from './rawRecords.ts'

interface VerifyFlags {
  readonly runDir: string
  readonly pending: PendingRule
  readonly rederive?: true
  readonly quiet?: true
}

const DERIVED: ReadonlySet<ChannelName> = new Set(CHANNELS.map(({ name }) => name).filter((name) => name !== 'health'))

/** `tapedeck journal-verify`: reads every byte of a run's journal and prints the verdict as one JSON line. Exit 1 when it is not complete. */
export function journalVerifyCommand(): Command {
  return new Command('journal-verify')
    .description('check the journal of a run, save what a crash left, and say what was lost')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .addOption(
      new Option('--pending <rule>', 'what to do with unfinished segments').choices(['salvage', 'delete', 'leave']).default('salvage')
    )
    .option('--rederive', 'compare every event with what the raw bytes give today')
    .option('--quiet', 'print nothing; the exit code tells')
    .addHelpText('after', '\nExit code 0: complete and, with --rederive, equal; 1: something is lost, or differs.')
    .action(verify)
}

async function verify(flags: VerifyFlags): Promise<void> {
  const result = await withBundle(flags.runDir, async (bundle) => {
    const journal = await openJournal(flags.runDir, { pending: flags.pending, rawEndRelNs: lastFrameRelNs(bundle) })
    const problems: ReadProblem[] = []
    const keep = journal.facts?.keep ?? bundle.studio?.recorded?.keep ?? 'light'
    const rederived =
      flags.rederive === true && journal.verdict.state !== 'none'
        ? await compareRecords(batchesOf(journal, problems), rawRecords(bundle, { keep }))
        : undefined
    const isEqual = rederived === undefined || (Object.keys(rederived.counts).length === 0 && problems.length === 0)
    const { same, counts, differences } = rederived ?? {}
    return {
      ok: journal.verdict.state === 'ended' && isEqual,
      run_id: bundle.runId,
      ...journal.verdict,
      ...(rederived === undefined ? {} : { rederived: { equal: isEqual, same, counts, differences, problems } })
    }
  })
  if (flags.quiet !== true) process.stdout.write(`${JSON.stringify(result)}\n`)
  if (!result.ok) process.exitCode = 1
}

/** Everything but `health`, which no raw bytes give. */
async function* batchesOf(journal: Journal, problems: ReadProblem[]): AsyncGenerator<Uint8Array> {
  const reader = new JournalReader(journal, { channels: DERIVED })
  yield* reader.batches()
  problems.push(...reader.problems)
}
