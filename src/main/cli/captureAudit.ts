import { Command } from 'commander'
import { GATE_LIMITS } from '../../shared/gates/index.ts'
import { stringifyBigJson, type BigJson } from '../engine/bundle/index.ts'
import { auditRun } from '../engine/index.ts'
import { inspection, positiveNumber } from './inspection.ts'

interface AuditFlags {
  readonly runDir: string
  readonly thresholdSeconds: number
  readonly maxLoopLagP99Ms: number
  readonly maxLoopLagMaxMs: number
  readonly latencyGates: boolean
}

/** `tapedeck capture-audit`: judges a run by its gates. Exit 0 when all hold, 1 when one fails, 2 when the run is not there. */
export function captureAuditCommand(): Command {
  return new Command('capture-audit')
    .description('judge a run bundle by its gates: heartbeat gaps, quality, latency, fatal end; one JSON line')
    .requiredOption('--run-dir <folder>', 'the run bundle')
    .option('--threshold-seconds <s>', 'a longer time between two heartbeats fails', positiveNumber, GATE_LIMITS.heartbeatGapS)
    .option('--max-loop-lag-p99-ms <ms>', 'a higher 99th percentile of the loop lag fails', positiveNumber, GATE_LIMITS.loopLagP99Ms)
    .option('--max-loop-lag-max-ms <ms>', 'a higher loop lag fails', positiveNumber, GATE_LIMITS.loopLagMaxMs)
    .option('--no-latency-gates', 'leave out loop lag, reconnects, drops and pressure')
    .addHelpText('after', '\nExit code 1 when a gate fails; "reasons" names every one that did.')
    .action(runAudit)
}

async function runAudit(flags: AuditFlags): Promise<void> {
  const { thresholdSeconds: thresholdS, maxLoopLagP99Ms, maxLoopLagMaxMs, latencyGates } = flags
  const limits = { thresholdS, maxLoopLagP99Ms, maxLoopLagMaxMs, latencyGates }
  const audit = await inspection((options) => auditRun(flags.runDir, { ...options, ...limits }))
  process.stdout.write(`${stringifyBigJson(audit as unknown as BigJson)}\n`)
  if (!audit.ok) process.exitCode = 1
}
