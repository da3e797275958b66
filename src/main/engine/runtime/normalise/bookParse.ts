import { ID_KEYS, type BookObject, type BookTable } from './bookTable.ts'

/** A number of a JSON text with its digits as they stand there: a double would lose some. */
class NumberText {
  readonly digits: string

  constructor(digits: string) {
    this.digits = digits
  }
}

type Json = Readonly<Record<string, unknown>>
const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf8 = new TextEncoder()
/** Several times the largest honest message. A larger one that the scanner does not take would cost half a minute and gigabytes. */
const MAX_BYTES = 8 * 1024 * 1024
/** Newer than the type library: the third argument of a reviver. */
const keepDigits = ((_key: string, value: unknown, context: { source: string }) =>
  typeof value === 'number' ? new NumberText(context.source) : value) as (key: string, value: unknown) => unknown

/**
 * Fills the table from what JSON.parse makes of the bytes: the way for everything that the scanner does not take.
 * @returns false when the bytes are not JSON, nested too deeply, or too many to be read
 */
export function parseBooks(buf: Uint8Array, from: number, to: number, table: BookTable): boolean {
  if (to - from > MAX_BYTES) return false
  let value: unknown
  try {
    value = JSON.parse(strictText.decode(buf.subarray(from, to)), keepDigits)
  } catch {
    // Bad JSON, bad UTF-8 and a stack that is too deep all mean the same: it cannot be read.
    return false
  }
  const texts = new TextPlace()
  table.start(texts.bytes)
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const item of items) {
    if (typeof item !== 'object' || item === null || Array.isArray(item) || item instanceof NumberText) table.strangers++
    else if ('bids' in item || 'asks' in item) fillObject(item, table, texts)
  }
  table.buf = texts.bytes
  return true
}

/** Texts one after another in bytes, so that the table can point to them. */
class TextPlace {
  bytes = new Uint8Array(4096)
  #length = 0

  /** @returns where it begins; it ends at `end` */
  put(text: string): number {
    const from = this.#length
    // UTF-8 takes at most three bytes for a unit of UTF-16.
    if (from + text.length * 3 > this.bytes.length) {
      const larger = new Uint8Array(2 * (from + text.length * 3))
      larger.set(this.bytes)
      this.bytes = larger
    }
    this.#length += utf8.encodeInto(text, this.bytes.subarray(from)).written
    return from
  }

  get end(): number {
    return this.#length
  }
}

function fillObject(item: Json, table: BookTable, texts: TextPlace): void {
  const object = table.nextObject()
  ID_KEYS.forEach((key, i) => {
    const id = textOf(item[key])
    object.idFrom[i] = id === undefined || id === '' ? -1 : texts.put(id)
    object.idTo[i] = texts.end
  })
  const { timestamp } = item
  const time = textOf(timestamp)
  object.tsFrom = time === undefined ? -1 : texts.put(time)
  object.tsTo = texts.end
  object.tsIsText = typeof timestamp === 'string'
  fillSides(item, object, table, texts)
}

function fillSides(item: Json, object: BookObject, table: BookTable, texts: TextPlace): void {
  object.hasBids = 'bids' in item
  object.hasAsks = 'asks' in item
  object.bidsBroken = object.hasBids && !Array.isArray(item['bids'])
  object.asksBroken = object.hasAsks && !Array.isArray(item['asks'])
  object.bidsFirst = table.levelCount
  object.bidsCount = fillLevels(item['bids'], table, texts)
  object.asksFirst = table.levelCount
  object.asksCount = fillLevels(item['asks'], table, texts)
}

function fillLevels(levels: unknown, table: BookTable, texts: TextPlace): number {
  if (!Array.isArray(levels)) return 0
  for (const level of levels as unknown[]) {
    const fields = (typeof level === 'object' && level !== null ? level : {}) as Json
    const price = textOf(fields['price'])
    const priceFrom = price === undefined ? -1 : texts.put(price)
    const priceTo = texts.end
    const size = textOf(fields['size'])
    const sizeFrom = size === undefined ? -1 : texts.put(size)
    table.pushLevel(priceFrom, priceTo, sizeFrom, texts.end)
  }
  return levels.length
}

/** @returns undefined for anything but a text or a number */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof NumberText ? value.digits : undefined
}
