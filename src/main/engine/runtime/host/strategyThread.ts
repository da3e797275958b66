import { hostClock } from '../../clock.ts'
import type { StrategyBirth, StrategyCommand, StrategyEvent } from '../../threads/strategyMessages.ts'
import { BufferWatch } from './bufferWatch.ts'
import { encodeIntents } from './intentCodec.ts'
import { BadStrategy, loadStrategyFile } from './strategyFile.ts'
import { StrategyRunner } from './strategyRunner.ts'

/** Value of the pulse while the file loads, and while no callback runs. */
export const LOADING = -1
export const RESTING = 0
const MAX_CALLBACK_NUMBER = 0x7fffffff

/** The inside of a strategy's thread: loads the file, answers batches, and shows by its pulse that it is alive. */
export class StrategyThread {
  readonly #birth: StrategyBirth
  readonly #post: (event: StrategyEvent) => void
  readonly #marketIds: string[] = []
  readonly #buffers: BufferWatch
  #runner: StrategyRunner | undefined
  #callbacks = 0

  constructor(birth: StrategyBirth, post: (event: StrategyEvent) => void) {
    this.#birth = birth
    this.#post = post
    this.#buffers = new BufferWatch(birth.maxBufferBytes)
  }

  async load(): Promise<void> {
    const { file, params, rules, pulse } = this.#birth
    try {
      const loaded = await loadStrategyFile(file, params)
      const origin = hostClock.monoNs()
      this.#runner = new StrategyRunner({
        ...loaded,
        rules,
        file,
        marketIds: this.#marketIds,
        nowNs: () => Number(hostClock.monoNs() - origin),
        onCallback: (seq) => this.#beat(seq),
        checkLimits: () => this.#buffers.callback()
      })
      Atomics.store(pulse, 0, RESTING)
      this.#post({ kind: 'ready', id: loaded.id, params: loaded.params })
    } catch (error) {
      if (!(error instanceof BadStrategy)) throw error
      this.#post({ kind: 'refused', message: error.message })
    }
  }

  handle(command: Extract<StrategyCommand, { kind: 'batch' }>): void {
    const runner = this.#runner
    if (runner === undefined) throw new Error('broken promise: no batch comes before the strategy is ready')
    const { rows, count, firstSeq, newMarkets, room } = command
    this.#marketIds.push(...newMarkets)
    const { at, intents, fault } = runner.run(rows, count, firstSeq, room)
    Atomics.store(this.#birth.pulse, 0, RESTING)
    // A promise that was rejected and forgotten ends the thread before the answer is out, every time.
    setImmediate(() => this.#post({ kind: 'answer', rows, intents: encodeIntents(at, intents), fault, stats: runner.stats.plain() }))
  }

  #beat(seq: number): void {
    const { pulse } = this.#birth
    this.#callbacks = this.#callbacks === MAX_CALLBACK_NUMBER ? 1 : this.#callbacks + 1
    Atomics.store(pulse, 1, seq | 0)
    Atomics.store(pulse, 0, this.#callbacks)
  }
}
