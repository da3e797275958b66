import { createHash } from 'node:crypto'

/** What both pipelines must agree on. */
export interface ReplayOutput {
  readonly counts: {
    readonly frames: number
    readonly levelChanges: number
    readonly trades: number
    /** whole books taken */
    readonly snapshots: number
    /** changes of a best price or of the size at it */
    readonly topMoves: number
  }
  /** All levels of all books at the end, one line a book: token, bids, asks. Not part of the measured work. */
  readonly levels: () => string[]
}

/** @returns one text that is equal only when counts and final books are equal */
export function digestOf({ counts, levels }: ReplayOutput): string {
  const books = createHash('sha256').update(levels().toSorted().join('\n')).digest('hex')
  return `${JSON.stringify(counts)} books ${books}`
}

/** A price or size of six decimals at most as an integer × 1e6. */
export function e6(value: number): number {
  return Math.round(value * 1e6)
}
