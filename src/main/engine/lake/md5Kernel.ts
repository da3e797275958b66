import * as w from '../wasmBytes.ts'
import type { Code } from '../wasmBytes.ts'

/**
 * MD5 (RFC 1321) of short texts, one after another: a call of `crypto.hash` costs twice as much as the arithmetic on an envelope, and leaves a
 * buffer to the collector for each.
 */
export class Md5 {
  /** The four words of the last digest. Look here again after `room`. */
  words: Uint32Array
  readonly #memory: WebAssembly.Memory
  readonly #digest: (from: number, end: number) => void
  #bytes: Uint8Array

  constructor() {
    this.#memory = new WebAssembly.Memory({ initial: 1 })
    const exported = new WebAssembly.Instance(kernelModule(), { env: { memory: this.#memory } }).exports as unknown as Kernel
    this.#digest = exported.md5
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.words = new Uint32Array(this.#memory.buffer, 0, 4)
  }

  /** Where the text belongs: memory from `TEXT_AT` on, with room for so many bytes of it. Valid until the next call. */
  room(textBytes: number): Uint8Array {
    const missing = TEXT_AT + textBytes + PADDING_BYTES - this.#bytes.length
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES))
      this.#bytes = new Uint8Array(this.#memory.buffer)
      this.words = new Uint32Array(this.#memory.buffer, 0, 4)
    }
    return this.#bytes
  }

  /** Makes the digest of the text in bytes [TEXT_AT, end). @returns `words` */
  digest(end: number): Uint32Array {
    const bytes = this.#bytes
    const length = end - TEXT_AT
    let at = end
    bytes[at++] = 0x80
    while ((at - TEXT_AT) % BLOCK_BYTES !== BLOCK_BYTES - 8) bytes[at++] = 0
    let bits = length * 8
    for (let byte = 0; byte < 8; byte++, bits = Math.floor(bits / 256)) bytes[at++] = bits % 256
    this.#digest(TEXT_AT, at)
    return this.words
  }
}

let shared: Md5 | undefined

/** The one of this thread: each has a memory that goes only with the garbage collector. */
export function md5(): Md5 {
  return (shared ??= new Md5())
}

/** Where a text begins; its digest lies before it. */
export const TEXT_AT = 64
const BLOCK_BYTES = 64
const PADDING_BYTES = BLOCK_BYTES + 8
const PAGE_BYTES = 65_536

interface Kernel {
  md5(from: number, end: number): number
}

let compiled: WebAssembly.Module | undefined

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(w.assemble([{ name: 'md5', params: [w.I32, w.I32], locals: 8, code: md5Function() }]))
  return compiled
}

const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const
const TURNS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21]
] as const

/** md5(p, end): locals 2 to 5 the sum so far, 6 to 9 its change by one block. */
function md5Function(): Code {
  const [p, end, sum, change] = [0, 1, 2, 6]
  const words = [0, 1, 2, 3]
  const step = Array.from({ length: 64 }, (_, i) => round(p, change, i))
  return [
    ...words.flatMap((n) => [...w.i32(START[n]!), ...w.set(sum + n)]),
    ...w.whileLoop(
      [...w.get(p), ...w.get(end), ...w.ltU],
      [
        ...words.flatMap((n) => [...w.get(sum + n), ...w.set(change + n)]),
        ...step.flat(),
        ...words.flatMap((n) => [...w.get(sum + n), ...w.get(change + n), ...w.add, ...w.set(sum + n)]),
        ...w.seq(w.get(p), w.i32(BLOCK_BYTES), w.add, w.set(p))
      ]
    ),
    ...words.flatMap((n) => [...w.i32(4 * n), ...w.get(sum + n), ...w.store32(0)]),
    ...w.i32(0)
  ]
}

/** The words change places instead of values: in each step another local is what the RFC calls a. */
function round(p: number, change: number, i: number): Code {
  const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((n) => change + ((n + 64 - i) & 3))
  const kind = i >> 4
  const word = [i, 5 * i + 1, 3 * i + 5, 7 * i][kind]! & 15
  const constant = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32)
  const mixed = [
    [...w.get(d), ...w.get(b), ...w.get(c), ...w.get(d), ...w.xor, ...w.and, ...w.xor],
    [...w.get(c), ...w.get(d), ...w.get(b), ...w.get(c), ...w.xor, ...w.and, ...w.xor],
    [...w.get(b), ...w.get(c), ...w.xor, ...w.get(d), ...w.xor],
    [...w.get(c), ...w.get(b), ...w.get(d), ...w.i32(-1), ...w.xor, ...w.or, ...w.xor]
  ][kind]!
  return [
    ...w.seq(w.get(a), w.get(p), w.load32(4 * word), w.add, w.i32(constant), w.add, mixed, w.add),
    ...w.seq(w.i32(TURNS[kind]![i & 3]!), w.rotl, w.get(b), w.add, w.set(a))
  ]
}
