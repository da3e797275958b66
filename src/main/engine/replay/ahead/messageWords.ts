import type { LevelList, MarketMessage } from '../../feeds/index.ts'
import { BLOCK_BYTES, type BegunText } from '../../tape/text/index.ts'
import type { Chunk } from './aheadRing.ts'

/** What a message is: which method of the sink it goes to. A `change` is a delta of one level, with its hash and nothing else. */
export const TOLD = { snapshot: 0, delta: 1, trade: 2, tickSize: 3, venueTop: 4, change: 5 } as const
export type Told = (typeof TOLD)[keyof typeof TOLD]

/** What the first half of a message says it is. */
export const toldOf = (half: number): Told => (half % BID) as Told

/** Where the key of the message's instrument stands in the payload, and its number in the thread that scanned it. */
export interface MessageKey {
  number: number
  from: number
  to: number
  hash: number
}

/** Words of a message before its levels. */
export const MESSAGE_WORDS = 27
/** Words behind the levels of a full book whose hash was begun: its sum, and less than a block of its text. */
const SUM_WORDS = 3
const REST_WORDS = BLOCK_BYTES / 8
export const BEGUN_WORDS = SUM_WORDS + REST_WORDS

/**
 * Writes a message at word `at`; byte ranges become relative to the payload.
 * @returns the word behind it
 */
export function putMessage(
  { words, halves }: Chunk,
  at: number,
  told: Told,
  key: MessageKey,
  message: MarketMessage,
  payloadStart: number
): number {
  halves[2 * at] = told
  halves[2 * at + 1] = key.number
  words[at + 1] = key.from - payloadStart
  words[at + 2] = key.to - payloadStart
  words[at + 3] = key.hash
  words[at + 4] = message.marketFrom - payloadStart
  words[at + 5] = message.marketTo - payloadStart
  words[at + 6] = message.hashFrom - payloadStart
  words[at + 7] = message.hashTo - payloadStart
  words[at + 8] = message.lastTradeFrom - payloadStart
  words[at + 9] = message.lastTradeTo - payloadStart
  words[at + 10] = message.tradeIdFrom - payloadStart
  words[at + 11] = message.tradeIdTo - payloadStart
  words[at + 12] = message.side
  words[at + 13] = message.firstSeq
  words[at + 14] = message.lastSeq
  words[at + 15] = message.exchTsMs
  words[at + 16] = message.tickE6
  words[at + 17] = message.oldTickE6
  words[at + 18] = message.bestBidE6
  words[at + 19] = message.bestAskE6
  words[at + 20] = message.pxE6
  words[at + 21] = message.sizeE6
  words[at + 22] = message.bestBidSizeE6
  words[at + 23] = message.bestAskSizeE6
  words[at + 24] = message.bids.count
  words[at + 25] = message.asks.count
  words[at + 26] = 0
  const next = putLevels(words, at + MESSAGE_WORDS, message.bids)
  return putLevels(words, next, message.asks)
}

const BID = 8
/** First half of a change, by its side. */
export const TOLD_BID = TOLD.change + BID
export const TOLD_ASK = TOLD.change
export const HASH_WORDS = 5
export const HASH_BYTES = 8 * HASH_WORDS
/**
 * Words of a change: two halves as of every message, then these. Nearly all messages are changes: one level, whose price is the message's,
 * and a hash of printable bytes, and they need no payload beside them.
 */
export const CHANGE = { px: 1, size: 2, tsMs: 3, bestBid: 4, bestAsk: 5, hash: 6 } as const
export const CHANGE_WORDS = CHANGE.hash + HASH_WORDS

/** Reads a change into a message whose `buf` are the chunk's bytes. @returns the word behind it */
export function getChange({ words, halves }: Chunk, at: number, message: MarketMessage): number {
  message.bids.clear()
  message.asks.clear()
  const pxE6 = words[at + CHANGE.px]!
  ;(halves[2 * at]! >= BID ? message.bids : message.asks).push(pxE6, words[at + CHANGE.size]!)
  message.pxE6 = pxE6
  message.exchTsMs = words[at + CHANGE.tsMs]!
  message.bestBidE6 = words[at + CHANGE.bestBid]!
  message.bestAskE6 = words[at + CHANGE.bestAsk]!
  message.hashFrom = 8 * (at + CHANGE.hash)
  message.hashTo = message.hashFrom + HASH_BYTES
  return at + CHANGE_WORDS
}

function putLevels(words: Float64Array, at: number, list: LevelList): number {
  const end = 2 * list.count
  const { values } = list
  for (let i = 0; i < end; i++) words[at + i] = values[i]!
  return at + end
}

/** Adds the begun hash of its text to a full book that stands at word `at`. @param next the word behind that @returns the word behind it now */
export function putBegun(
  { words, halves, bytes }: Chunk,
  at: number,
  next: number,
  { byteLength, sum, rest, restFrom }: BegunText
): number {
  words[at + 26] = byteLength
  for (let i = 0; i < sum.length; i++) halves[2 * next + i] = sum[i]!
  const to = 8 * (next + SUM_WORDS)
  for (let i = byteLength % BLOCK_BYTES; i-- > 0;) bytes[to + i] = rest[restFrom + i]!
  return next + BEGUN_WORDS
}

/** Where the key stands in the payload of a message that `putMessage` wrote. */
export function keyOf({ words }: Chunk, at: number): Omit<MessageKey, 'number'> {
  return { from: words[at + 1]!, to: words[at + 2]!, hash: words[at + 3]! }
}

/** Reads back what `putMessage` wrote, the instrument excepted. @returns the word behind it */
export function getMessage(chunk: Chunk, at: number, message: MarketMessage, payloadStart: number): number {
  const { words } = chunk
  message.marketFrom = words[at + 4]! + payloadStart
  message.marketTo = words[at + 5]! + payloadStart
  message.hashFrom = words[at + 6]! + payloadStart
  message.hashTo = words[at + 7]! + payloadStart
  message.lastTradeFrom = words[at + 8]! + payloadStart
  message.lastTradeTo = words[at + 9]! + payloadStart
  message.tradeIdFrom = words[at + 10]! + payloadStart
  message.tradeIdTo = words[at + 11]! + payloadStart
  message.side = words[at + 12]!
  message.firstSeq = words[at + 13]!
  message.lastSeq = words[at + 14]!
  message.exchTsMs = words[at + 15]!
  message.tickE6 = words[at + 16]!
  message.oldTickE6 = words[at + 17]!
  message.bestBidE6 = words[at + 18]!
  message.bestAskE6 = words[at + 19]!
  message.pxE6 = words[at + 20]!
  message.sizeE6 = words[at + 21]!
  message.bestBidSizeE6 = words[at + 22]!
  message.bestAskSizeE6 = words[at + 23]!
  const asksAt = getLevels(words, at + MESSAGE_WORDS, words[at + 24]!, message.bids)
  const next = getLevels(words, asksAt, words[at + 25]!, message.asks)
  message.begunBytes = words[at + 26]!
  return message.begunBytes === 0 ? next : getBegun(chunk, next, message)
}

function getBegun({ halves }: Chunk, at: number, message: MarketMessage): number {
  const { begunSum } = message
  for (let i = 0; i < begunSum.length; i++) begunSum[i] = halves[2 * at + i]!
  message.begunRestFrom = 8 * (at + SUM_WORDS)
  return at + BEGUN_WORDS
}

function getLevels(words: Float64Array, at: number, count: number, list: LevelList): number {
  list.clear()
  for (let i = 0; i < count; i++) list.push(words[at + 2 * i]!, words[at + 2 * i + 1]!)
  return at + 2 * count
}
