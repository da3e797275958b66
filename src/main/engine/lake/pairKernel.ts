import * as w from '../wasmBytes.ts'
import type { Code } from '../wasmBytes.ts'

/**
 * Reads lists of levels out of journal lines, sixteen bytes at a time in WebAssembly: they are most of a line of books. What it does not take
 * is left to `scanPairs`: negative numbers, and more than eight digits before the point.
 */
export class PairKernel {
  readonly #memory: WebAssembly.Memory
  readonly #pairs: Kernel['pairs']
  #bytes: Uint8Array
  #end: Int32Array
  #textTo = 0
  /** Where the pairs begin that were read since `load`, and where they end. */
  #outAt = 0
  #outEnd = 0

  constructor() {
    this.#memory = new WebAssembly.Memory({ initial: 2 })
    this.#pairs = (new WebAssembly.Instance(kernelModule(), { env: { memory: this.#memory } }).exports as unknown as Kernel).pairs
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#end = new Int32Array(this.#memory.buffer, 0, 1)
    this.#fillScales()
  }

  /** Takes a piece of a line that holds lists. */
  load(line: Uint8Array, from: number, to: number): void {
    const length = to - from
    const outAt = (TEXT_AT + length + BEHIND_TEXT + 7) & ~7
    // A pair takes `[0,0]` of text at least.
    const missing = outAt + (length / 5 + 1) * PAIR_BYTES - this.#bytes.length
    if (missing > 0) this.#grow(missing)
    this.#bytes.set(line.subarray(from, to), TEXT_AT)
    this.#textTo = TEXT_AT + length
    // Behind the piece stands nothing that could belong to a list.
    this.#bytes.fill(0, this.#textTo, this.#textTo + BEHIND_TEXT)
    this.#outAt = this.#outEnd = outAt
  }

  /**
   * Reads `[px,size],[px,size]...]` from byte `from` of the piece on, and adds its pairs to those that were read before.
   * @returns where the list ends, behind its bracket; -1 when it is not in the usual form
   */
  list(from: number): number {
    const next = this.#pairs(TEXT_AT + from, this.#outEnd)
    if (next === 0 || next > this.#textTo) return -1
    this.#outEnd = this.#end[0]!
    return next - TEXT_AT
  }

  /** Bytes of the pairs that were read since `load`. */
  get length(): number {
    return this.#outEnd - this.#outAt
  }

  /** Copies the pairs, each as two i64 × 1e6. */
  copyTo(out: Uint8Array, at: number): void {
    out.set(this.#bytes.subarray(this.#outAt, this.#outEnd), at)
  }

  #grow(missing: number): void {
    this.#memory.grow(Math.ceil(missing / PAGE_BYTES))
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#end = new Int32Array(this.#memory.buffer, 0, 1)
  }

  /** By the number of decimals, what they are to be multiplied with. */
  #fillScales(): void {
    const scales = new DataView(this.#memory.buffer, SCALES_AT)
    for (let places = 1; places <= MAX_DECIMALS; places++) scales.setBigInt64(8 * places, 10n ** BigInt(MAX_DECIMALS - places), true)
  }
}

let shared: PairKernel | undefined

/** The one of this thread: each has a memory that goes only with the garbage collector. What was loaded stays until somebody loads again. */
export function pairKernel(): PairKernel {
  return (shared ??= new PairKernel())
}

const SCALES_AT = 8
const TEXT_AT = 128
/** So many bytes are looked at where a number may begin. */
const BEHIND_TEXT = 16
const PAIR_BYTES = 16
const PAGE_BYTES = 65_536
const MAX_WHOLE_DIGITS = 8
const MAX_DECIMALS = 6
const ZERO = 48
const COMMA = 44
const DOT = 46
const OPEN = 91
const CLOSE = 93

interface Kernel {
  /** @returns where the list ends, 0 for what is not usual; the end of the pairs is then in the first word of the memory */
  pairs(at: number, out: number): number
}

let compiled: WebAssembly.Module | undefined

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    w.assemble([{ name: 'pairs', params: [w.I32, w.I32], locals: 2, locals64: 2, code: pairsFunction() }])
  )
  return compiled
}

