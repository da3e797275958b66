/** Bytes of a UUID as DuckDB holds it: a 128-bit integer, little endian, with its sign bit turned over. */
export const UUID_BYTES = 16
const HYPHEN = 45
const TEXT_CHARS = 36

const NIBBLES = new Int8Array(256).fill(-1)
for (let n = 0; n < 16; n++) NIBBLES['0123456789abcdef'.charCodeAt(n)] = n

/** Reads a UUID from its text in lower case at `from`. @returns false when there is none */
export function readUuid(text: Uint8Array, from: number, out: Uint8Array, at: number): boolean {
  let byte = UUID_BYTES - 1
  let bad = 0
  for (let i = from; byte >= 0; i += 2) {
    if (text[i] === HYPHEN) i++
    const high = NIBBLES[text[i]!]!
    const low = NIBBLES[text[i + 1]!]!
    bad |= high | low
    out[at + byte--] = (high << 4) | low
  }
  out[at + UUID_BYTES - 1]! ^= 0x80
  return bad >= 0 && text[from + 8] === HYPHEN && text[from + 23] === HYPHEN && text[from + TEXT_CHARS] === 34
}
