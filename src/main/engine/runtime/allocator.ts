import type { CheckedIntent } from './host/checkedIntent.ts'
import type { HostAnswer } from './host/strategyHost.ts'

export interface AllocatorLimits {
  /** For one event; undefined = no limit. */
  readonly maxIntentsPerStrategy: number | undefined
  readonly maxIntentsGlobal: number | undefined
}

export interface AllocatedIntent {
  readonly strategyId: string
  readonly intent: CheckedIntent
}

/**
 * Merges what the strategies answered to one event after another: by strategy id, and within a strategy in its own order.
 * Limits cut from the end.
 */
export class Allocator {
  readonly #ids: readonly string[]
  readonly #limits: AllocatorLimits
  #answers: readonly HostAnswer[] = []
  #next: number[] = []

  /** @param ids of the strategies, sorted */
  constructor(ids: readonly string[], limits: AllocatorLimits) {
    this.#ids = ids
    this.#limits = limits
  }

  /** @param answers one for each strategy, in the order of the ids */
  begin(answers: readonly HostAnswer[]): void {
    this.#answers = answers
    this.#next = answers.map(() => 0)
  }

  /** Events must be asked for in ascending order. */
  take(index: number): readonly AllocatedIntent[] {
    let out: AllocatedIntent[] | undefined
    for (let s = 0; s < this.#answers.length; s++) {
      const { at, intents } = this.#answers[s]!
      let taken = 0
      for (; at[this.#next[s]!] === index; this.#next[s]!++) {
        const full =
          taken >= (this.#limits.maxIntentsPerStrategy ?? Infinity) || (out?.length ?? 0) >= (this.#limits.maxIntentsGlobal ?? Infinity)
        if (full) continue
        taken++
        ;(out ??= []).push({ strategyId: this.#ids[s]!, intent: intents[this.#next[s]!]! })
      }
    }
    return out ?? NONE
  }
}

const NONE: readonly AllocatedIntent[] = []
