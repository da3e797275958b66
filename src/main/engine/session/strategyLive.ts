import type { StrategyResult, StudioCommand } from '../../../shared/api/index.ts'
import type { StrategiesRun } from '../threads/jobMessages.ts'
import type { Jobs } from './jobs.ts'
import { prepareSource, type StartSettings } from './liveSource.ts'

/** Runs strategies over a live source, beside the session: it listens by itself and records nothing. @throws StudioError as source and job say */
export async function strategyLive(
  { source, seconds, plan }: Extract<StudioCommand, { cmd: 'strategy_live' }>,
  jobs: Jobs,
  settings: StartSettings
): Promise<StrategyResult> {
  const prepared = await prepareSource(source, settings)
  try {
    const done = await jobs.run({ kind: 'strategy', over: { mode: 'live', config: prepared.config, seconds }, plan })
    return (done as StrategiesRun).result
  } finally {
    await prepared.close()
  }
}
