import { FRAME_OUTCOMES } from '../../../shared/channels/index.ts'
import { FLAG_NOTE, FLAG_REST } from '../bundle/index.ts'
import { OUTCOME } from '../feeds/index.ts'
import { tapeHealth, type BookState, type Tape } from '../tape/index.ts'
import type { TapeInstrument, TapeReport } from '../threads/captureMessages.ts'

const REPORT_EVERY_NS = 1e9
const MAX_SAMPLES = 1024
const MAX_NAMED = 4096
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

interface Heard {
  /** Messages at the last look, and when that number last rose. */
  frames: number
  atRelNs: number
  isSilent: boolean
}

/** Collects for the plant what only the tape can know: which books have come, what the messages were, and how long they took to get into the books. */
export class TapeReporter {
  readonly #tape: Tape
  readonly #malformedByShard = new Map<number, number>()
  readonly #kindsByShard = new Map<number, Map<string, number>>()
  /** By instrument. */
  readonly #heard: Heard[] = []
  #appliedMs: number[] = []
  #writeEndToApplyMs: number[] = []
  #applyUpdateMs: number[] = []
  #records = 0
  #nextRelNs = REPORT_EVERY_NS

  constructor(tape: Tape) {
    this.#tape = tape
  }

  /** The tape has taken a frame with these flags. */
  pushed(shard: number, flags: number): void {
    const { outcome, kind } = this.#tape
    if (outcome === OUTCOME.malformed || outcome === OUTCOME.rejected) countOne(this.#malformedByShard, shard)
    if ((flags & (FLAG_NOTE | FLAG_REST)) !== 0) return
    let kinds = this.#kindsByShard.get(shard)
    if (kinds === undefined) this.#kindsByShard.set(shard, (kinds = new Map()))
    countOne(kinds, outcome === OUTCOME.decoded ? kind : FRAME_OUTCOMES[outcome])
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
    const { malformed, fallbacks, books } = this.#tape
    const { stale, foreign, overflow, crossed } = books.counts
    const counts = { fallbacks, stale, foreign, overflow, crossed }
    return { records: this.#records, malformed, counts, health: tapeHealth(this.#tape), ...this.#books(nowRelNs), ...times }
  }

  #books(nowRelNs: number): Pick<TapeReport, 'shards' | 'awaited' | 'missing' | 'nowSilent'> {
    const missing: TapeInstrument[] = []
    const nowSilent: TapeInstrument[] = []
    const shards = new Map<number, { withBook: number; untrusted: number; silent: number }>()
    const awaited = new Map<string, { shard: number; sinceRelNs: number; count: number }>()
    for (const state of this.#tape.books.instruments.all) {
      if (state.retired) continue
      const { shard, tokenId: key } = state
      const facts = shards.get(shard) ?? { withBook: 0, untrusted: 0, silent: 0 }
      shards.set(shard, facts)
      const heard = this.#listen(state, nowRelNs)
      if (!state.ok) facts.untrusted += 1
      if (state.known) facts.withBook += 1
      else countAwaited(awaited, shard, state.announcedRelNs)
      if (state.known && nowRelNs - heard.atRelNs >= SILENT_NS) {
        facts.silent += 1
        if (!heard.isSilent && nowSilent.length < MAX_NAMED) {
          heard.isSilent = true
          nowSilent.push({ shard, key, sinceRelNs: heard.atRelNs })
        }
      }
      if (state.ok || missing.length >= MAX_NAMED) continue
      missing.push({ shard, key, sinceRelNs: state.known ? state.resyncSinceRelNs : state.announcedRelNs })
    }
    // Subscribed, and the tape has no room for them.
    for (const [key, shard] of this.#tape.books.roster.waiting) {
      missing.push({ shard, key, sinceRelNs: 0 })
      countAwaited(awaited, shard, 0)
    }
    const told = [...shards].map(([shard, facts]) => ({
      shard,
      ...facts,
      malformed: this.#malformedByShard.get(shard) ?? 0,
      kinds: Object.fromEntries(this.#kindsByShard.get(shard) ?? [])
    }))
    return { shards: told, awaited: [...awaited.values()], missing, nowSilent }
  }

  #listen({ id, frames }: BookState, nowRelNs: number): Heard {
    const heard = (this.#heard[id] ??= { frames, atRelNs: nowRelNs, isSilent: false })
    if (heard.frames !== frames) {
      heard.frames = frames
      heard.atRelNs = nowRelNs
      heard.isSilent = false
    }
    return heard
  }
}

function countOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function countAwaited(awaited: Map<string, { shard: number; sinceRelNs: number; count: number }>, shard: number, sinceRelNs: number): void {
  const key = `${shard} ${sinceRelNs}`
  const group = awaited.get(key) ?? { shard, sinceRelNs, count: 0 }
  group.count += 1
  awaited.set(key, group)
}
