import { create } from 'zustand'
import type { InstrumentFacts } from '../../shared/api/index.ts'

interface InstrumentStore {
  readonly instruments: readonly InstrumentFacts[]
  /** View epoch in which the list came. */
  readonly epoch: number
}

export const useInstruments = create<InstrumentStore>(() => ({ instruments: [], epoch: -1 }))

export function showInstruments(instruments: readonly InstrumentFacts[], epoch: number): void {
  useInstruments.setState({ instruments, epoch })
}

/** Another run has begun in this epoch: an older list is no longer true. */
export function dropInstrumentsBefore(epoch: number): void {
  if (useInstruments.getState().epoch < epoch) useInstruments.setState({ instruments: [], epoch })
}

/** Instruments whose name, outcome or ids contain the words. */
export function matchingInstruments(instruments: readonly InstrumentFacts[], search: string): readonly InstrumentFacts[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return instruments
  return instruments.filter((one) => {
    const text = `${one.name} ${one.outcome} ${one.tokenId} ${one.marketId}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