const [P, OUT, COUNT, OTHERS, WORD, VALUE] = [0, 1, 2, 3, 4, 5] as const

const moveOn = (local: number, by: Code): Code => [...w.get(local), ...by, ...w.add, ...w.set(local)]
const unless = (condition: Code): Code => w.ifThen([...condition, ...w.eqz], [...w.i32(0), ...w.leave])
const isByte = (byte: number): Code => [...w.get(P), ...w.load8(0), ...w.i32(byte), ...w.ne, ...w.eqz]
/** One to `most` digits were counted. */
const isCount = (most: number): Code => [...w.get(COUNT), ...w.i32(1), ...w.sub, ...w.i32(most), ...w.ltU]
/** Place of the lowest bit of `OTHERS`; 16 when there is none. */
const FIRST_OTHER: Code = [...w.get(OTHERS), ...w.i32(0x10000), ...w.or, ...w.ctz]

/** pairs(p, out): local 2 digits in a row, 3 which of sixteen bytes are no digits, 4 eight bytes, 5 the number. */
function pairsFunction(): Code {
  return [
    ...w.whileLoop(isByte(OPEN), [
      ...number(COMMA),
      ...number(CLOSE),
      ...moveOn(P, w.i32(1)),
      ...w.ifThen(isByte(COMMA), moveOn(P, w.i32(1)))
    ]),
    ...unless(isByte(CLOSE)),
    ...w.seq(w.i32(0), w.get(OUT), w.store32(0)),
    ...w.seq(w.get(P), w.i32(1), w.add)
  ]
}

/** The number behind the byte at p, which must end before `stop`; p goes there. */
function number(stop: number): Code {
  return [
    ...moveOn(P, w.i32(1)),
    ...w.seq(w.get(P), w.load128(0), w.i32(ZERO), w.splat8, w.sub8, w.i32(9), w.splat8, w.gtU8, w.bitmask8, w.set(OTHERS)),
    ...w.seq(FIRST_OTHER, w.set(COUNT)),
    ...unless(isCount(MAX_WHOLE_DIGITS)),
    ...w.seq(digits(), w.i64(1_000_000n), w.mul64, w.set(VALUE)),
    ...moveOn(P, w.get(COUNT)),
    ...w.ifThen(isByte(DOT), [
      ...moveOn(P, w.i32(1)),
      ...w.seq(w.get(OTHERS), w.get(OTHERS), w.i32(1), w.sub, w.and, w.set(OTHERS)),
      ...w.seq(FIRST_OTHER, w.get(COUNT), w.sub, w.i32(1), w.sub, w.set(COUNT)),
      ...unless(isCount(MAX_DECIMALS)),
      ...w.seq(digits(), w.get(COUNT), w.i32(3), w.shl, w.load64(SCALES_AT), w.mul64, w.get(VALUE), w.add64, w.set(VALUE)),
      ...moveOn(P, w.get(COUNT))
    ]),
    ...unless(isByte(stop)),
    ...w.seq(w.get(OUT), w.get(VALUE), w.store64(0)),
    ...moveOn(OUT, w.i32(8))
  ]
}

/** Leaves the number that the digits at p make, of which there are `COUNT`. */
function digits(): Code {
  return [
    // To the end of the word, with zeros before them; then two, four and eight digits at a time.
    ...w.seq(w.get(P), w.load64(0), w.i64(0x3030303030303030n), w.xor64),
    ...w.seq(w.i32(8), w.get(COUNT), w.sub, w.i32(3), w.shl, w.extendU, w.shl64, w.set(WORD)),
    ...w.seq(w.get(WORD), w.i64(10n), w.mul64, w.get(WORD), w.i64(8n), w.shrU64, w.add64, w.set(WORD)),
    ...w.seq(w.get(WORD), w.i64(0xff000000ffn), w.and64, w.i64(0xf424000000064n), w.mul64),
    ...w.seq(w.get(WORD), w.i64(16n), w.shrU64, w.i64(0xff000000ffn), w.and64, w.i64(0x271000000001n), w.mul64),
    ...w.seq(w.add64, w.i64(32n), w.shrU64)
  ]
}
