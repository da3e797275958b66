import { putI64 } from '../../../shared/channels/index.ts'
import { parseE6Bytes } from '../../../shared/market/index.ts'

const COMMA = 44
const MINUS = 45
const DOT = 46
const ZERO = 48
const NINE = 57
const OPEN = 91
const CLOSE = 93
const TO_HI = 1 / 4_294_967_296
/** By the number of decimals that are missing to six. */
const SCALES = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] as const

/** Where a scan of pairs came to. Kept and used again: this runs for every level of every book. */
export interface PairEnd {
  /** Behind the closing bracket of the list; -1 when it is not in the usual form. */
  line: number
  /** Behind the last pair in the record. */
  record: number
}

/**
 * Reads `[px,size],[px,size]...]` from `from` on into pairs of i64 × 1e6. Decimals with at most six places are exact; anything else is not in
 * the usual form.
 */
export function scanPairs(line: Uint8Array, from: number, view: DataView, at: number, end: PairEnd): void {
  let i = from
  let o = at
  end.line = -1
  while (line[i] === OPEN) {
    for (let part = 0; part < 2; part++) {
      i++
      const negative = line[i] === MINUS
      if (negative) i++
      const first = i
      let whole = 0
      let c = line[i]!
      for (; c >= ZERO && c <= NINE; c = line[++i]!) whole = (whole * 10 + (c - ZERO)) | 0
      let point = i
      if (c === DOT) for (c = line[++i]!; c >= ZERO && c <= NINE; c = line[++i]!) whole = (whole * 10 + (c - ZERO)) | 0
      else point--
      const decimals = i - point - 1
      if (c !== (part === 0 ? COMMA : CLOSE) || i === first || decimals > 6) return
      // Up to nine digits are exact in 32 bits, and quicker; longer numbers are rare.
      const value = i - first < 10 ? whole * SCALES[6 - decimals]! : parseE6Bytes(line, first, i)
      if (!(value <= Number.MAX_SAFE_INTEGER)) return
      if (negative) putI64(view, o, -value)
      else {
        // Not below zero and below 2^53: what the general way does, without its floor and division.
        view.setInt32(o, value | 0, true)
        view.setInt32(o + 4, (value * TO_HI) | 0, true)
      }
      o += 8
    }
    i++
    if (line[i] === COMMA) i++
  }
  if (line[i] !== CLOSE) return
  end.line = i + 1
  end.record = o
}
