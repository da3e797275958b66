import { create } from 'zustand'
import type { JumpKind } from '../../shared/api/index.ts'

interface MoveStore {
  /** Where the previous and next buttons go. */
  readonly jumpKind: JumpKind
  /** How much is played before the beginning of a loop, s. */
  readonly preRollS: number
}

/** What the user has chosen of the ways through time. */
export const useMoves = create<MoveStore>(() => ({ jumpKind: 'metar', preRollS: 2 }))

export function setMoves(change: Partial<MoveStore>): void {
  useMoves.setState(change)
}
