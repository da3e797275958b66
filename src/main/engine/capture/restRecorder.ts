import { setTimeout as sleep } from 'node:timers/promises'
import { StudioError } from '../../../shared/errors.ts'
import type { RestAnswer } from '../feeds/index.ts'
import type { CaptureConfig } from './config.ts'
import { backoffMs, isPassing, restGet, type RestOptions, type RestOutcome } from './restClient.ts'
import { repeatsSecret, withoutSecret } from './world/secrets.ts'
import type { WorldKind } from './world/targets.ts'

export type RestKind = 'depth' | 'book' | 'markets' | 'exchange_info' | 'model_line' | WorldKind
/** `model`: not asked, but sent to us, line by line. */
export type RestVenue = 'polymarket' | 'binance' | 'weather' | 'model'

/** Appends a `rest` note and, where there is one, the body right behind it, to a shard's log. */
export type RestSink = (shard: number, note: RestNote, body: Buffer | undefined) => void

export interface RestNote {
  readonly note: 'rest'
  readonly venue: RestVenue
  readonly kind: RestKind
  readonly key: string
  readonly url: string
  readonly status: number
  readonly body: boolean
  readonly error?: string
  readonly time_zone?: string
}

export interface RestRecorderOptions extends RestOptions {
  readonly venue: RestVenue
  readonly sink: RestSink
  /** Longest polite wait; tests shorten it. */
  readonly maxWaitMs: number
}

/** What is special about one question. */
export interface AskedWith {
  readonly headers?: Readonly<Record<string, string>>
  /** Address that is written in place of the one that is asked. */
  readonly shownUrl?: string
  /** Never written, wherever it turns up. */
  readonly secret?: string | undefined
  /** Of the station in question, as the settings state it; the tape reads it from the note. */
  readonly timeZone?: string | undefined
}

const DISCOVERY_ATTEMPTS = 4

const MAX_POLITE_WAIT_MS = 60_000

/** The recorder of a run's market. */
export function venueRecorder(config: CaptureConfig, sink: RestSink, signal: AbortSignal): RestRecorder {
  const { venue, restTimeout, wsUserAgent: userAgent } = config
  return new RestRecorder({ venue, sink, signal, userAgent, timeoutMs: restTimeout * 1000, maxWaitMs: MAX_POLITE_WAIT_MS })
}

/** Asks a venue's HTTP service and writes what came into the frame log. */
export class RestRecorder {
  readonly #options: RestRecorderOptions

  constructor(options: RestRecorderOptions) {
    this.#options = options
  }

  /** One request, recorded whatever comes. A body is kept only of a good answer. */
  async get(shard: number, kind: RestKind, key: string, url: string, asked: AskedWith = {}): Promise<RestOutcome> {
    const outcome = withoutSecretIn(await restGet(url, { ...this.#options, headers: asked.headers ?? {} }), asked.secret)
    if (!this.#options.signal.aborted) this.#record(shard, kind, key, asked.shownUrl ?? url, outcome, asked.timeZone)
    return outcome
  }

  /** Waits as politely as the outcome asks for. */
  async wait(outcome: RestOutcome, attempt: number): Promise<void> {
    await sleep(Math.min(this.#options.maxWaitMs, backoffMs(outcome, attempt)), undefined, { signal: this.#options.signal })
  }

  /**
   * A page of discovery into shard 0; what may pass is tried again.
   * @throws StudioError VENUE_UNREACHABLE
   */
  async discover(kind: 'markets' | 'exchange_info', url: string): Promise<RestAnswer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.get(0, kind, '', url)
      if (outcome.kind === 'answer' && !isPassing(outcome)) return outcome.answer
      if (attempt === DISCOVERY_ATTEMPTS) throw unreachable(url, outcome)
      await this.wait(outcome, attempt)
    }
  }

  #record(shard: number, kind: RestKind, key: string, url: string, outcome: RestOutcome, timeZone: string | undefined): void {
    const zone = timeZone === undefined ? {} : { time_zone: timeZone }
    const head = { note: 'rest', venue: this.#options.venue, kind, key, url, ...zone } as const
    if (outcome.kind === 'failed') return this.#options.sink(shard, { ...head, status: 0, body: false, error: outcome.error }, undefined)
    const { status, body } = outcome.answer
    if (status === 200) return this.#options.sink(shard, { ...head, status, body: true }, body)
    // "Nothing new" and "nothing at all" are answers, not failures.
    if (status === 304 || status === 204) return this.#options.sink(shard, { ...head, status, body: false }, undefined)
    this.#options.sink(shard, { ...head, status, body: false, error: body.toString('utf8', 0, 200) }, undefined)
  }
}

/** A secret that comes back is cut out of an error, and an answer that repeats it is not kept at all. */
function withoutSecretIn(outcome: RestOutcome, secret: string | undefined): RestOutcome {
  if (secret === undefined) return outcome
  if (outcome.kind === 'failed') return { kind: 'failed', error: withoutSecret(outcome.error, secret) }
  if (!repeatsSecret(outcome.answer.body, secret)) return outcome
  if (outcome.answer.status === 200) return { kind: 'failed', error: 'the answer repeats the key, so it was not kept' }
  const body = Buffer.from(withoutSecret(outcome.answer.body.toString('utf8'), secret))
  return { ...outcome, answer: { status: outcome.answer.status, body } }
}

function unreachable(url: string, outcome: RestOutcome): StudioError {
  const found = outcome.kind === 'failed' ? `no answer came (${outcome.error})` : `it answered with status ${outcome.answer.status}`
  return new StudioError(
    'VENUE_UNREACHABLE',
    `The venue could not be asked for its instruments: ${found}. Check the network and the address: ${new URL(url).origin}`
  )
}
