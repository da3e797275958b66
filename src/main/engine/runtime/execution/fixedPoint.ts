export const ONE_E6 = 1_000_000n
const BPS = 10_000n

/** a / b rounded towards minus infinity. `b` must be positive. */
export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}

/** a / b rounded towards plus infinity. `b` must be positive. */
export function ceilDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b > 0n ? quotient + 1n : quotient
}

/** Share of a non-negative amount in basis points, rounded down. Exact, whatever the size. */
export function bpsFloor(amount: number, bps: number): number {
  const product = amount * bps
  return product <= Number.MAX_SAFE_INTEGER ? Math.floor(product / 10_000) : Number((BigInt(amount) * BigInt(bps)) / BPS)
}

/** Share of a non-negative amount in basis points, rounded up. Exact, whatever the size. */
export function bpsCeil(amount: number, bps: number): number {
  const product = amount * bps
  return product <= Number.MAX_SAFE_INTEGER ? Math.ceil(product / 10_000) : Number(ceilDiv(BigInt(amount) * BigInt(bps), BPS))
}

/** price × size as an amount of money × 1e6: what a buyer pays (rounded up) or a seller gets (rounded down). */
export function notionalE6(side: 'buy' | 'sell', pxE6: number, sizeE6: number): bigint {
  const product = BigInt(pxE6) * BigInt(sizeE6)
  return side === 'buy' ? ceilDiv(product, ONE_E6) : product / ONE_E6
}
