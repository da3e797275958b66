import { booleanOf, textsOf, type ListingRow } from './listingFields.ts'

/** How markets name the coins that they are about. Tickers that are common words (link, dot, op) count only where they are stated as one. */
const NAMES: Readonly<Record<string, string>> = {
  BTC: 'btc|bitcoin',
  ETH: 'eth|ethereum|ether',
  SOL: 'sol|solana',
  XRP: 'xrp|ripple',
  DOGE: 'doge|dogecoin',
  BNB: 'bnb',
  ADA: 'ada|cardano',
  LTC: 'ltc|litecoin',
  BCH: 'bch',
  AVAX: 'avax|avalanche',
  MATIC: 'matic',
  AAVE: 'aave',
  LINK: 'chainlink',
  DOT: 'polkadot',
  UNI: 'uniswap',
  ARB: 'arbitrum'
}
const PATTERNS = Object.entries(NAMES).map(([ticker, names]) => [ticker, new RegExp(`\\b(?:${names})\\b`, 'i')] as const)
const CATEGORY_FIELDS = ['category', 'category_slug', 'parentCategory', 'subcategory', 'tag', 'tags']
const OTHER_CATEGORY = /politic|sport|entertainment|science|culture|health|weather|election/i
const SYMBOL_FIELDS = ['symbol', 'baseAsset', 'underlying', 'asset']
/** What a market says of itself to people. */
export const TEXT_FIELDS = ['slug', 'question', 'title', 'subtitle', 'groupItemTitle', 'ticker']

/** Stated, else by the category, else by the names in its texts. */
export function isCryptoMarket(row: ListingRow): boolean {
  const stated = booleanOf(row['isCrypto'] ?? row['is_crypto'])
  if (stated !== null) return stated
  const category = textsOf(row, CATEGORY_FIELDS).join(' ')
  if (/crypto/i.test(category)) return true
  if (OTHER_CATEGORY.test(category)) return false
  return tickersNamed(row).length > 0 || textsOf(row, TEXT_FIELDS).some((text) => /\bcrypto/i.test(text))
}

/** The one thing that a market is about, in capitals; undefined where it is none or several. */
export function instrumentOf(row: ListingRow): string | undefined {
  const [stated] = textsOf(row, SYMBOL_FIELDS)
  if (stated !== undefined) return stated.toUpperCase()
  const named = tickersNamed(row)
  return named.length === 1 ? named[0] : undefined
}

function tickersNamed(row: ListingRow): string[] {
  const text = textsOf(row, [...SYMBOL_FIELDS, ...TEXT_FIELDS]).join(' ')
  return PATTERNS.filter(([, pattern]) => pattern.test(text)).map(([ticker]) => ticker)
}
