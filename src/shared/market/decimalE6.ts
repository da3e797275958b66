const MINUS = 45
const PLUS = 43
const DOT = 46
const ZERO = 48
const MAX = Number.MAX_SAFE_INTEGER

/**
 * Decimal text to an integer × 1e6, rounded half up by magnitude (half away from zero), digit by digit: no binary float is involved.
 * Source: `to_e6` of the capture runtime.
 * @param bytes ASCII text; `from` inclusive, `to` exclusive
 * @returns NaN when the text is not a plain decimal (sign, digits, one dot) or the result is beyond ±(2^53 − 1)
 */
export function parseE6Bytes(bytes: Uint8Array, from: number, to: number): number {
  let i = from
  let negative = false
  const sign = bytes[i]
  if (sign === MINUS || sign === PLUS) {
    negative = sign === MINUS
    i++
  }
  let value = 0
  let digits = 0
  let c = 0
  for (; i < to; i++) {
    c = bytes[i]! - ZERO
    if (c < 0 || c > 9) break
    value = value * 10 + c
    digits++
  }
  if (value > MAX) return NaN
  if (i === to) return digits === 0 ? NaN : signed(value * 1e6, negative)
  if (bytes[i] !== DOT) return NaN
  return fraction(bytes, i + 1, to, value, digits, negative)
}

function fraction(bytes: Uint8Array, from: number, to: number, whole: number, digitsBefore: number, negative: boolean): number {
  const stop = Math.min(to, from + 6)
  let value = whole
  let i = from
  for (; i < stop; i++) {
    const c = bytes[i]! - ZERO
    if (c < 0 || c > 9) return NaN
    value = value * 10 + c
  }
  if (digitsBefore === 0 && i === from) return NaN
  for (let k = i - from; k < 6; k++) value *= 10
  if (i < to) {
    if (bytes[i]! - ZERO >= 5) value++
    for (; i < to; i++) {
      const c = bytes[i]! - ZERO
      if (c < 0 || c > 9) return NaN
    }
  }
  return signed(value, negative)
}

function signed(value: number, negative: boolean): number {
  if (value > MAX) return NaN
  return negative && value !== 0 ? -value : value
}

const ascii = new TextEncoder()
// Each digit has one place to go: a long row of them is refused as quickly as it is read.
const EXPONENT = /^([+-]?)(\d*)(?:\.(\d*))?[eE]([+-]?\d{1,3})$/

/** Same for a string, which may also have an exponent ("1e-7"). @returns undefined when it is not a number that fits */
export function parseE6(text: string): number | undefined {
  const bytes = ascii.encode(text)
  const value = parseE6Bytes(bytes, 0, bytes.length)
  if (!Number.isNaN(value)) return value
  const parts = EXPONENT.exec(text)
  if (parts === null) return undefined
  const plain = withoutExponent(parts[1] ?? '', parts[2] ?? '', parts[3] ?? '', Number(parts[4]))
  if (plain === undefined) return undefined
  const moved = ascii.encode(plain)
  const shifted = parseE6Bytes(moved, 0, moved.length)
  return Number.isNaN(shifted) ? undefined : shifted
}

function withoutExponent(sign: string, whole: string, decimals: string, exponent: number): string | undefined {
  const digits = whole + decimals
  if (digits === '') return undefined
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** An e6 integer as decimal text, without needless zeros: 500000 gives "0.5". `decimals` sets the least number of decimals. */
export function formatE6(valueE6: number, decimals = 0): string {
  const magnitude = Math.abs(valueE6)
  const whole = Math.floor(magnitude / 1e6)
  let fractionText = String(magnitude - whole * 1e6).padStart(6, '0')
  let end = 6
  while (end > decimals && fractionText[end - 1] === '0') end--
  fractionText = fractionText.slice(0, end)
  const sign = valueE6 < 0 ? '-' : ''
  return fractionText === '' ? `${sign}${whole}` : `${sign}${whole}.${fractionText}`
}
