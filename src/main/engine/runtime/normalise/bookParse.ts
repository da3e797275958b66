import { parseE6 } from '../../../../shared/market/index.ts'
import type { LevelList } from '../../feeds/index.ts'
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
  fillSides(item, object, table)
}

function fillSides(item: Json, object: BookObject, { levels }: BookTable): void {
  object.hasBids = 'bids' in item
  object.hasAsks = 'asks' in item
  object.bidsBroken = object.hasBids && !Array.isArray(item['bids'])
  object.asksBroken = object.hasAsks && !Array.isArray(item['asks'])
  object.bidsFirst = levels.count
  object.bidsCount = fillLevels(item['bids'], levels)
  object.asksFirst = levels.count
  object.asksCount = fillLevels(item['asks'], levels)
}

function fillLevels(items: unknown, levels: LevelList): number {
  if (!Array.isArray(items)) return 0
  for (const item of items as unknown[]) {
    const fields = (typeof item === 'object' && item !== null ? item : {}) as Json
    levels.push(e6Of(fields['price']), e6Of(fields['size']))
  }
  return items.length
}

/** As an integer × 1e6, rounded half up on the text itself; NaN when it is no number. */
function e6Of(value: unknown): number {
  const text = textOf(value)
  return text === undefined ? NaN : (parseE6(text) ?? NaN)
}

/** @returns undefined for anything but a text or a number */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof NumberText ? value.digits : undefined
}
