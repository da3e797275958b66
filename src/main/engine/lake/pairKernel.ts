import * as w from '../wasmBytes.ts'
import type { Code } from '../wasmBytes.ts'
import { BEHIND_TEXT, fillPlaces, isByte, moveOn, PLACES_BYTES, readDecimal } from '../wasmDecimal.ts'

/**
 * Reads lists of levels out of journal lines, sixteen bytes at a time in WebAssembly: they are most of a line of books. What it does not take
 * is left to `scanPairs`: negative numbers, and more than nine digits before the point.
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
    fillPlaces(this.#memory, PLACES_AT)
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
}

let shared: PairKernel | undefined

/** The one of this thread: each has a memory that goes only with the garbage collector. What was loaded stays until somebody loads again. */
export function pairKernel(): PairKernel {
  return (shared ??= new PairKernel())
}

const PLACES_AT = 16
const TEXT_AT = PLACES_AT + PLACES_BYTES
const PAIR_BYTES = 16
const PAGE_BYTES = 65_536
const COMMA = 44
const OPEN = 91
const CLOSE = 93

interface Kernel {
  /** @returns where the list ends, 0 for what is not usual; the end of the pairs is then in the first word of the memory */
  pairs(at: number, out: number): number
}

let compiled: WebAssembly.Module | undefined

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    w.assemble([{ name: 'pairs', params: [w.I32, w.I32], locals: 4, locals64: 2, code: pairsFunction() }])
  )
  return compiled
}

const [P, OUT, FIRST, OTHERS, DOT, END, BOTH, VALUE] = [0, 1, 2, 3, 4, 5, 6, 7] as const

const DECIMAL = { p: P, first: FIRST, others: OTHERS, dot: DOT, end: END, both: BOTH, value: VALUE }
const refuse: Code = [...w.i32(0), ...w.leave]
const unless = (condition: Code): Code => w.ifThen([...condition, ...w.eqz], refuse)

/** pairs(p, out): all other locals are those of the number. */
function pairsFunction(): Code {
  return [
    ...w.whileLoop(isByte(P, OPEN), [
      ...number(COMMA),
      ...number(CLOSE),
      ...moveOn(P, w.i32(1)),
      ...w.ifThen(isByte(P, COMMA), moveOn(P, w.i32(1)))
    ]),
    ...unless(isByte(P, CLOSE)),
    ...w.seq(w.i32(0), w.get(OUT), w.store32(0)),
    ...w.seq(w.get(P), w.i32(1), w.add)
  ]
}

/** The number behind the byte at p, which must end before `stop`; p goes there. */
function number(stop: number): Code {
  return [
    ...moveOn(P, w.i32(1)),
    ...readDecimal(DECIMAL, PLACES_AT, refuse),
    ...unless(isByte(P, stop)),
    ...w.seq(w.get(OUT), w.get(VALUE), w.store64(0)),
    ...moveOn(OUT, w.i32(8))
  ]
}
