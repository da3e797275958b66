import { Command } from 'commander'
import { RUN_SETTINGS, type RunSetting } from '../../shared/api/index.ts'
import { StudioError, toFailure } from '../../shared/errors.ts'
import { failedLine, liveLatencyLine, runStrategies, summaryLine, type RunResult } from '../engine/runtime/index.ts'
import { captureOptions, type CaptureFlags } from './capture.ts'
import { repeatable, runOptionsOf, type RunFlags } from './runFlags.ts'

/**
 * `tapedeck run`: runs strategies over a bundle or over open connections, in simulation. Prints one JSON line, and a second one with
 * `--print-latency-report-json`. Exit 0 ok, 1 a failure, 2 a wrong combination of flags; the line says ok:false for both.
 */
export function runCommand(): Command {
  const command = new Command('run')
    .description('run strategies over a run bundle or live data, in simulation; nothing is written to disk')
    .option('--mode <mode>', 'replay or live')
    .option('--execution <kind>', 'sim: there is no other', 'sim')
    .option('--run-dir <folder>', 'replay: the run bundle')
    .addOption(repeatable('--strategy <name>', 'toy_spread, toy_taker, or a file such as ./my.ts (repeatable)'))
    .addOption(repeatable('--param <text>', 'a parameter as strategy.name=value, or name=value for all strategies (repeatable)'))
    .option('--events <kind>', 'book: full books; change: every change of a best price or its size', 'book')
    .option('--print-hash', 'replay: print the line (required)')
    .option('--print-pnl', 'with profit and positions in the line')
    .option('--print-summary-json', 'live: print the line')
    .option('--print-latency-report-json', 'live: print the latency report as a line of its own')
    .option('--stable-json', 'replay: a line that is the same, byte by byte, each time')
    .option('--speed <x>', 'replay: max, or 0.01 to 1000 times the recorded pace', 'max')
  for (const { flag, help, replayOnly, ...setting } of RUN_SETTINGS as readonly RunSetting[])
    command.option(`${flag} <n>`, replayOnly === true ? `replay: ${help}` : help, setting.default?.toString())
  return captureOptions(command)
    .addHelpText('after', '\nThe settings of a capture hold for --mode live; those about disk and bundle mean nothing there.')
    .action(run)
}

async function run(flags: RunFlags & CaptureFlags): Promise<void> {
  const abort = new AbortController()
  const stop = (): void => abort.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    const result = await runStrategies(runOptionsOf(flags, abort.signal))
    print(result, flags)
    if (result.failure === undefined) return
    process.stderr.write(`tapedeck: ${result.failure.message}\n`)
    process.exitCode = 1
  } catch (error) {
    const failure = toFailure(error)
    process.stdout.write(`${failedLine(flags.mode ?? '', flags.execution, failure)}\n`)
    // The line has said it for programs; the program says it once more for people, and sets the exit code.
    throw new StudioError(failure.code, failure.message, { cause: error })
  } finally {
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
  }
}

function print(result: RunResult, flags: RunFlags): void {
  const onlyReport = flags.printLatencyReportJson === true && flags.printSummaryJson !== true && flags.printHash !== true
  if (!onlyReport) process.stdout.write(`${summaryLine(result, { stable: flags.stableJson, pnl: flags.printPnl })}\n`)
  const report = flags.printLatencyReportJson === true ? liveLatencyLine(result) : undefined
  if (report !== undefined) process.stdout.write(`${report}\n`)
}
