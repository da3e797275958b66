/** A number as it stood in a text: a double would lose digits of a price, or of nanoseconds. */
export class NumberText {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

export type Json = Readonly<Record<string, unknown>>

/** The value of a JSON text with every number as `NumberText`. @throws SyntaxError for what is no JSON */
export function exactJson(text: string): unknown {
  // The third argument of a reviver is newer than the type library.
  const revive = ((_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value) as (key: string, value: unknown) => unknown
  return JSON.parse(text, revive)
}

/** The shortest text of such a value: its numbers as they stood. */
export function exactText(value: unknown): string {
  // JSON.rawJSON is newer than the type library.
  const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => object }
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof NumberText ? rawJSON(item.source) : item))
}

export function isJsonObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
}

/** The decimal text of a number that is stored × 1e6; `Number(text + 'e6')` gives the same number back. */
export function millionthsText(stored: number): string {
  const [mantissa = '', exponent] = (Object.is(stored, -0) ? '-0' : String(stored)).split('e')
  if (exponent !== undefined) return `${mantissa}e${Number(exponent) - 6}`
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.')
  const digits = whole.padStart(7, '0')
  const decimals = (digits.slice(-6) + fraction).replace(/0+$/, '')
  return `${sign}${digits.slice(0, -6)}${decimals === '' ? '' : `.${decimals}`}`
}

/** The number × 1e6 of a decimal text. */
export function millionthsOf(text: string): number {
  const plain = Number(`${text}e6`)
  if (plain === plain) return plain
  const [mantissa, exponent = ''] = text.toLowerCase().split('e')
  return Number(`${mantissa}e${Number(exponent) + 6}`)
}
