import { decodeRecord, type Integrity, integrity } from '../../shared/channels/index.ts'

/** Entries that are listed at most; the counts go on. */
export const MAX_LISTED = 20_000

/** Events that are recognised when they come again; beyond that the counts are upper bounds. */
const MAX_KEYS = 200_000

export interface IntegrityEntry {
  readonly record: Integrity
  readonly epoch: number
}

/** Is this something wrong (a finding), or the news that all is well again? */
export function isFinding(record: Integrity): boolean {
  if (record.kind === 'FEED_CLOSED') return record.reason !== 'stopped'
  return record.kind !== 'FEED_OPEN' && record.kind !== 'BOOK_RESYNC_DONE' && record.kind !== 'BOOK_RESYNC_START'
}

/** The integrity events known of the run, in receive order. The same event may come twice (backfill, then played). */
export class IntegrityData {
  readonly #entries: IntegrityEntry[] = []
  readonly #keys = new Set<string>()
  #findings = 0
  #gaps = 0
  revision = 0

  get entries(): readonly IntegrityEntry[] {
    return this.#entries
  }

  /** Events that report something wrong. */
  get findings(): number {
    return this.#findings
  }

  /** GAP_DETECTED events. */
  get gaps(): number {
    return this.#gaps
  }

  /** @returns the record when it was new */
  putBytes(view: DataView, start: number, epoch: number): Integrity | undefined {
    const record = decodeRecord(integrity, view, start)
    const key = `${record.shard}:${record.frameIdx}:${record.pos}`
    if (this.#keys.has(key)) return undefined
    if (this.#keys.size < MAX_KEYS) this.#keys.add(key)
    this.#count(record, 1)
    if (this.#entries.length < MAX_LISTED) this.#insert({ record, epoch })
    this.revision++
    return record
  }

  /** Receive times of the gaps that concern an instrument (those of a whole feed concern all). */
  gapTimes(instrumentId: number): readonly number[] {
    return this.#entries.filter(({ record }) => concerns(record, instrumentId)).map(({ record }) => record.recvRelNs)
  }

  /** Another run has begun in this epoch: what came before it belongs to the run before. */
  dropBefore(epoch: number): void {
    const kept = this.#entries.filter((entry) => entry.epoch >= epoch)
    this.#entries.length = 0
    this.#keys.clear()
    this.#findings = 0
    this.#gaps = 0
    for (const entry of kept) {
      const { shard, frameIdx, pos } = entry.record
      this.#keys.add(`${shard}:${frameIdx}:${pos}`)
      this.#count(entry.record, 1)
      this.#entries.push(entry)
    }
    this.revision++
  }

  #count(record: Integrity, by: number): void {
    if (isFinding(record)) this.#findings += by
    if (record.kind === 'GAP_DETECTED') this.#gaps += by
  }

  #insert(entry: IntegrityEntry): void {
    let at = this.#entries.length
    while (at > 0 && (this.#entries[at - 1]?.record.recvRelNs ?? 0) > entry.record.recvRelNs) at--
    this.#entries.splice(at, 0, entry)
  }
}

/** True when a gap of this record makes a hole in the instrument's book. */
export function concerns(record: Integrity, instrumentId: number): boolean {
  return record.kind === 'GAP_DETECTED' && (record.instrumentId === 0 || record.instrumentId === instrumentId)
}
