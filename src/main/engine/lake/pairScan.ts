import { putI64 } from '../../../shared/channels/index.ts'

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
      let value = 0
      let c = line[i]!
      const first = i
      for (; c >= ZERO && c <= NINE; c = line[++i]!) value = value * 10 + (c - ZERO)
      let scale = 1_000_000
      if (c === DOT) {
        const point = i
        for (c = line[++i]!; c >= ZERO && c <= NINE; c = line[++i]!) value = value * 10 + (c - ZERO)
        if (i - point > 7) return
        scale = SCALES[7 - (i - point)]!
      }
      if (c !== (part === 0 ? COMMA : CLOSE) || i === first) return
      value *= scale
      if (value > Number.MAX_SAFE_INTEGER) return
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
