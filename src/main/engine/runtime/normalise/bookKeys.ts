/** How far the search may move when this byte stands where the last byte of `"bids"` or `"asks"` would have to be. */
const SHIFT = new Uint8Array(256).fill(6)
for (const word of ['"bids"', '"asks"']) for (let i = 0; i < 5; i++) SHIFT[word.charCodeAt(i)] = Math.min(SHIFT[word.charCodeAt(i)]!, 5 - i)

const QUOTE = 34

/** True when `"bids"` or `"asks"` stands anywhere in the bytes: without one of them a payload cannot be a full book. */
export function holdsBookKey(buf: Uint8Array, from: number, to: number): boolean {
  let at = from + 5
  while (at < to) {
    const c = buf[at]!
    if (c === QUOTE && buf[at - 1] === 115 && isKey(buf, at)) return true
    at += SHIFT[c]!
  }
  return false
}

/** @param at the closing quote; an `s` stands before it */
function isKey(buf: Uint8Array, at: number): boolean {
  if (buf[at - 5] !== QUOTE) return false
  const first = buf[at - 4]
  if (first === 98) return buf[at - 3] === 105 && buf[at - 2] === 100
  return first === 97 && buf[at - 3] === 115 && buf[at - 2] === 107
}
