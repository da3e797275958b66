/** An intent after the check, with every default filled in. */
export type CheckedIntent = CheckedPlace | CheckedCancel

export interface CheckedPlace {
  readonly type: 'place'
  readonly marketId: string
  readonly side: 'buy' | 'sell'
  readonly priceE6: number | undefined
  readonly sizeE6: number
  readonly orderType: 'limit' | 'market'
  readonly tif: 'gtc' | 'ioc' | 'gtd'
  readonly urgency: 'maker' | 'taker'
  readonly maxSlippageBps: number | undefined
  readonly tag: string
  readonly expiresAtMs: number | undefined
}

export interface CheckedCancel {
  readonly type: 'cancel'
  readonly orderId: string
  readonly marketId: string
  readonly tag: string
  readonly reason: string
}

/** Most intents that a strategy may answer with to one event. */
export const MAX_INTENTS_PER_EVENT = 1000
const MAX_TEXT = 200
const LINE_BREAKING = /[\n\r|]/
const SIDES = ['buy', 'sell'] as const
const ORDER_TYPES = ['limit', 'market'] as const
const TIFS = ['gtc', 'ioc', 'gtd'] as const
const URGENCIES = ['maker', 'taker'] as const

/** An answer that is no list of intents. The message says what was expected and what was found. */
export class BadIntent extends Error {}

type Fields = Readonly<Record<string, unknown>>

/**
 * Checks what a strategy answered.
 * @param fallbackTag tag of intents that have none
 * @throws BadIntent
 */
export function checkIntents(answer: unknown, fallbackTag: string): readonly CheckedIntent[] {
  if (answer === undefined || answer === null) return NONE
  if (!Array.isArray(answer)) throw new BadIntent(`a list of intents, or nothing, was expected, but ${describe(answer)} came`)
  if (answer.length === 0) return NONE
  if (answer.length > MAX_INTENTS_PER_EVENT)
    throw new BadIntent(`at most ${MAX_INTENTS_PER_EVENT} intents are allowed for one event, but ${answer.length} came`)
  const checked: CheckedIntent[] = []
  for (let i = 0; i < answer.length; i++) checked.push(checkIntent(answer[i], fallbackTag))
  return checked
}

const NONE: readonly CheckedIntent[] = []

function checkIntent(value: unknown, fallbackTag: string): CheckedIntent {
  if (typeof value !== 'object' || value === null) throw new BadIntent(`an intent is an object, but ${describe(value)} came`)
  const fields = value as Fields
  const { type } = fields
  if (type === 'place') return checkPlace(fields, fallbackTag)
  if (type === 'cancel') return checkCancel(fields, fallbackTag)
  throw new BadIntent(`the type of an intent is "place" or "cancel", but ${describe(type)} came`)
}

function checkPlace(fields: Fields, fallbackTag: string): CheckedPlace {
  const orderType = oneOf(fields, 'orderType', ORDER_TYPES, 'limit')
  const priceE6 = optional(fields, 'priceE6') ? undefined : whole(fields, 'priceE6', 1, Number.MAX_SAFE_INTEGER)
  if (priceE6 === undefined && orderType === 'limit')
    throw new BadIntent('priceE6 of a limit order is a whole number above 0 (price × 1e6), but it is missing')
  return {
    type: 'place',
    marketId: text(fields, 'marketId', undefined),
    side: oneOf(fields, 'side', SIDES, undefined),
    priceE6,
    sizeE6: whole(fields, 'sizeE6', 1, Number.MAX_SAFE_INTEGER),
    orderType,
    tif: oneOf(fields, 'tif', TIFS, 'gtc'),
    urgency: oneOf(fields, 'urgency', URGENCIES, 'maker'),
    maxSlippageBps: optional(fields, 'maxSlippageBps') ? undefined : whole(fields, 'maxSlippageBps', 0, 10_000),
    tag: line(fields, 'tag', fallbackTag),
    expiresAtMs: optional(fields, 'expiresAtMs') ? undefined : whole(fields, 'expiresAtMs', 0, Number.MAX_SAFE_INTEGER)
  }
}

function checkCancel(fields: Fields, fallbackTag: string): CheckedCancel {
  return {
    type: 'cancel',
    orderId: text(fields, 'orderId', undefined),
    marketId: text(fields, 'marketId', undefined),
    tag: line(fields, 'tag', fallbackTag),
    reason: text(fields, 'reason', '')
  }
}

function optional(fields: Fields, name: string): boolean {
  const value = fields[name]
  return value === undefined || value === null
}

function oneOf<T extends string>(fields: Fields, name: string, allowed: readonly T[], fallback: T | undefined): T {
  const value = fields[name]
  if (value === undefined && fallback !== undefined) return fallback
  if (allowed.includes(value as T)) return value as T
  throw new BadIntent(`${name} is ${allowed.map((word) => `"${word}"`).join(' or ')}, but ${describe(value)} came`)
}

function whole(fields: Fields, name: string, min: number, max: number): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? (min === 1 ? 'above 0' : `from ${min}`) : `from ${min} to ${max}`
  const unit = name.endsWith('E6') ? ' (the value × 1e6)' : ''
  throw new BadIntent(`${name} is a whole number ${range}${unit}, but ${describe(value)} came`)
}

function text(fields: Fields, name: string, fallback: string | undefined): string {
  const value = fields[name] ?? fallback
  if (typeof value === 'string' && value.length <= MAX_TEXT && (value !== '' || fallback === '')) return value
  throw new BadIntent(`${name} is a text of 1 to ${MAX_TEXT} characters, but ${describe(value)} came`)
}

/** A text that stands in a line of the intent hash. */
function line(fields: Fields, name: string, fallback: string): string {
  const value = fields[name] ?? fallback
  if (typeof value === 'string' && value.length <= MAX_TEXT && !LINE_BREAKING.test(value)) return value
  throw new BadIntent(`${name} is a text of up to ${MAX_TEXT} characters without line breaks or "|", but ${describe(value)} came`)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `the bigint ${value}n (write it as a number)`
  if (value instanceof Promise) return 'a promise (a callback answers at once, so it must not be async)'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
