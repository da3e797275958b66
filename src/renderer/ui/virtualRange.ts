/** Rows of a long list that must be in the document. */
export interface VirtualRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** Rows in view with some to spare, for rows of one height. */
export function virtualRange(scrollTop: number, viewHeight: number, rowHeight: number, count: number, spare = 4): VirtualRange {
  const from = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight) - spare))
  const to = Math.max(from, Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + spare))
  return { from, to }
}
