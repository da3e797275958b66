import { Command } from 'commander'
import { latencyReport, writeLatencyReport } from '../engine/index.ts'
import { inspection } from './inspection.ts'

/** `tapedeck capture-latency-report`: writes latency_report.json and .txt into the run and prints the JSON. Exit 2 when the run is not there. */
export function captureLatencyReportCommand(): Command {
  return new Command('capture-latency-report')
    .description('sum up times, queues, losses and reconnects of a run; writes latency_report.json and .txt into it')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .action(async ({ runDir }: { readonly runDir: string }) => {
      const report = await inspection((options) => latencyReport(runDir, options))
      process.stdout.write(`${writeLatencyReport(report)}\n`)
    })
}
