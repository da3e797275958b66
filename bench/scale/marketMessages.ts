/** Distinct changes of one connection; they are sent again and again. */
export const RING = 4096
const FIRST_TOKEN = 10n ** 76n
const LEVELS = 20

/** Token ids as long as the venue's own. Two make a market. */
export function tokenIds(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(FIRST_TOKEN + BigInt(i)))
}

/** The first full book of a token, as the venue answers a subscription: a list with one entry. */
export function bookText(token: string): string {
  const levels = (from: number): string =>
    Array.from({ length: LEVELS }, (_, i) => `{"price":"0.${from + i}","size":"${100 + i}"}`).join(',')
  const sides = `"bids":[${levels(30)}],"asks":[${levels(51)}]`
  return `[{"market":"${marketOf(token)}","asset_id":"${token}","timestamp":"1700000000000","hash":"${'0'.repeat(40)}",${sides},"event_type":"book"}]`
}

/** The changes of one connection in order, over all its tokens. Each is as long as every other. @param tokens in ascending order */
export function changeTexts(tokens: readonly string[]): Buffer[] {
  return Array.from({ length: RING }, (_, i) => {
    // A step that has no factor in common with any usual number of tokens: neighbours in time are strangers.
    const token = tokens[(i * 7919) % tokens.length] ?? ''
    const change = `{"asset_id":"${token}","price":"0.${30 + (i % 20)}","size":"${1000 + (i % 9000)}","side":"BUY","hash":"${'0'.repeat(40)}","best_bid":"0.49","best_ask":"0.51"}`
    return Buffer.from(
      `{"market":"${marketOf(token)}","price_changes":[${change}],"timestamp":"${1_700_000_000_000 + i}","event_type":"price_change"}`
    )
  })
}

function marketOf(token: string): string {
  return `0x${token.slice(-64)}`
}
