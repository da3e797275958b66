import { Command, InvalidArgumentError } from 'commander'
import { DEFAULT_POLICY, MIN_PARQUET_MONTHS, runRetention, type RetentionItem, type RetentionPolicy } from '../engine/lake/index.ts'
import { DATA_DIR_HELP } from './dataDir.ts'
import {
  bundleDirsOf,
  byteCount,
  channelName,
  channelNames,
  existingLake,
  LAKE_HELP,
  lakeDirOf,
  positive,
  RUN_DIR_HELP,
  signalOfProcess,
  type LakeFlags
} from './lakeFlags.ts'

interface RetentionFlags extends LakeFlags {
  readonly journalDays: number
  readonly channelDays?: Readonly<Record<string, number>>
  readonly parquetMonths: number | 'never'
  readonly keep?: readonly string[]
  readonly maxBytes?: number
  readonly minFree?: number
  readonly apply?: true
}

/** `tapedeck retention`: deletes journals whose copy is proved, and old Parquet. Says only what it would do unless told otherwise. */
export function retentionCommand(): Command {
  return new Command('retention')
    .description('delete journals that are proved to be in the lake, and old Parquet; without --apply it only says what would go')
    .option('--apply', 'delete')
    .option('--run-dir <folder...>', RUN_DIR_HELP)
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--lake <folder>', LAKE_HELP)
    .option('--journal-days <days>', 'days after which a proved journal goes', positive, DEFAULT_POLICY.journalDays)
    .option('--channel-days <channel=days...>', 'the same for single channels', channelDays)
    .option('--parquet-months <months>', `months after which Parquet goes, at least ${MIN_PARQUET_MONTHS}, or "never"`, months, 24)
    .option(
      '--keep <channel...>',
      `channels of which nothing ever goes, or "none" (default: ${DEFAULT_POLICY.keepForever.join(', ')})`,
      keptChannels
    )
    .option('--max-bytes <bytes>', 'what journals and lake may take together, for example 500G: older proved journals go early', byteCount)
    .option('--min-free <bytes>', 'what is to be free on the disk, the same way', byteCount)
    .addHelpText('after', '\nNever goes: a frame log, a segment that is being written, one that is not proved or whose copy has changed.')
    .action(retain)
}

function months(text: string): number | 'never' {
  if (text === 'never') return text
  const value = Number(text)
  if (!Number.isFinite(value) || value < MIN_PARQUET_MONTHS)
    throw new InvalidArgumentError(`Expected a number of at least ${MIN_PARQUET_MONTHS}, or "never".`)
  return value
}

async function retain(flags: RetentionFlags): Promise<void> {
  const lakeDir = lakeDirOf(flags)
  const result = await runRetention({
    lakeDir: flags.lake === undefined ? lakeDir : existingLake(lakeDir),
    bundleDirs: bundleDirsOf(flags),
    policy: policyOf(flags),
    apply: flags.apply === true,
    signal: signalOfProcess()
  })
  for (const item of result.items) process.stdout.write(`${JSON.stringify(lineOf(item, result.applied))}\n`)
  const { applied, deletedBytes, remainingBytes, freeBytes, hoursLeft, faults } = result
  const sum = {
    ok: faults.length === 0,
    applied,
    deleted_bytes: deletedBytes,
    remaining_bytes: remainingBytes,
    free_bytes: freeBytes,
    hours_left: hoursLeft ?? null,
    faults
  }
  process.stdout.write(`${JSON.stringify(sum)}\n`)
  if (!sum.ok) process.exitCode = 1
}

function policyOf(flags: RetentionFlags): RetentionPolicy {
  return {
    ...DEFAULT_POLICY,
    journalDays: flags.journalDays,
    journalDaysByChannel: flags.channelDays ?? {},
    parquetMonths: flags.parquetMonths === 'never' ? undefined : flags.parquetMonths,
    keepForever: flags.keep ?? DEFAULT_POLICY.keepForever,
    maxBytes: flags.maxBytes,
    minFreeBytes: flags.minFree
  }
}

function keptChannels(text: string, before: readonly string[] | undefined): readonly string[] {
  return text === 'none' ? (before ?? []) : channelNames(text, before)
}

function channelDays(text: string, before: Readonly<Record<string, number>> | undefined): Readonly<Record<string, number>> {
  const match = /^(\w+)=(.+)$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected a channel and days, for example tape_trades=30.')
  return { ...before, [channelName(match[1]!)]: positive(match[2]!) }
}

function lineOf({ kind, runId, channel, date, path, bytes, verdict }: RetentionItem, applied: boolean): object {
  const action = verdict.kind === 'keep' ? 'keep' : applied ? 'deleted' : 'would delete'
  return { action, why: verdict.why, kind, run_id: runId, ch: channel, date, path, bytes }
}
