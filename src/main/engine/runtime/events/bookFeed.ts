import { FLAG_NOTE, FLAG_REST } from '../../bundle/index.ts'
import type { TapeFrame } from '../../tape/index.ts'
import { BookNormaliser, type NormaliserCounts } from '../normalise/bookNormaliser.ts'
import type { Trust } from '../state/trust.ts'
import { ROW, ROW_LENGTH, type EventBatch } from './eventBatch.ts'
import type { EventFeed, FrameStamps } from './eventFeed.ts'
import type { MarketTable } from './marketTable.ts'

/**
 * Events are the full books that the venue sends over its socket, as in the capture system. HTTP answers and notes in the log are none.
 * A market whose connection ended is not trusted until its next full book.
 */
export class BookFeed implements EventFeed {
  readonly counts: NormaliserCounts
  readonly #normaliser: BookNormaliser
  readonly #trust: Trust

  constructor(markets: MarketTable, trust: Trust) {
    this.#normaliser = new BookNormaliser(markets)
    this.counts = this.#normaliser.counts
    this.#trust = trust
  }

  take(frame: TapeFrame, out: EventBatch, stamps?: FrameStamps): void {
    if ((frame.flags & (FLAG_NOTE | FLAG_REST)) !== 0) {
      if ((frame.flags & FLAG_NOTE) !== 0) this.#note(frame)
      return
    }
    stamps?.decodeStart()
    const holdsBooks = this.#normaliser.decode(frame.payloadBuffer, frame.payloadStart, frame.payloadEnd)
    stamps?.decodeEnd()
    if (!holdsBooks) return
    const first = out.count
    this.#normaliser.normalise(frame.monoRelNs, out)
    for (let i = first; i < out.count; i++) {
      const market = out.rows[i * ROW_LENGTH + ROW.market]!
      this.#trust.known(market, frame.shard, frame.monoRelNs)
      this.#trust.regained(market, frame.monoRelNs)
    }
    stamps?.normalised()
  }

  missing(shard: number, relNs: number): void {
    this.#trust.shardLost(shard, relNs)
  }

  #note(frame: TapeFrame): void {
    const payload = Buffer.from(frame.payloadBuffer.buffer, frame.payloadBuffer.byteOffset, frame.payloadEnd).subarray(frame.payloadStart)
    // Nearly all notes are watermarks: a look is cheaper than to parse them.
    if (!payload.toString('latin1', 0, 40).includes('"conn_closed"')) return
    try {
      const note = JSON.parse(payload.toString('utf8')) as { readonly note?: unknown; readonly trigger?: unknown }
      if (note.note !== 'conn_closed' || note.trigger === 'stop' || note.trigger === 'refresh') return
      this.#trust.shardLost(frame.shard, frame.monoRelNs)
    } catch {
      this.counts.decodeErrors++
    }
  }
}
