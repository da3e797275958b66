import { create } from 'zustand'
import type { PlayheadFingerprint, PlayheadInputs, StationInputs } from '../../shared/api/index.ts'

interface InputsStore {
  /** What was known at the instant that it names. */
  readonly inputs: PlayheadInputs | undefined
  /** Station that the user chose; empty: the first. */
  readonly stationId: string
  /** Why it could not be told. */
  readonly problem: string | undefined
  readonly fingerprint: PlayheadFingerprint | undefined
}

export const useInputs = create<InputsStore>(() => ({ inputs: undefined, stationId: '', problem: undefined, fingerprint: undefined }))

export function setInputs(change: Partial<InputsStore>): void {
  useInputs.setState(change)
}

/** Another run: what was known in the last one is not known in this one. */
export function forgetInputs(): void {
  useInputs.setState({ inputs: undefined, problem: undefined, fingerprint: undefined })
}

/** The chosen station, or the first one; undefined when the run has no weather. */
export function shownStation(inputs: PlayheadInputs | undefined, stationId: string): StationInputs | undefined {
  return inputs?.stations.find((station) => station.stationId === stationId) ?? inputs?.stations[0]
}
