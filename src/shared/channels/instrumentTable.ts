import type { Instrument } from './catalog.ts'
import type { EventInstrument } from './eventJson.ts'
import type { Station } from './worldChannels.ts'

/** What the instrument numbers of a run stand for, learned from its `instrument` and `station` records in their order. */
export class InstrumentTable {
  readonly #known = new Map<number, EventInstrument>()

  take(record: Instrument | Station): void {
    const facts = factsIn(record.text)
    const text = (key: string): string => (typeof facts[key] === 'string' ? facts[key] : '')
    if (record.ch === 'station') this.#known.set(record.instrumentId, { tokenId: '', marketId: '', stationId: text('station_id') })
    else this.#known.set(record.instrumentId, { tokenId: text('token_id'), marketId: text('market_id') })
  }

  get(instrumentId: number): EventInstrument | undefined {
    return this.#known.get(instrumentId)
  }
}

function factsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const facts: unknown = JSON.parse(text)
    return typeof facts === 'object' && facts !== null ? (facts as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
