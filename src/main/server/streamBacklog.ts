import type { StreamLine } from '../../shared/api/index.ts'
import type { ChannelName } from '../../shared/channels/index.ts'

/** Channels of which only the newest event of each instrument or station counts, and of nowcasts that of each model. */
const NEWEST_COUNTS: ReadonlySet<ChannelName> = new Set([
  'l2_snap_1s',
  'top_of_book',
  'bbo',
  'health',
  'pws_cluster',
  'features_1m',
  'nowcast_1m'
] as const)
/** Other events that wait at most; beyond it the oldest are dropped. */
const MAX_EVENTS = 10_000
const MAX_BYTES = 32 * 1024 * 1024

type Counts = Partial<Record<ChannelName, number>>

/** What a client was told of what it did not get. */
export interface LagReport {
  /** Replaced by a newer event of the same instrument or station, since the last report. */
  readonly conflated: Counts
  /** Not sent and not replaced, since the last report. */
  readonly dropped: Counts
  readonly waiting: number
}

/**
 * What waits for a client that is too slow for a clock which does not wait. The rule: of books, best prices, health, clusters, features
 * and nowcasts only the newest of each instrument, station and model waits; everything else waits in order, and of more than 10,000 the oldest go.
 */
export class StreamBacklog {
  /** In the order of sending; a line that is replaced goes to the end. */
  readonly #waiting = new Map<string, StreamLine>()
  #events = 0
  #bytes = 0
  #eventId = 0
  #conflated: Counts = {}
  #dropped: Counts = {}

  get waiting(): number {
    return this.#waiting.size
  }

  push(line: StreamLine): void {
    if (NEWEST_COUNTS.has(line.ch)) {
      const key = `${line.ch}/${line.instrumentId}/${line.model}`
      const before = this.#waiting.get(key)
      if (before !== undefined) {
        this.#remove(key, before)
        count(this.#conflated, line.ch)
      }
      return this.#add(key, line)
    }
    this.#add(`#${this.#eventId++}`, line)
    this.#events++
    while (this.#events > MAX_EVENTS || this.#bytes > MAX_BYTES) if (!this.#dropOldest()) break
  }

  /** The line that is to be sent next. */
  shift(): StreamLine | undefined {
    const first = this.#waiting.entries().next().value
    if (first === undefined) return undefined
    const [key, line] = first
    this.#remove(key, line)
    if (key.startsWith('#')) this.#events--
    return line
  }

  clear(): void {
    this.#waiting.clear()
    this.#events = this.#bytes = 0
  }

  /** What waits will not be sent any more: it counts as dropped. */
  giveUp(): void {
    for (const { ch } of this.#waiting.values()) count(this.#dropped, ch)
    this.clear()
  }

  /** @returns what became of lines since the last report; undefined when nothing happened to any */
  report(): LagReport | undefined {
    if (Object.keys(this.#conflated).length === 0 && Object.keys(this.#dropped).length === 0) return undefined
    const report = { conflated: this.#conflated, dropped: this.#dropped, waiting: this.#waiting.size }
    this.#conflated = {}
    this.#dropped = {}
    return report
  }

  #add(key: string, line: StreamLine): void {
    this.#waiting.set(key, line)
    this.#bytes += line.text.length
  }

  #remove(key: string, line: StreamLine): void {
    this.#waiting.delete(key)
    this.#bytes -= line.text.length
  }

  #dropOldest(): boolean {
    for (const [key, line] of this.#waiting) {
      if (!key.startsWith('#')) continue
      this.#remove(key, line)
      this.#events--
      count(this.#dropped, line.ch)
      return true
    }
    return false
  }
}

function count(counts: Counts, ch: ChannelName): void {
  counts[ch] = (counts[ch] ?? 0) + 1
}
