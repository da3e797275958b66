import type { EventBatch } from '../events/eventBatch.ts'
import type { PlainCallbackStats } from './callbackStats.ts'
import type { HostAnswer, StrategyHost } from './strategyHost.ts'
import { StrategyRunner, type StrategyRunnerOptions } from './strategyRunner.ts'

/** A strategy that comes with the program: it runs in the thread of the run. */
export class LocalHost implements StrategyHost {
  readonly id: string
  readonly #runner: StrategyRunner

  constructor(options: StrategyRunnerOptions) {
    this.id = options.id
    this.#runner = new StrategyRunner(options)
  }

  run(batch: EventBatch, room: Int32Array | undefined): HostAnswer {
    return this.#runner.run(batch.rows, batch.count, batch.firstSeq, room)
  }

  stats(): PlainCallbackStats {
    return this.#runner.stats.plain()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
