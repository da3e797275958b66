import type { CheckedIntent, CheckedPlace } from './checkedIntent.ts'

/** Intents of one batch as numbers and texts, for the way between threads: Float64Array [intent][FIELDS]. */
export interface EncodedIntents {
  readonly count: number
  readonly numbers: Float64Array<ArrayBuffer>
  readonly texts: readonly string[]
}

const FIELDS = 8
const CANCEL = 32
const SELL = 1
const MARKET = 2
const TAKER = 4
const TIFS = ['gtc', 'ioc', 'gtd'] as const

/** @param at index of the event of each intent */
export function encodeIntents(at: readonly number[], intents: readonly CheckedIntent[]): EncodedIntents {
  const numbers = new Float64Array(intents.length * FIELDS)
  const texts: string[] = []
  const places = new Map<string, number>()
  const place = (text: string): number => {
    let found = places.get(text)
    if (found === undefined) {
      found = texts.push(text) - 1
      places.set(text, found)
    }
    return found
  }
  intents.forEach((intent, i) => {
    const o = i * FIELDS
    numbers[o] = at[i]!
    numbers[o + 2] = place(intent.marketId)
    numbers[o + 3] = place(intent.tag)
    if (intent.type === 'cancel') {
      numbers[o + 1] = CANCEL
      numbers[o + 4] = place(intent.orderId)
      numbers[o + 5] = place(intent.reason)
      return
    }
    numbers[o + 1] =
      (intent.side === 'sell' ? SELL : 0) +
      (intent.orderType === 'market' ? MARKET : 0) +
      (intent.urgency === 'taker' ? TAKER : 0) +
      8 * TIFS.indexOf(intent.tif)
    numbers[o + 4] = intent.priceE6 ?? NaN
    numbers[o + 5] = intent.sizeE6
    numbers[o + 6] = intent.maxSlippageBps ?? NaN
    numbers[o + 7] = intent.expiresAtMs ?? NaN
  })
  return { count: intents.length, numbers, texts }
}

export function decodeIntents({ count, numbers, texts }: EncodedIntents): { at: number[]; intents: CheckedIntent[] } {
  const at: number[] = []
  const intents: CheckedIntent[] = []
  for (let i = 0; i < count; i++) {
    const o = i * FIELDS
    const text = (field: number): string => texts[numbers[o + field]!] ?? ''
    at.push(numbers[o]!)
    const flags = numbers[o + 1]!
    if (flags === CANCEL) intents.push({ type: 'cancel', marketId: text(2), tag: text(3), orderId: text(4), reason: text(5) })
    else intents.push(placeOf(flags, numbers, o, text(2), text(3)))
  }
  return { at, intents }
}

function placeOf(flags: number, numbers: Float64Array, o: number, marketId: string, tag: string): CheckedPlace {
  return {
    type: 'place',
    marketId,
    side: (flags & SELL) === 0 ? 'buy' : 'sell',
    priceE6: orUndefined(numbers[o + 4]!),
    sizeE6: numbers[o + 5]!,
    orderType: (flags & MARKET) === 0 ? 'limit' : 'market',
    tif: TIFS[flags >> 3] ?? 'gtc',
    urgency: (flags & TAKER) === 0 ? 'maker' : 'taker',
    maxSlippageBps: orUndefined(numbers[o + 6]!),
    tag,
    expiresAtMs: orUndefined(numbers[o + 7]!)
  }
}

function orUndefined(value: number): number | undefined {
  return value === value ? value : undefined
}
