import type { Tape } from '../tape/index.ts'
import type { TapeReport } from '../threads/captureMessages.ts'

const REPORT_EVERY_NS = 1e9
const MAX_SAMPLES = 1024
const MAX_MISSING = 4096
/** An instrument with a book that says nothing for so long is told as silent. */
const SILENT_NS = 120e9

interface Flush {
  readonly records: number
  /** Stamps of its oldest and newest record, end of its write, begin and end of the tape's work: ns since the run's start. */
  readonly oldestRelNs: number
  readonly newestRelNs: number
  readonly writtenRelNs: number
  readonly begunRelNs: number
  readonly endedRelNs: number
}

/** Collects for the plant what only the tape can know: which books have come, and how long messages took to get into them. */
export class TapeReporter {
  readonly #tape: Tape
  readonly #malformedByShard = new Map<number, number>()
  /** By instrument: messages at the last look, and when that number last rose. */
  readonly #heard: { frames: number; atRelNs: number }[] = []
  #appliedMs: number[] = []
  #writeEndToApplyMs: number[] = []
  #applyUpdateMs: number[] = []
  #records = 0
  #nextRelNs = REPORT_EVERY_NS

  constructor(tape: Tape) {
    this.#tape = tape
  }

  malformed(shard: number): void {
    this.#malformedByShard.set(shard, (this.#malformedByShard.get(shard) ?? 0) + 1)
  }

  flushed({ records, oldestRelNs, newestRelNs, writtenRelNs, begunRelNs, endedRelNs }: Flush): void {
    this.#records += records
    if (records === 0 || this.#appliedMs.length >= MAX_SAMPLES) return
    this.#appliedMs.push((endedRelNs - oldestRelNs) / 1e6, (endedRelNs - newestRelNs) / 1e6)
    this.#writeEndToApplyMs.push((endedRelNs - writtenRelNs) / 1e6)
    this.#applyUpdateMs.push((endedRelNs - begunRelNs) / 1e6 / records)
  }

  /** @returns the next report when it is due */
  due(nowRelNs: number): TapeReport | undefined {
    if (nowRelNs < this.#nextRelNs) return undefined
    this.#nextRelNs = nowRelNs + REPORT_EVERY_NS
    const times = { appliedMs: this.#appliedMs, writeEndToApplyMs: this.#writeEndToApplyMs, applyUpdateMs: this.#applyUpdateMs }
    this.#appliedMs = []
    this.#writeEndToApplyMs = []
    this.#applyUpdateMs = []
    const { malformed, fallbacks } = this.#tape
    return { records: this.#records, malformed, fallbacks, ...this.#books(nowRelNs), ...times }
  }

  #books(nowRelNs: number): Pick<TapeReport, 'shards' | 'missing'> {
    const missing: { shard: number; key: string; sinceRelNs: number }[] = []
    const shards = new Map<number, { withBook: number; silent: number }>()
    for (const state of this.#tape.books.instruments.all) {
      if (state.retired) continue
      const facts = shards.get(state.shard) ?? { withBook: 0, silent: 0 }
      shards.set(state.shard, facts)
      const heard = (this.#heard[state.id] ??= { frames: state.frames, atRelNs: nowRelNs })
      if (heard.frames !== state.frames) Object.assign(heard, { frames: state.frames, atRelNs: nowRelNs })
      if (state.known) facts.withBook += 1
      if (state.known && nowRelNs - heard.atRelNs >= SILENT_NS) facts.silent += 1
      if (state.ok || missing.length >= MAX_MISSING) continue
      const sinceRelNs = state.known ? state.resyncSinceRelNs : state.announcedRelNs
      missing.push({ shard: state.shard, key: state.tokenId, sinceRelNs })
    }
    // Subscribed, and the tape has no room for them.
    for (const [key, shard] of this.#tape.books.roster.waiting) missing.push({ shard, key, sinceRelNs: 0 })
    const told = [...shards].map(([shard, facts]) => ({ shard, ...facts, malformed: this.#malformedByShard.get(shard) ?? 0 }))
    return { shards: told, missing }
  }
}
