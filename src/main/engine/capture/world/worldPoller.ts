import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { toFailure } from '../../../../shared/errors.ts'
import type { RestOutcome } from '../restClient.ts'
import type { RestRecorder } from '../restRecorder.ts'
import type { RunRecord } from '../runFiles.ts'
import { withoutSecret } from './secrets.ts'
import { isGood, SourceState } from './sourceState.ts'
import { WORLD_KINDS, type WorldKind, type WorldTarget } from './targets.ts'

export interface WorldPollerOptions {
  readonly targets: readonly WorldTarget[]
  readonly recorder: Pick<RestRecorder, 'get'>
  readonly signal: AbortSignal
  readonly nowRelNs: () => number
  /** Spreads the questions of different runs. */
  readonly seed: string
  readonly secret: string | undefined
  readonly log: (type: string, fields: RunRecord) => void
}

/** Between the first questions: a service is not asked for all stations at the same instant. */
const FIRST_SPREAD_MS = 250
const JITTER = 0.05
const FIRST_RETRY_MS = 30_000
const LONGEST_RETRY_MS = 300_000
const LONGEST_ASKED_WAIT_MS = 3_600_000

/**
 * Asks the weather services in turn, for ever, and records every answer on shard 0. Nothing that they say or fail to say reaches
 * the market's capture: a source that fails is asked less often, and the heartbeat tells.
 */
export class WorldPoller {
  readonly #options: WorldPollerOptions
  readonly #states = new Map<string, SourceState>()
  /** Until when a whole service wants to be left alone. */
  readonly #quietUntilRelNs: Record<WorldKind, number> = { metar: 0, pws: 0, forecast: 0 }

  constructor(options: WorldPollerOptions) {
    this.#options = options
  }

  /** Begins to ask; the signal ends it. */
  start(): void {
    for (const [i, target] of this.#options.targets.entries()) {
      const delayMs = i * Math.min(FIRST_SPREAD_MS, target.intervalMs / this.#options.targets.length)
      // Only the end of the run interrupts the wait between two questions.
      this.#askForEver(target, delayMs).catch(() => undefined)
    }
  }

  /** Part of the field `world` of a heartbeat: by kind, then by station. */
  facts(): RunRecord {
    const now = this.#options.nowRelNs()
    const kinds = WORLD_KINDS.flatMap((kind) => {
      const stations = [...this.#states].filter(([name]) => name.startsWith(`${kind}/`))
      const fields = stations.map(([name, state]) => [name.slice(kind.length + 1), state.facts(now)] as const)
      return fields.length === 0 ? [] : [[kind, Object.fromEntries(fields)] as const]
    })
    return Object.fromEntries(kinds)
  }

  async #askForEver(target: WorldTarget, firstDelayMs: number): Promise<void> {
    const { signal, nowRelNs } = this.#options
    const validators = new Validators()
    let failing = 0
    let waitMs = firstDelayMs
    for (let n = 1; ; n++) {
      await sleep(waitMs, undefined, { signal })
      const quietMs = (this.#quietUntilRelNs[target.kind] - nowRelNs()) / 1e6
      if (quietMs > 0) await sleep(quietMs, undefined, { signal })
      const outcome = await this.#ask(target, validators)
      if (signal.aborted) return
      failing = isGood(outcome) ? 0 : failing + 1
      waitMs = failing === 0 ? target.intervalMs * this.#jitter(target, n) : this.#afterFailure(target, outcome, failing)
    }
  }

  async #ask(target: WorldTarget, validators: Validators): Promise<RestOutcome> {
    const { recorder, nowRelNs, secret } = this.#options
    const { kind, station, url, secretQuery, timeZone } = target
    let outcome: RestOutcome
    try {
      const known = secretQuery === '' ? undefined : secret
      const asked = { shownUrl: url, secret: known, headers: validators.headers, timeZone }
      outcome = await recorder.get(0, kind, station, `${url}${secretQuery}`, asked)
    } catch (error) {
      outcome = { kind: 'failed', error: toFailure(error).message }
    }
    validators.take(outcome)
    if (!this.#options.signal.aborted) this.#count(target, outcome, nowRelNs())
    return outcome
  }

  #count({ kind, station }: WorldTarget, outcome: RestOutcome, now: number): void {
    const name = `${kind}/${station}`
    const state = this.#states.get(name) ?? new SourceState()
    this.#states.set(name, state)
    const error = withoutSecret(errorOf(outcome), this.#options.secret)
    if (!state.take(outcome, now, error)) return
    this.#options.log('world_source', { kind, station, ok: state.failing === 0, ...(error === '' ? {} : { error }) })
  }

  /** Sooner than usual at first, then ever later; and as late as the service asks for. */
  #afterFailure({ kind, intervalMs }: WorldTarget, outcome: RestOutcome, failing: number): number {
    const asked = outcome.kind === 'answer' ? Math.min(outcome.retryAfterMs ?? 0, LONGEST_ASKED_WAIT_MS) : 0
    if (asked > 0) this.#quietUntilRelNs[kind] = Math.max(this.#quietUntilRelNs[kind], this.#options.nowRelNs() + asked * 1e6)
    const first = Math.min(intervalMs, FIRST_RETRY_MS)
    return Math.max(asked, Math.min(first * 2 ** Math.min(failing - 1, 20), Math.max(intervalMs, LONGEST_RETRY_MS)))
  }

  /** A little more or less than one, derived: many stations and many runs do not ask in step. */
  #jitter({ kind, station, url }: WorldTarget, n: number): number {
    const hash = createHash('sha256').update(`${this.#options.seed} ${kind} ${station} ${url} ${n}`).digest()
    return 1 + JITTER * (hash.readUInt32LE(0) / 0x8000_0000 - 1)
  }
}

/** What the service said about its last answer, for a conditional question. */
class Validators {
  #headers: Record<string, string> = {}

  get headers(): Readonly<Record<string, string>> {
    return this.#headers
  }

  take(outcome: RestOutcome): void {
    if (outcome.kind !== 'answer' || outcome.answer.status !== 200) return
    const { etag, lastModified } = outcome
    this.#headers = {
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
      ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified })
    }
  }
}

function errorOf(outcome: RestOutcome): string {
  if (outcome.kind === 'failed') return outcome.error
  return isGood(outcome) ? '' : `status ${outcome.answer.status}`
}
