import { Command, Option } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { captureConfig } from '../engine/capture/index.ts'
import { openJournal, rebuildJournal, type Keep } from '../engine/record/index.ts'
import { rawRecords, withBundle } from '../engine/replay/index.ts'
import { signalOfProcess } from './lakeFlags.ts'

interface RebuildFlags {
  readonly runDir: string
  readonly keep?: Keep
  readonly quiet?: true
}

/** `tapedeck journal-rebuild`: makes the journal of a run anew from its raw bytes. Prints what it holds as one JSON line. */
export function journalRebuildCommand(): Command {
  return new Command('journal-rebuild')
    .description('make the journal of a run anew from its raw bytes, in place of the one that is there')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .addOption(new Option('--keep <what>', 'which events; left out: as the run was recorded, else light').choices(['light', 'all']))
    .option('--quiet', 'print nothing; the exit code tells')
    .action(rebuild)
}

async function rebuild(flags: RebuildFlags): Promise<void> {
  const signal = signalOfProcess()
  const recorded = await withBundle(flags.runDir, async (bundle) => {
    const { facts } = await openJournal(flags.runDir, { pending: 'leave' })
    const keep = flags.keep ?? facts?.keep ?? bundle.studio?.recorded?.keep ?? 'light'
    const { journalSegmentSeconds: segmentSeconds, journalSegmentBytes: segmentBytes } = captureConfig({})
    const settings = { keep, segmentSeconds, segmentBytes }
    const venue = facts?.venue ?? bundle.studio?.venue ?? 'polymarket'
    const run = { runDir: flags.runDir, runId: bundle.runId, venue, t0WallNs: bundle.t0WallNs }
    const before = bundle.studio?.recorded
    const made = await rebuildJournal(run, settings, rawRecords(bundle, { keep, withHealth: true, signal })).catch((error: unknown) => {
      if (!signal.aborted) throw error
      throw new StudioError('ABORTED', 'Stopped before the end; the journal is as it was.')
    })
    const recordedBefore = before?.keep === keep && before.tape_version === made.tape_version ? before.sha256 : null
    return { ok: recordedBefore === null || recordedBefore === made.sha256, run_id: bundle.runId, ...made, recorded_before: recordedBefore }
  })
  if (flags.quiet !== true) process.stdout.write(`${JSON.stringify(recorded)}\n`)
  if (!recorded.ok) process.exitCode = 1
}
