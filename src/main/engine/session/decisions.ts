import { resolve } from 'node:path'
import type { SessionState, StrategyResult } from '../../../shared/api/index.ts'
import type { StrategiesRun } from '../threads/jobMessages.ts'
import type { ReplayRun } from './replayRun.ts'

/** What strategies decided in this session: of each bundle, what the newest run over it did. */
export class Decisions {
  readonly #byBundle = new Map<string, readonly number[]>()

  /** @returns the result without the decisions */
  keep(path: string, { result, decisionsRelNs }: StrategiesRun): StrategyResult {
    this.#byBundle.set(resolve(path), decisionsRelNs)
    return result
  }

  /** Lets a replay jump to those of its bundle; nothing happens when there are none. */
  async tell(run: Pick<ReplayRun, 'request'>, { path }: SessionState): Promise<void> {
    const relNs = path === '' ? undefined : this.#byBundle.get(resolve(path))
    if (relNs !== undefined) await run.request({ kind: 'decisions', relNs })
  }
}
