import type { BookSide } from './orderBook.ts'

/** (bid + ask) / 2 in price × 1e6; may end in .5. */
export function midE6(bidPxE6: number, askPxE6: number): number {
  return (bidPxE6 + askPxE6) / 2
}

/**
 * Size-weighted mid, (bid × ask size + ask × bid size) / (bid size + ask size), in price × 1e6; may be fractional.
 * Written as an offset from the bid, so the rounding error is at the scale of the spread. This is the weighted mid, not Stoikov's estimator.
 * @returns undefined when both sizes are zero
 */
export function micropriceE6(bidPxE6: number, bidSizeE6: number, askPxE6: number, askSizeE6: number): number | undefined {
  const total = bidSizeE6 + askSizeE6
  return total === 0 ? undefined : bidPxE6 + ((askPxE6 - bidPxE6) * bidSizeE6) / total
}

/** (B − A) / (B + A) over the best `depth` levels of each side, in [−1, 1]. @returns undefined for an empty book */
export function imbalance(bids: BookSide, asks: BookSide, depth: number): number | undefined {
  return imbalanceOfSizes(sumSizes(bids, depth), sumSizes(asks, depth))
}

/** The same of sums that are known already. */
export function imbalanceOfSizes(bidSize: number, askSize: number): number | undefined {
  return askSize + bidSize === 0 ? undefined : (bidSize - askSize) / (bidSize + askSize)
}

/** What the best `depth` levels of a side hold together. */
export function sumSizes(side: BookSide, depth: number): number {
  let sum = 0
  for (let i = side.count - 1, last = Math.max(0, side.count - depth); i >= last; i--) sum += side.levels[2 * i + 1]!
  return sum
}

/** Mid rounded half up to the tick grid: the spot reference of a heatmap column. */
export function spotReferenceE6(bidPxE6: number, askPxE6: number, tickE6: number): number {
  return Math.floor((bidPxE6 + askPxE6) / (2 * tickE6) + 0.5) * tickE6
}
