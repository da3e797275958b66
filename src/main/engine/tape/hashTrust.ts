import { formatE6 } from '../../../shared/market/index.ts'
import type { HashFacts, MarketMessage } from '../feeds/index.ts'
import type { BookState, HashDoubt, HashTrust } from './bookState.ts'
import { BookText } from './bookText.ts'
import type { StatedBook } from './statedBooks.ts'

const ascii = new TextDecoder('latin1')
/** Of the book that is being checked. */
const text = new BookText()
/** Minimum order sizes that markets have; tried when discovery did not say. */
const USUAL_MIN_ORDER_SIZES = ['5', '1', '15', '0.1']
/** Failed checks in a row, each after a fresh snapshot, after which hashes of a token are no longer believed. */
const GIVE_UP_AFTER = 3
/** Trades of a few orders that eat several levels at once, on a connection that is a little ahead. */
const EARLIER_TRADES = 8
/** Changes whose prices are tried while nothing is known yet of what the hash covers: each is tried with every guess. */
const TRIED_AT_FIRST = 8
const HASH_LENGTH = 40
const ONE_E6 = 1_000_000

type TriedFacts = Omit<HashFacts, 'market' | 'assetId'>

export interface HashCounts {
  verified: number
  failed: number
  unverifiable: number
  /** Hashes that differed when they came. */
  doubts: number
}

/**
 * Checks a full book message against its own hash, and learns from it what the hash covers (neg_risk, min_order_size, last trade) where
 * nothing else said so.
 * @returns undefined when the message has no hash, or a mismatch proves nothing
 */
export function checkSnapshotHash(state: BookState, message: MarketMessage, counts: HashCounts): boolean | undefined {
  const { trust } = state
  const statesTrade = message.lastTradeTo > message.lastTradeFrom
  if (statesTrade) tellTrade(state, asciiText(message, message.lastTradeFrom, message.lastTradeTo), counts)
  const wanted = asciiText(message, message.hashFrom, message.hashTo)
  if (wanted.length !== HASH_LENGTH || state.marketId === '' || trust.hashable === 'no' || !(message.exchTsMs >= 0)) return undefined
  beginText(state, message)
  for (const facts of candidates(state)) {
    if (!matches(trust, wanted, facts)) continue
    trust.negRisk = facts.negRisk
    trust.minOrderSize = facts.minOrderSize
    trust.hashable = 'yes'
    return true
  }
  // Without a last_trade_price in the message a mismatch proves nothing: the trade may be one that only the other token's connection printed.
  return statesTrade ? false : undefined
}

/** Goes on from the sum that another thread has made of the same text, if it did. */
function beginText({ book, marketId, tokenId }: BookState, message: MarketMessage): void {
  const { begunBytes, begunSum, begunRestFrom, buf } = message
  if (begunBytes > 0 && asciiText(message, message.marketFrom, message.marketTo) === marketId)
    text.goOn({ byteLength: begunBytes, sum: begunSum, rest: buf, restFrom: begunRestFrom })
  else text.begin(book, { market: marketId, assetId: tokenId }, String(message.exchTsMs))
}

function candidates(state: BookState): HashFacts[] {
  const base = { market: state.marketId, assetId: state.tokenId, tickE6: state.tickE6 }
  const { trust } = state
  if (trust.hashable === 'yes' && trust.negRisk !== undefined)
    return [{ ...base, minOrderSize: trust.minOrderSize, negRisk: trust.negRisk }]
  const sizes = [trust.minOrderSize, ...USUAL_MIN_ORDER_SIZES.filter((size) => size !== trust.minOrderSize)]
  const risks = trust.negRisk === undefined ? [false, true] : [trust.negRisk, !trust.negRisk]
  return sizes.flatMap((minOrderSize) => risks.map((negRisk) => ({ ...base, minOrderSize, negRisk })))
}

/** Tries the last trade that was printed, then every trade that the newest changes may stand for, newest first; keeps the one that fits. */
function matches(trust: HashTrust, wanted: string, facts: TriedFacts): boolean {
  if (text.hasHash(wanted, facts, trust.lastTradeText)) return true
  // A trade is printed under one price for both tokens of a market, and only to those who follow the taker's token.
  const { recentPxE6, recentAt } = trust
  const { length } = recentPxE6
  const tried = trust.hashable === 'yes' ? length : TRIED_AT_FIRST
  for (let back = 1; back <= tried; back++) {
    const pxE6 = recentPxE6[(recentAt + length - back) % length]!
    if (pxE6 === 0) continue
    if (isTrade(trust, wanted, facts, tradeText(pxE6)) || isTrade(trust, wanted, facts, tradeText(ONE_E6 - pxE6))) return true
  }
  return trust.earlierTradeTexts.some((earlier) => isTrade(trust, wanted, facts, earlier))
}

