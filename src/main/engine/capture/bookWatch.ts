import type { TapeInstrument, TapeReport } from '../threads/captureMessages.ts'
import type { CaptureConfig } from './config.ts'
import type { RunRecord } from './runFiles.ts'

const SAMPLE = 10
/** Full books that are asked for over HTTP in one round, when asking the connection did not help. */
const MAX_ASKED = 50
/** A shard's silent instruments are told at most so often; a quiet market has many. */
const TELL_SILENT_EVERY_NS = 600e9
/** Of them so many are named, and so many wait to be named at most. */
const NAMED_SILENT = 50
const MAX_WAITING_SILENT = 4096

export interface Coverage {
  /** 100 where nothing is awaited. */
  readonly pct: number
  readonly seen: number
  /** Instruments whose book is not trusted now, or has not come. */
  readonly untrusted: number
  readonly silent: number
  /** Instruments whose first book has not come within the confirm window. */
  readonly withoutFirstBook: number
}

export interface BookWatchOptions {
  readonly config: CaptureConfig
  readonly nowRelNs: () => number
  readonly log: (recordType: string, fields: RunRecord) => void
  /** Asks for books again on the shard's connection. @returns whether it could be asked */
  readonly resubscribe: (shard: number, keys: readonly string[]) => boolean
  /** Asks for one full book over HTTP. */
  readonly requestBook: (shard: number, key: string) => void
  /** Others are missing than before, or none any more. */
  readonly missingChanged: () => void
}

/** Knows from the tape which instruments have their first book, and sees to those that have not: nothing that was asked for is forgotten. */
export class BookWatch {
  /** Instruments without a book, by shard, beyond the confirm window. */
  readonly missing = new Map<number, readonly string[]>()
  report: TapeReport | undefined
  resubscribed = 0
  readonly #options: BookWatchOptions
  #told: ReadonlySet<string> = new Set()
  readonly #asked = new Map<string, { atRelNs: number; times: number }>()
  /** Silent instruments that the run log has not named yet, by shard, and when it was told last. */
  readonly #silent = new Map<number, { waiting: TapeInstrument[]; beyond: number; toldRelNs: number }>()

  constructor(options: BookWatchOptions) {
    this.#options = options
  }

  /** Takes what the tape says and acts on it. */
  take(report: TapeReport): void {
    this.report = report
    const now = this.#options.nowRelNs()
    const windowNs = this.#options.config.captureConfirmTimeoutSeconds * 1e9
    const late = report.missing.filter(({ sinceRelNs }) => now - sinceRelNs >= windowNs)
    this.missing.clear()
    for (const [shard, list] of Map.groupBy(late, (item) => item.shard)) this.missing.set(shard, list.map((item) => item.key).toSorted())
    const stillMissing = new Set(late.map((item) => item.key))
    for (const key of this.#asked.keys()) if (!stillMissing.has(key)) this.#asked.delete(key)
    for (const [shard, keys] of this.missing) this.#ask(shard, keys, now, windowNs)
    this.#tellMissing(late)
    this.#takeSilent(report.nowSilent, now)
  }

  #tellMissing(late: TapeReport['missing']): void {
    if (late.length === this.#told.size && late.every(({ key }) => this.#told.has(key))) return
    this.#told = new Set(late.map(({ key }) => key))
    this.#options.missingChanged()
  }

  #takeSilent(nowSilent: TapeReport['nowSilent'], now: number): void {
    for (const instrument of nowSilent) {
      const silent = this.#silent.get(instrument.shard) ?? { waiting: [], beyond: 0, toldRelNs: -Infinity }
      this.#silent.set(instrument.shard, silent)
      if (silent.waiting.length < MAX_WAITING_SILENT) silent.waiting.push(instrument)
      else silent.beyond += 1
    }
    for (const [shard, silent] of this.#silent) {
      if (silent.waiting.length === 0 || now - silent.toldRelNs < TELL_SILENT_EVERY_NS) continue
      const longest = silent.waiting.toSorted((a, b) => a.sinceRelNs - b.sinceRelNs).slice(0, NAMED_SILENT)
      this.#options.log('tokens_silent', {
        shard_id: shard,
        silent_count: this.report?.shards.find((facts) => facts.shard === shard)?.silent ?? 0,
        newly_silent_count: silent.waiting.length + silent.beyond,
        newly_silent_sample: longest.map(({ key, sinceRelNs }) => ({ token_id: key, silent_s: Math.round((now - sinceRelNs) / 1e9) }))
      })
      this.#silent.set(shard, { waiting: [], beyond: 0, toldRelNs: now })
    }
  }

  #ask(shard: number, keys: readonly string[], now: number, windowNs: number): void {
    const due = keys.filter((key) => now - (this.#asked.get(key)?.atRelNs ?? -Infinity) >= windowNs)
    if (due.length === 0) return
    const { log, resubscribe, requestBook } = this.#options
    const again = due.filter((key) => this.#asked.has(key))
    const sent = resubscribe(shard, due)
    if (sent) this.resubscribed += due.length
    for (const key of again.slice(0, MAX_ASKED)) requestBook(shard, key)
    for (const key of due) this.#asked.set(key, { atRelNs: now, times: (this.#asked.get(key)?.times ?? 0) + 1 })
    log('first_book_missing', {
      shard_id: shard,
      missing_count: keys.length,
      resubscribed_count: sent ? due.length : 0,
      asked_over_http_count: Math.min(again.length, MAX_ASKED),
      missing_sample: keys.slice(0, SAMPLE)
    })
  }

  /** An instrument that was added a moment ago is not yet awaited. @param shard undefined for all */
  coverage(shard?: number): Coverage | undefined {
    const { report } = this
    const { captureUniverseRefreshGraceSeconds: graceS, captureConfirmTimeoutSeconds: confirmS } = this.#options.config
    if (report === undefined) return undefined
    const now = this.#options.nowRelNs()
    const shards = report.shards.filter((facts) => shard === undefined || facts.shard === shard)
    const seen = shards.reduce((sum, facts) => sum + facts.withBook, 0)
    const untrusted = shards.reduce((sum, facts) => sum + facts.untrusted, 0)
    const silent = shards.reduce((sum, facts) => sum + facts.silent, 0)
    const groups = report.awaited.filter((group) => shard === undefined || group.shard === shard)
    const waitingFor = (seconds: number): number =>
      groups.reduce((sum, { sinceRelNs, count }) => sum + (now - sinceRelNs >= seconds * 1e9 ? count : 0), 0)
    const eligible = seen + waitingFor(graceS)
    const pct = eligible === 0 ? 100 : Math.round((100_000 * seen) / eligible) / 1000
    return { pct, seen, untrusted, silent, withoutFirstBook: waitingFor(confirmS) }
  }
}
