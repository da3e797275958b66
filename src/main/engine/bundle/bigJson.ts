/** A JSON value in which integers that a number cannot hold exactly are bigint. */
export type BigJson = null | boolean | number | bigint | string | readonly BigJson[] | { readonly [key: string]: BigJson | undefined }

interface RawJsonSupport {
  rawJSON(text: string): unknown
}

const INTEGER_TEXT = /^-?\d+$/

/**
 * Parses JSON; an integer outside ±(2^53 - 1) comes back as bigint, everything else as JSON.parse gives it.
 * @throws SyntaxError like JSON.parse
 */
export function parseBigJson(text: string): BigJson {
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const source = context?.source
    return source !== undefined && INTEGER_TEXT.test(source) ? BigInt(source) : value
  }
  return JSON.parse(text, revive) as BigJson
}

/** Writes compact JSON in ASCII (other characters escaped); a bigint becomes a JSON integer. No newline at the end. */
export function stringifyBigJson(value: BigJson): string {
  const replace = (_key: string, item: unknown): unknown =>
    typeof item === 'bigint' ? (JSON as unknown as RawJsonSupport).rawJSON(item.toString()) : item
  const text = JSON.stringify(value, replace)
  return text.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
