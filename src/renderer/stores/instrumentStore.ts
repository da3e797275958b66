import { create } from 'zustand'
import type { InstrumentFacts } from '../../shared/api/index.ts'

interface InstrumentStore {
  readonly instruments: readonly InstrumentFacts[]
}

export const useInstruments = create<InstrumentStore>(() => ({ instruments: [] }))

export function showInstruments(instruments: readonly InstrumentFacts[]): void {
  useInstruments.setState({ instruments })
}

/** Instruments whose name, outcome or ids contain the words. */
export function matchingInstruments(instruments: readonly InstrumentFacts[], search: string): readonly InstrumentFacts[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return instruments
  return instruments.filter((one) => {
    const text = `${one.name} ${one.outcome} ${one.tokenId} ${one.marketId}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
