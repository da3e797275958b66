import * as w from './wasmBytes.ts'
import type { Code } from './wasmBytes.ts'

/** So many bytes are looked at where a number may begin: behind a text must stand as many that could not belong to it. */
export const BEHIND_TEXT = 16
const MAX_WHOLE_DIGITS = 9
const MAX_DECIMALS = 6
const MAX_INTEGER_DIGITS = 15
const ZERO = 48
const DOT = 46
/** Places that a number takes when its digits are lined up: ten before the point and six behind it. */
const PLACES = 16
const POINT = PLACES - MAX_DECIMALS
/** Bytes of the table that `fillPlaces` makes. */
export const PLACES_BYTES = PLACES * 8 * (MAX_WHOLE_DIGITS + 1)

/** Numbers of the locals that reading a number takes: five i32, then two i64. */
export interface DecimalLocals {
  /** Place of the text. */
  readonly p: number
  /** Digits before anything else. */
  readonly first: number
  /** Which of sixteen bytes are no digits; then whether there is a dot. */
  readonly others: number
  /** The one of them that is the dot; then the number of decimals. */
  readonly dot: number
  /** Bytes of the number. */
  readonly end: number
  /** Its upper and its lower eight digits. */
  readonly both: number
  /** The number × 1e6. */
  readonly value: number
}

/** Writes, by digits before the point and behind it, which byte of a number goes to which place; a byte that is not there counts as 0. */
export function fillPlaces(memory: WebAssembly.Memory, at: number): void {
  const table = new Uint8Array(memory.buffer, at, PLACES_BYTES).fill(255)
  for (let whole = 1; whole <= MAX_WHOLE_DIGITS; whole++)
    for (let decimals = 0; decimals <= MAX_DECIMALS; decimals++) {
      const row = PLACES * (8 * whole + decimals) + POINT
      for (let i = 0; i < whole; i++) table[row - whole + i] = i
      for (let i = 0; i < decimals; i++) table[row + i] = whole + 1 + i
    }
}

export const moveOn = (local: number, by: Code): Code => [...w.get(local), ...by, ...w.add, ...w.set(local)]
export const isByte = (p: number, byte: number): Code => [...w.get(p), ...w.load8(0), ...w.i32(byte), ...w.ne, ...w.eqz]

/**
 * Reads the number at p, sixteen bytes at a time, and moves p behind it: one to nine digits, then perhaps a dot and one to six more.
 * Whether there is a dot is a matter of arithmetic: as a branch it would often be guessed wrong.
 * @param placesAt where `fillPlaces` wrote
 * @param refuse leaves the function; runs when it is no such number. What follows the number is the caller's to look at
 */
export function readDecimal({ p, first, others, dot, end, both, value }: DecimalLocals, placesAt: number, refuse: Code): Code {
  const unless = (condition: Code): Code => w.ifThen([...condition, ...w.eqz], refuse)
  const sixteen: Code = [...w.get(p), ...w.load128(0)]
  /** Place of the lowest bit; 16 when there is none. */
  const lowest: Code = [...w.i32(0x10000), ...w.or, ...w.ctz]
  const row: Code = [...w.get(first), ...w.i32(3), ...w.shl, ...w.get(dot), ...w.or, ...w.i32(4), ...w.shl, ...w.load128(placesAt)]
  return [
    ...w.seq(sixteen, w.bytes16(ZERO), w.sub8, w.bytes16(9), w.gtU8, w.bitmask8, w.set(others)),
    ...w.seq(sixteen, w.bytes16(DOT), w.eq8, w.bitmask8, w.get(others), w.and, w.i32(0), w.get(others), w.sub, w.and, w.set(dot)),
    ...w.seq(w.get(others), lowest, w.set(first)),
    ...w.seq(w.get(others), w.get(dot), w.xor, lowest, w.set(end)),
    ...unless([...w.get(first), ...w.i32(1), ...w.sub, ...w.i32(MAX_WHOLE_DIGITS), ...w.ltU]),
    // From here on `dot` is the number of decimals. A dot without any is refused.
    ...w.seq(w.get(dot), w.i32(0), w.ne, w.set(others)),
    ...w.seq(w.get(end), w.get(first), w.sub, w.get(others), w.sub, w.set(dot)),
    ...unless([...w.get(dot), ...w.get(others), ...w.sub, ...w.i32(MAX_DECIMALS), ...w.ltU]),
    ...w.seq(sixteen, w.bytes16(ZERO), w.sub8, row, w.swizzle8, sixteenDigits(both), w.set(value)),
    ...moveOn(p, w.get(end))
  ]
}

/** Reads the whole number at p, of one to fifteen digits, and moves p behind it. Fifteen bytes before it must be in the memory. */
export function readInteger({ p, first, others, both, value }: DecimalLocals, refuse: Code): Code {
  const digit: Code = [...w.bytes16(ZERO), ...w.sub8]
  // Of the sixteen bytes that end with the number, those that are before it count as 0.
  const isIn: Code = [...w.seq(w.bytesUp, w.i32(PLACES - 1), w.get(first), w.sub, w.splat8, w.gtU8)]
  return [
    ...w.seq(w.get(p), w.load128(0), digit, w.bytes16(9), w.gtU8, w.bitmask8, w.set(others)),
    ...w.seq(w.get(others), w.i32(0x10000), w.or, w.ctz, w.set(first)),
    ...w.ifThen([...w.get(first), ...w.i32(1), ...w.sub, ...w.i32(MAX_INTEGER_DIGITS), ...w.ltU, ...w.eqz], refuse),
    ...moveOn(p, w.get(first)),
    ...w.seq(w.get(p), w.i32(PLACES), w.sub, w.load128(0), digit, isIn, w.and128, sixteenDigits(both), w.set(value))
  ]
}

/** Makes of sixteen digits their number: two, four and eight of them at a time. */
function sixteenDigits(both: number): Code {
  return [
    ...w.seq(w.halves16(PAIR_OF_DIGITS), w.mul16, w.i32(8), w.shrU16),
    ...w.seq(w.halves16(100, 1), w.dot16, w.halves16(0), w.narrow32, w.halves16(10_000, 1), w.dot16, w.low64, w.set(both)),
    ...w.seq(w.get(both), w.i64(0xffffffffn), w.and64, w.i64(100_000_000n), w.mul64, w.get(both), w.i64(32n), w.shrU64, w.add64)
  ]
}

/** Times this, two digits in the bytes of a half make their number in its upper byte: 10 × 256 for the first, 256 for the second over 256. */
const PAIR_OF_DIGITS = 10 * 256 + 1
