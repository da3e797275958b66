import type { RunRecord } from '../runFiles.ts'
import type { RestOutcome } from '../restClient.ts'

/** How one source of one station does: what was asked, what came, and how long ago. */
export class SourceState {
  requests = 0
  answers = 0
  unchanged = 0
  failures = 0
  /** Failures since the last answer. */
  failing = 0
  #lastGoodRelNs: number | undefined
  #status = 0
  #error = ''

  /** Counts an outcome. @returns whether the source just began or ceased to fail */
  take(outcome: RestOutcome, nowRelNs: number, error: string): boolean {
    this.requests += 1
    this.#status = outcome.kind === 'answer' ? outcome.answer.status : 0
    const before = this.failing
    if (isGood(outcome)) {
      this.failing = 0
      this.#lastGoodRelNs = nowRelNs
      this.#error = ''
      if (this.#status === 304) this.unchanged += 1
      else this.answers += 1
      return before > 0
    }
    this.failures += 1
    this.failing += 1
    this.#error = error
    return before === 0
  }

  /** Fields of a heartbeat. `age_s` is the time since the source last answered well, null before it did. */
  facts(nowRelNs: number): RunRecord {
    const age = this.#lastGoodRelNs === undefined ? null : Math.round((nowRelNs - this.#lastGoodRelNs) / 1e6) / 1000
    return {
      age_s: age,
      requests: this.requests,
      answers: this.answers,
      unchanged: this.unchanged,
      failures: this.failures,
      failing: this.failing,
      status: this.#status,
      ...(this.#error === '' ? {} : { error: this.#error })
    }
  }
}

/** An answer, that nothing changed, or that there is nothing. */
export function isGood(outcome: RestOutcome): boolean {
  return outcome.kind === 'answer' && [200, 204, 304].includes(outcome.answer.status)
}
