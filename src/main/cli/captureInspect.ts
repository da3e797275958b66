import { Command } from 'commander'
import { stringifyBigJson, type BigJson } from '../engine/bundle/index.ts'
import { inspectRun } from '../engine/index.ts'
import { inspection } from './inspection.ts'

/** `tapedeck capture-inspect`: what a run bundle holds, as one JSON line. Exit 2 when it is not there or no run bundle. */
export function captureInspectCommand(): Command {
  return new Command('capture-inspect')
    .description('sum up a run bundle: shards, records, bytes, times, newest metrics; changes nothing')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .action(async ({ runDir }: { readonly runDir: string }) => {
      const summary = await inspection((options) => inspectRun(runDir, options))
      process.stdout.write(`${stringifyBigJson(summary as unknown as BigJson)}\n`)
    })
}
