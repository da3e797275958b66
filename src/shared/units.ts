declare const unit: unique symbol

/** A value whose unit the compiler checks: a SizeE6 is refused where a PxE6 is wanted. */
export type Unit<T, Name extends string> = T & { readonly [unit]?: Name }

/** Instant: nanoseconds since the Unix epoch, UTC. */
export type TsNs = Unit<bigint, 'TsNs'>
/** Instant as nanoseconds since the origin of its run (manifest `t0_wall_ns_utc`). Exact as a number for 104 days. */
export type RelNs = Unit<number, 'RelNs'>
/** Price × 1e6, an integer. Polymarket prices are USDC per share, Binance prices quote per base unit. */
export type PxE6 = Unit<number, 'PxE6'>
/** Base quantity × 1e6, an integer. */
export type SizeE6 = Unit<number, 'SizeE6'>

export const NS_PER_SECOND = 1_000_000_000
export const NS_PER_MS = 1_000_000
export const E6 = 1_000_000

/** Side of the order book, or of the aggressor of a trade. */
export type Side = 'bid' | 'ask'
export type Aggressor = 'unknown' | 'buy' | 'sell'
