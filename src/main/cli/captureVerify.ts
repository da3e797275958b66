import { Command } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { verifyReport, verifyRun, verifyShard, type VerifyReport } from '../engine/bundle/index.ts'
import { asUsage } from './inspection.ts'

interface VerifyFlags {
  readonly runDir?: string
  readonly frames?: string
  readonly idx?: string
  readonly summaryOnly?: true
  readonly quiet?: true
}

/** `tapedeck capture-verify`: checks every byte of a run bundle or of one frame log. Exit 0 ok, 1 damaged, 2 usage or a missing file. */
export function captureVerifyCommand(): Command {
  return new Command('capture-verify')
    .description('check every record of a run bundle, or of one frame log, against its checksum and its index')
    .option('--run-dir <folder>', 'the run bundle')
    .option('--frames <file>', 'one frame log instead of a bundle')
    .option('--idx <file>', 'the index of that frame log')
    .option('--summary-only', 'print totals only')
    .option('--quiet', 'print nothing; the exit code tells')
    .addHelpText(
      'after',
      '\nPrints one JSON line. In each summary, valid_prefix_bytes is what can be used from the start without any doubt.'
    )
    .action(runVerify)
}

function runVerify(flags: VerifyFlags): void {
  const report = verified(flags)
  const { ok, totals, summaries } = report
  if (flags.quiet !== true) process.stdout.write(`${asciiJson(flags.summaryOnly === true ? { ok, totals } : { ok, totals, summaries })}\n`)
  if (!ok) process.exitCode = 1
}

function verified(flags: VerifyFlags): VerifyReport {
  if ((flags.runDir === undefined) === (flags.frames === undefined)) throw new StudioError('USAGE', 'Give either --run-dir or --frames.')
  if (flags.idx !== undefined && flags.frames === undefined) throw new StudioError('USAGE', '--idx belongs to --frames.')
  try {
    return flags.runDir !== undefined ? verifyRun(flags.runDir) : verifyReport([verifyShard(flags.frames ?? '', flags.idx)])
  } catch (error) {
    throw asUsage(error)
  }
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
