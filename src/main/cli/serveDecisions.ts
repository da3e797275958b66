import type { Command } from 'commander'
import { StudioError } from '../../shared/errors.ts'
import { runStrategies } from '../engine/runtime/index.ts'
import { repeatable, strategyChoicesOf } from './runFlags.ts'

export interface DecisionFlags {
  readonly strategy: readonly string[]
  readonly param: readonly string[]
  readonly events: string
}

/** Options of `tapedeck serve` that name strategies. */
export function decisionOptions(command: Command): Command {
  return command
    .addOption(
      repeatable(
        '--strategy <name>',
        'with --run-dir: run this strategy over the bundle first, so that clients can jump to its decisions (repeatable)'
      )
    )
    .addOption(repeatable('--param <text>', 'a parameter of a strategy, as in "run" (repeatable)'))
    .option('--events <kind>', 'what the strategies are told of, as in "run": book or change', 'book')
}

/**
 * Runs the strategies over a bundle, in simulation, and prints what came of it.
 * @returns when they decided something; undefined without strategies @throws StudioError USAGE, or why the run ended before its end
 */
export async function decisionsOf(runDir: string, flags: DecisionFlags): Promise<readonly number[] | undefined> {
  const strategies = strategyChoicesOf(flags)
  if (strategies.length === 0) return undefined
  const { events } = flags
  if (events !== 'book' && events !== 'change') throw new StudioError('USAGE', `--events is book or change, but it is "${events}".`)
  const result = await runStrategies({ source: { mode: 'replay', runDir }, strategies, events })
  const { complete, failure, strategyIds, intents, finalHash, details } = result
  if (!complete && failure !== undefined) throw new StudioError(failure.code, failure.message)
  const decisions = details?.decisionsRelNs ?? []
  const told = { event: 'decisions', strategies: strategyIds, events, intents, instants: decisions.length, final_hash: finalHash }
  process.stdout.write(`${JSON.stringify({ ...told, ...(failure === undefined ? {} : { error: failure.message }) })}\n`)
  return decisions
}
