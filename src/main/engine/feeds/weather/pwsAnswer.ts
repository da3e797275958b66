import type { PwsObservation, Rejected } from './observation.ts'

export interface PwsAnswer {
  readonly observations: readonly PwsObservation[]
  readonly rejected: readonly Rejected[]
}

export function parsePwsAnswer(_body: Uint8Array): PwsAnswer {
  return { observations: [], rejected: [] }
}
