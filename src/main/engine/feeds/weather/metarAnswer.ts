import type { MetarObservation, Rejected } from './observation.ts'

export interface MetarAnswer {
  /** Oldest first. */
  readonly observations: readonly MetarObservation[]
  readonly rejected: readonly Rejected[]
}

export function parseMetarAnswer(_body: Uint8Array, _receivedMs?: number): MetarAnswer {
  return { observations: [], rejected: [] }
}
