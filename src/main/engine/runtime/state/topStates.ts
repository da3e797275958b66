import type { Top } from '../execution/fill.ts'
import { ROW, ROW_LENGTH } from '../events/eventBatch.ts'

/** State of one market: the last event's best prices. NaN stands for an absent side. */
export class TopState implements Top {
  bidPxE6 = NaN
  bidSizeE6 = NaN
  askPxE6 = NaN
  askSizeE6 = NaN
  lastUpdateSeq = 0
  /** The last prices that were there, for marks: a side that is missing now keeps its last price. */
  lastBidE6 = NaN
  lastAskE6 = NaN
}

/** Best prices of every market of a run, by market number. */
export class TopStates {
  readonly #states: TopState[] = []

  /** Takes one event. An event that is not newer than the last one of its market changes nothing. @returns the market's state */
  apply(rows: Float64Array, index: number, seq: number): TopState {
    const at = index * ROW_LENGTH
    const state = this.of(rows[at + ROW.market]!)
    if (seq <= state.lastUpdateSeq) return state
    state.lastUpdateSeq = seq
    state.bidPxE6 = rows[at + ROW.bidPxE6]!
    state.bidSizeE6 = rows[at + ROW.bidSizeE6]!
    state.askPxE6 = rows[at + ROW.askPxE6]!
    state.askSizeE6 = rows[at + ROW.askSizeE6]!
    if (state.bidPxE6 === state.bidPxE6) state.lastBidE6 = state.bidPxE6
    if (state.askPxE6 === state.askPxE6) state.lastAskE6 = state.askPxE6
    return state
  }

  of(market: number): TopState {
    let state = this.#states[market]
    if (state === undefined) {
      while (this.#states.length < market) this.#states.push(new TopState())
      state = this.#states[market] = new TopState()
    }
    return state
  }

  /** The conservative mark of a position: last bid for longs, last ask for shorts. */
  readonly markOf = (market: number, side: 'bid' | 'ask'): number | undefined => {
    const state = this.#states[market]
    const mark = side === 'bid' ? state?.lastBidE6 : state?.lastAskE6
    return mark === undefined || mark !== mark ? undefined : mark
  }
}
