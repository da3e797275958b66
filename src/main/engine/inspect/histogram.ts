/** Upper edges of the buckets in milliseconds, inclusive; what is above the last edge is in a bucket of its own. */
export const EDGES_MS: readonly number[] = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]

export interface Histogram {
  readonly total: number
  readonly bucket_edges: readonly number[]
  /** `le`: the bucket's upper edge, null for the last; `pct`: share of the total in percent, null when there is nothing to share. */
  readonly buckets: readonly { readonly le: number | null; readonly count: number; readonly pct: number | null }[]
}

/** @param sorted values in milliseconds, ascending */
export function histogram(sorted: Float64Array, edges: readonly number[] = EDGES_MS): Histogram {
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  let bucket = 0
  for (const value of sorted) {
    while (bucket < edges.length && value > edges[bucket]!) bucket += 1
    counts[bucket]! += 1
  }
  const total = sorted.length
  const buckets = counts.map((count, i) => ({ le: edges[i] ?? null, count, pct: total === 0 ? null : (100 * count) / total }))
  return { total, bucket_edges: edges, buckets }
}
