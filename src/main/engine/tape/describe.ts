import type { InstrumentFacts } from '../../../shared/api/index.ts'
import type { Tape } from './tape.ts'

/** The instruments of a tape as the market picker shows them. */
export function describeInstruments(tape: Tape): InstrumentFacts[] {
  return tape.books.instruments.all.map((state) => ({
    instrumentId: state.id,
    venue: state.venue,
    tokenId: state.tokenId,
    marketId: state.marketId,
    name: state.name,
    outcome: state.outcome,
    tickE6: state.tickE6,
    frames: state.frames,
    trades: state.trades,
    bookOk: state.ok
  }))
}
