import * as w from '../wasmBytes.ts'
import type { Code } from '../wasmBytes.ts'

/**
 * Reads lists of levels out of journal lines, eight bytes at a time in WebAssembly: they are most of a line of books. What it does not take is
 * left to `scanPairs`: negative numbers, and more than seven digits on a side of the point.
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
/** One word is looked at where a number may begin. */
const BEHIND_TEXT = 16
const PAIR_BYTES = 16
const PAGE_BYTES = 65_536
const MAX_DECIMALS = 6
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
    w.assemble([{ name: 'pairs', params: [w.I32, w.I32], locals: 1, locals64: 3, code: pairsFunction() }])
  )
  return compiled
}

const [P, OUT, COUNT, WORD, OTHERS, VALUE] = [0, 1, 2, 3, 4, 5] as const

const moveOn = (local: number, by: Code): Code => [...w.get(local), ...by, ...w.add, ...w.set(local)]
const unless = (condition: Code): Code => w.ifThen([...condition, ...w.eqz], [...w.i32(0), ...w.leave])
const isByte = (offset: number, byte: number): Code => [...w.get(P), ...w.load8(offset), ...w.i32(byte), ...w.ne, ...w.eqz]

/** pairs(p, out): local 2 digits in a row, 3 the word there, 4 which of its bytes are no digits, 5 the number. */
function pairsFunction(): Code {
  return [
    ...w.whileLoop(isByte(0, OPEN), [
      ...number(COMMA),
      ...number(CLOSE),
      ...moveOn(P, w.i32(1)),
      ...w.ifThen(isByte(0, COMMA), moveOn(P, w.i32(1)))
    ]),
    ...unless(isByte(0, CLOSE)),
    ...w.seq(w.i32(0), w.get(OUT), w.store32(0)),
    ...w.seq(w.get(P), w.i32(1), w.add)
  ]
}

/** The number behind the byte at p, which must end before `stop`; p goes there. */
function number(stop: number): Code {
  return [
    ...moveOn(P, w.i32(1)),
    ...digits(0),
    ...w.seq(w.i64(1_000_000n), w.mul64, w.set(VALUE)),
    ...moveOn(P, w.get(COUNT)),
    ...w.ifThen(isByte(0, DOT), [
      ...digits(1),
      ...unless([...w.get(COUNT), ...w.i32(MAX_DECIMALS + 1), ...w.ltU]),
      ...w.seq(w.get(COUNT), w.i32(3), w.shl, w.load64(SCALES_AT), w.mul64, w.get(VALUE), w.add64, w.set(VALUE)),
      ...moveOn(P, [...w.get(COUNT), ...w.i32(1), ...w.add])
    ]),
    ...unless(isByte(0, stop)),
    ...w.seq(w.get(OUT), w.get(VALUE), w.store64(0)),
    ...moveOn(OUT, w.i32(8))
  ]
}

/** Leaves the number that one to seven digits at p + offset make, and sets how many they are. Returns 0 from the function for any other count. */
function digits(offset: number): Code {
  return [
    // Digits become 0 to 9, and the high bit is set in what is none: below the first such byte this is exact.
    ...w.seq(w.get(P), w.load64(offset), w.i64(0x3030303030303030n), w.xor64, w.set(WORD)),
    ...w.seq(w.get(WORD), w.i64(0x7676767676767676n), w.add64, w.get(WORD), w.or64),
    ...w.seq(w.i64(-0x7f7f7f7f7f7f7f80n), w.and64, w.set(OTHERS)),
    ...unless([...w.get(OTHERS), ...w.eqz64, ...w.eqz]),
    ...w.seq(w.get(OTHERS), w.ctz64, w.wrap64, w.i32(3), w.shrU, w.set(COUNT)),
    ...unless(w.get(COUNT)),
    // To the end of the word, with zeros before them; then two, four and eight digits at a time.
    ...w.seq(w.get(WORD), w.i32(8), w.get(COUNT), w.sub, w.i32(3), w.shl, w.extendU, w.shl64, w.set(WORD)),
    ...w.seq(w.get(WORD), w.i64(10n), w.mul64, w.get(WORD), w.i64(8n), w.shrU64, w.add64, w.set(WORD)),
    ...w.seq(w.get(WORD), w.i64(0xff000000ffn), w.and64, w.i64(0xf424000000064n), w.mul64),
    ...w.seq(w.get(WORD), w.i64(16n), w.shrU64, w.i64(0xff000000ffn), w.and64, w.i64(0x271000000001n), w.mul64),
    ...w.seq(w.add64, w.i64(32n), w.shrU64)
  ]
}
