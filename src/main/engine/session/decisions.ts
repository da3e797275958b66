import { resolve } from 'node:path'
import type { StrategyPlan, StrategyResult } from '../../../shared/api/index.ts'
import type { StrategiesRun } from '../threads/jobMessages.ts'
import type { Jobs } from './jobs.ts'
import type { ReplayRun } from './replayRun.ts'

/** What strategies decided in this session: of each bundle, what the newest run over it did. The replay of a bundle can jump there. */
export class Decisions {
  readonly #byBundle = new Map<string, readonly number[]>()
  #open: { readonly run: Pick<ReplayRun, 'request'>; readonly path: string } | undefined

  /** Runs strategies over a bundle. @throws StudioError as the job does */
  async run(jobs: Pick<Jobs, 'run'>, path: string, plan: StrategyPlan): Promise<StrategyResult> {
    const { result, decisionsRelNs } = (await jobs.run({ kind: 'strategy', over: { mode: 'replay', path }, plan })) as StrategiesRun
    this.#byBundle.set(resolve(path), decisionsRelNs)
    await this.#tell()
    return result
  }

  /** A replay was opened. @param path of its bundle; empty when it plays a recorded day, of which nothing is known */
  async opened(run: Pick<ReplayRun, 'request'>, path: string): Promise<void> {
    this.#open = path === '' ? undefined : { run, path: resolve(path) }
    await this.#tell()
  }

  closed(): void {
    this.#open = undefined
  }

  async #tell(): Promise<void> {
    const relNs = this.#open === undefined ? undefined : this.#byBundle.get(this.#open.path)
    if (relNs !== undefined) await this.#open?.run.request({ kind: 'decisions', relNs })
  }
}
