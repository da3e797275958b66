import { ceilDiv } from './fixedPoint.ts'

/** What a fill costs besides its price. Exchanged as a whole: nothing else in the runtime knows of fees. */
export interface FeeModel {
  /** @param notionalE6 money that changes hands, × 1e6. @returns the fee × 1e6, not negative */
  feeE6(marketId: string, side: 'buy' | 'sell', notionalE6: bigint): bigint
}

/** The same share of every fill, rounded up. */
export function flatFee(bps: number): FeeModel {
  const share = BigInt(bps)
  return { feeE6: (_market, _side, notional) => ceilDiv(notional * share, 10_000n) }
}
