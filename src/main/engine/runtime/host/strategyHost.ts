import type { EventBatch } from '../events/eventBatch.ts'
import type { PlainCallbackStats } from './callbackStats.ts'
import type { CheckedIntent } from './checkedIntent.ts'

/** Why a strategy cannot go on. One sentence for people, with file and line where there is one. */
export interface StrategyFault {
  readonly message: string
  /** Index in the batch of the event that it failed on: events before it were answered. */
  readonly at: number
}

/** What one strategy answered to a batch: intents after its own limit, with the index of their event, ascending. */
export interface HostAnswer {
  readonly at: readonly number[]
  readonly intents: readonly CheckedIntent[]
  readonly fault: StrategyFault | undefined
}

/** A strategy that runs somewhere. It sees events in order and its own fills; how they are cut into batches changes nothing. */
export interface StrategyHost {
  readonly id: string
  /**
   * Answers a batch. A promise only where the strategy runs in another thread; the batch must not change until then.
   * @param room by event, how many intents the strategies before this one have left; undefined = no limit for all together
   */
  run(batch: EventBatch, room: Int32Array | undefined): HostAnswer | Promise<HostAnswer>
  stats(): PlainCallbackStats
  /** Safe to call twice. */
  close(): Promise<void>
}
