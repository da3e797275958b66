import { FLAG_NOTE, FLAG_REST } from '../../bundle/index.ts'
import { subscribedKeys, type TapeFrame } from '../../tape/index.ts'
import { BookNormaliser, type NormaliserCounts } from '../normalise/bookNormaliser.ts'
import { ConnectionNotes } from '../state/connectionNotes.ts'
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
  readonly #notes: ConnectionNotes

  constructor(markets: MarketTable, trust: Trust) {
    this.#normaliser = new BookNormaliser(markets)
    this.counts = this.#normaliser.counts
    this.#trust = trust
    this.#notes = new ConnectionNotes(trust)
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

  #note(frame: TapeFrame): void {
    const { shard, monoRelNs } = frame
    const note = this.#notes.take(frame)
    if (note?.note === 'unsubscribed') this.#trust.left(subscribedKeys(note), monoRelNs)
    // The connection that takes over has brought data by then: nothing was missed.
    if (note?.note !== 'conn_closed' || note.trigger === 'stop' || note.overlap === true) return
    this.#trust.shardLost({ shard, relNs: monoRelNs, hole: false })
  }
}
