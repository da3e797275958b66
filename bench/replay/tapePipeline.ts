import { topOfBook } from '../../src/shared/channels/index.ts'
import { TapeRun, type RunFacts } from '../../src/main/engine/replay/index.ts'
import type { BookSide } from '../../src/shared/market/index.ts'
import type { BookCounter } from './bookCounter.ts'
import type { ReplayOutput } from './replayOutput.ts'

export interface TapeOutput extends ReplayOutput {
  readonly fingerprint: string
  readonly marketEvents: number
  readonly records: number
}

/**
 * The product's replay from disk to fingerprint, as `tapedeck replay` does it: all records of all channels are made and hashed.
 * @param readAhead with the second thread that it uses, or without
 * @param books counts whole books; left out where time is measured, and the count is 0 then
 */
export function playTape(run: RunFacts, readAhead: boolean, books?: BookCounter): TapeOutput {
  const player = new TapeRun(run, { readAhead, ...(books !== undefined && { onRecords: books.add }) })
  const { tape } = player
  player.advance(Infinity, Infinity)
  const { sha256 } = tape.summary()
  player.close()
  const { instruments, marketEvents } = tape.books
  const trades = instruments.all.reduce((sum, state) => sum + state.trades, 0)
  const levelChanges = marketEvents - trades
  const made = (wireId: number): number => tape.fingerprint.counts[wireId] ?? 0
  return {
    counts: { frames: tape.frames, levelChanges, trades, snapshots: books?.books ?? 0, topMoves: made(topOfBook.wireId) },
    levels: () => instruments.all.map(({ tokenId, book }) => `${tokenId} ${sideLine(book.bids)} / ${sideLine(book.asks)}`),
    fingerprint: sha256,
    marketEvents,
    records: tape.fingerprint.events
  }
}

function sideLine(side: BookSide): string {
  return Array.from({ length: side.count }, (_, rank) => `${side.pxAt(rank)}:${side.sizeAt(rank)}`)
    .toSorted()
    .join(' ')
}