function isTrade(trust: HashTrust, wanted: string, facts: TriedFacts, lastTrade: string): boolean {
  if (!text.hasHash(wanted, facts, lastTrade)) return false
  noteTrade(trust, lastTrade)
  return true
}

const tradeTexts = new Map<number, string>()
const MAX_TRADE_TEXTS = 10_000

/** The price of a trade, as the venue writes it: three decimals. Prices are few, so their texts are kept. */
export function tradeText(pxE6: number): string {
  let found = tradeTexts.get(pxE6)
  if (found === undefined) {
    if (tradeTexts.size === MAX_TRADE_TEXTS) tradeTexts.clear()
    tradeTexts.set(pxE6, (found = formatE6(pxE6, 3)))
  }
  return found
}

/** The market's last trade, as the venue writes it. Those before it stay known, each once. */
function noteTrade(trust: HashTrust, lastTrade: string): void {
  if (lastTrade === trust.lastTradeText) return
  const { earlierTradeTexts: earlier } = trust
  const known = earlier.indexOf(lastTrade)
  let at = known >= 0 ? known : earlier.length < EARLIER_TRADES ? earlier.push('') - 1 : earlier.length - 1
  for (; at > 0; at--) earlier[at] = earlier[at - 1]!
  earlier[0] = trust.lastTradeText
  trust.lastTradeText = lastTrade
}

/** Remembers the price of a change: it may have been a trade. */
export function noteChange(trust: HashTrust, pxE6: number): void {
  trust.recentPxE6[trust.recentAt] = pxE6
  trust.recentAt = (trust.recentAt + 1) % trust.recentPxE6.length
}

/** Compares the best prices that the venue stated with ours. Costs two comparisons. @returns `silent` when it stated none */
export function topVerdict(
  { book: { bids, asks } }: BookState,
  { bestBidE6, bestAskE6 }: Pick<StatedBook, 'bestBidE6' | 'bestAskE6'>
): 'agrees' | 'differs' | 'silent' {
  if (!(bestBidE6 >= 0) || !(bestAskE6 >= 0)) return 'silent'
  const bid = bids.count > 0 ? bids.levels[2 * bids.count - 2]! : 0
  const ask = asks.count > 0 ? -asks.levels[2 * asks.count - 2]! : ONE_E6
  return bid === bestBidE6 && ask === bestAskE6 ? 'agrees' : 'differs'
}

/** A hash is checked after the first change of each second. */
export function isCheckDue({ trust }: BookState, second: number): boolean {
  return trust.checkedSecond !== second
}

/**
 * Recomputes the hash of the whole book after a change: costly, so only when `isCheckDue` or the top differs.
 * @returns a doubt where the hash differs: a trade may explain it that is not printed yet
 */
export function hashVerdict(state: BookState, stated: StatedBook, recvRelNs: number, counts: HashCounts): 'agrees' | 'silent' | HashDoubt {
  const { trust } = state
  const { exchTsMs } = stated
  const wanted = asciiText(stated, stated.hashFrom, stated.hashTo)
  // A time that is no whole number of milliseconds cannot be written as the venue wrote it.
  if (wanted.length !== HASH_LENGTH || trust.hashable !== 'yes' || trust.negRisk === undefined || !(exchTsMs >= 0)) {
    counts.unverifiable++
    return 'silent'
  }
  const { minOrderSize, negRisk } = trust
  const facts = { tickE6: state.tickE6, minOrderSize, negRisk }
  text.begin(state.book, { market: state.marketId, assetId: state.tokenId }, String(exchTsMs))
  if (!matches(trust, wanted, facts)) {
    counts.failed++
    return { n: ++counts.doubts, recvRelNs, exchTsMs, wanted, facts, begun: text.kept }
  }
  trust.failures = 0
  counts.verified++
  return 'agrees'
}

/** A trade of the market has become known: the newest, and perhaps the one that explains a mismatch. @param lastTrade three decimals */
export function tellTrade(state: BookState, lastTrade: string, counts: HashCounts): void {
  const { trust } = state
  const { doubt } = trust
  noteTrade(trust, lastTrade)
  if (doubt === undefined) return
  text.goOn(doubt.begun)
  if (!text.hasHash(doubt.wanted, doubt.facts, lastTrade)) return
  trust.doubt = undefined
  trust.failures = 0
  counts.failed--
  counts.verified++
}

/** A book of this token was proven wrong by a hash. */
export function noteFailure(trust: HashTrust): void {
  trust.failures++
  if (trust.failures >= GIVE_UP_AFTER) trust.hashable = 'no'
}

/** A copy that shares nothing. */
export function copyTrust(trust: HashTrust): HashTrust {
  return { ...trust, recentPxE6: trust.recentPxE6.slice(), earlierTradeTexts: trust.earlierTradeTexts.slice() }
}

export function asciiText({ buf }: { readonly buf: Uint8Array }, from: number, to: number): string {
  return ascii.decode(buf.subarray(from, to))
}
