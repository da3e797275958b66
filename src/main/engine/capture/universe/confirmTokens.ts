import type { PolymarketMarket } from '../../feeds/index.ts'
import { hashOfKey } from '../tokenShard.ts'

/** The marks of a shard: of its tokens those whose market has the most volume, then liquidity; what is equal, or of no known market, by hash. */
export function confirmTokens(keys: readonly string[], markets: readonly PolymarketMarket[], count: number): string[] {
  const byToken = new Map(markets.flatMap((market) => market.tokenIds.map((token) => [token, market] as const)))
  const ranked = keys.map((key) => {
    const { volume = 0, liquidity = 0 } = byToken.get(key) ?? {}
    return { key, volume, liquidity, hash: hashOfKey(key) }
  })
  ranked.sort((a, b) => b.volume - a.volume || b.liquidity - a.liquidity || (a.hash < b.hash ? -1 : 1))
  return ranked.slice(0, count).map(({ key }) => key)
}
