import { create } from 'zustand'

/** A stretch of the open run, ns since its origin; `fromRelNs` is the earlier end. Both ends belong to it. */
export interface TimeRange {
  readonly fromRelNs: number
  readonly toRelNs: number
}

interface SelectionStore {
  readonly range: TimeRange | undefined
  /** Run that the range belongs to. */
  readonly path: string
  /** True while a plain drag on the timeline marks a range instead of moving the playhead. */
  readonly selecting: boolean
}

export const useSelection = create<SelectionStore>(() => ({ range: undefined, path: '', selecting: false }))

/** Marks the stretch between two instants, in either order. */
export function selectRange(path: string, a: number, b: number): void {
  useSelection.setState({ path, range: { fromRelNs: Math.min(a, b), toRelNs: Math.max(a, b) } })
}

export function clearSelection(): void {
  useSelection.setState({ range: undefined, path: '', selecting: false })
}

export function setSelecting(selecting: boolean): void {
  useSelection.setState({ selecting })
}
