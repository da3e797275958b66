import { createHash } from 'node:crypto'
import type { ShardKeys } from '../feeds/index.ts'

/** Connections hold at most about this many tokens each when the number of shards is left open; hashing spreads them unevenly. */
const TOKENS_PER_SHARD = 150
const DEFAULT_POLYMARKET_SHARDS = 8
const MAX_SHARDS = 64

/** First 8 bytes (little endian) of the SHA-256 of a token or symbol. */
export function hashOfKey(key: string): bigint {
  return createHash('sha256').update(key, 'utf8').digest().readBigUInt64LE(0)
}

/** Shard of a token or symbol: its hash modulo the number of shards. */
export function shardOfKey(key: string, shards: number): number {
  return Number(hashOfKey(key) % BigInt(shards))
}

/** Spreads keys over shards; within a shard they are unique and sorted. */
export function assignShards(keys: readonly string[], shards: number): ShardKeys[] {
  const plans = Array.from({ length: shards }, (_, shard) => ({ shard, keys: [] as string[] }))
  for (const key of [...new Set(keys)].toSorted()) plans[shardOfKey(key, shards)]?.keys.push(key)
  return plans
}

/** @param configured as the user set it, null to let the number of keys decide */
export function shardCount(configured: number | null, venue: 'polymarket' | 'binance', keyCount: number): number {
  if (configured !== null) return configured
  const least = venue === 'polymarket' ? DEFAULT_POLYMARKET_SHARDS : 1
  return Math.min(MAX_SHARDS, Math.max(least, Math.ceil(keyCount / TOKENS_PER_SHARD)))
}
