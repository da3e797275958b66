import type { CheckedIntent } from '../host/checkedIntent.ts'
import { bpsCeil, bpsFloor } from './fixedPoint.ts'

export interface FillRules {
  /** How far from the best price a taker is filled, in basis points; an intent may ask for less. */
  readonly takerSlippageBps: number
  /** Largest size of one fill, × 1e6; undefined = what the book shows. */
  readonly maxFillSizeE6: number | undefined
}

/** Best bid and ask of one market as numbers; NaN where a side is absent. */
export interface Top {
  readonly bidPxE6: number
  readonly bidSizeE6: number
  readonly askPxE6: number
  readonly askSizeE6: number
}

export interface FillTerms {
  readonly pxE6: number
  readonly sizeE6: number
}

/**
 * At what price and size a taker would be filled now: at the best opposite price, worsened by the slippage bound, and never past its own limit.
 * Makers are not filled. The book is not used up by a fill.
 * @returns undefined when nothing is filled
 */
export function fillTerms(intent: CheckedIntent, top: Top, rules: FillRules): FillTerms | undefined {
  if (intent.type !== 'place' || intent.urgency !== 'taker') return undefined
  const buys = intent.side === 'buy'
  const bestE6 = buys ? top.askPxE6 : top.bidPxE6
  const shownE6 = buys ? top.askSizeE6 : top.bidSizeE6
  if (!(bestE6 > 0 && shownE6 > 0)) return undefined
  const limitE6 = intent.orderType === 'limit' ? intent.priceE6 : undefined
  // A limit that the book itself does not meet is not filled; slippage alone never moves a fill past the limit.
  if (limitE6 !== undefined && (buys ? limitE6 < bestE6 : limitE6 > bestE6)) return undefined
  const bps = Math.min(rules.takerSlippageBps, intent.maxSlippageBps ?? rules.takerSlippageBps)
  const slippedE6 = buys ? bestE6 + bpsCeil(bestE6, bps) : Math.max(0, bestE6 - bpsFloor(bestE6, bps))
  const pxE6 = limitE6 === undefined ? slippedE6 : buys ? Math.min(slippedE6, limitE6) : Math.max(slippedE6, limitE6)
  const sizeE6 = Math.min(intent.sizeE6, shownE6, rules.maxFillSizeE6 ?? Infinity)
  return sizeE6 > 0 ? { pxE6, sizeE6 } : undefined
}
