import * as w from '../wasmBytes.ts'
import type { Code } from '../wasmBytes.ts'

/**
 * SHA-1 (FIPS 180-4) whose sum so far can be kept: books are hashed by the ten thousand, each several times with another ending, and the
 * part before that in another thread. Text and sum lie in the kernel's memory.
 */
export class Sha1 {
  /** The memory; other objects after `room`. */
  bytes: Buffer
  view: DataView
  /** The five words of the sum. */
  sum: Int32Array
  readonly #memory = new WebAssembly.Memory({ initial: 2 })
  readonly #kernel: Kernel

  constructor() {
    this.#kernel = new WebAssembly.Instance(kernelModule(), { env: { memory: this.#memory } }).exports as unknown as Kernel
    this.bytes = Buffer.from(this.#memory.buffer)
    this.view = new DataView(this.#memory.buffer)
    this.sum = new Int32Array(this.#memory.buffer, 0, SUM_WORDS)
  }

  /** Makes room for so many bytes in all and the padding behind them; what is in memory stays. */
  room(byteLength: number): void {
    const missing = byteLength + PADDING_BYTES - this.bytes.length
    if (missing <= 0) return
    this.#memory.grow(Math.ceil(Math.max(missing, this.bytes.length) / PAGE_BYTES))
    this.bytes = Buffer.from(this.#memory.buffer)
    this.view = new DataView(this.#memory.buffer)
    this.sum = new Int32Array(this.#memory.buffer, 0, SUM_WORDS)
  }

  start(): void {
    for (let i = 0; i < SUM_WORDS; i++) this.sum[i] = START[i]!
  }

  /** Adds whole blocks of the memory to the sum. */
  add(from: number, end: number): void {
    this.#kernel.sha1(from, end)
  }

  /** Adds the rest of a text that began at `TEXT_AT`, from a whole number of blocks behind that on. */
  finish(from: number, end: number): void {
    const { bytes, view } = this
    const bits = (end - TEXT_AT) * 8
    let at = end
    bytes[at++] = 0x80
    while ((at - TEXT_AT) % BLOCK_BYTES !== BLOCK_BYTES - 8) bytes[at++] = 0
    view.setUint32(at, Math.floor(bits / 2 ** 32))
    view.setUint32(at + 4, bits >>> 0)
    this.add(from, at + 8)
  }
}

/** Where a text begins; the sum lies before it. */
export const TEXT_AT = 64
export const BLOCK_BYTES = 64
export const SUM_WORDS = 5
const PADDING_BYTES = BLOCK_BYTES + 8
const PAGE_BYTES = 65_536

interface Kernel {
  sha1(from: number, end: number): number
}

let compiled: WebAssembly.Module | undefined

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(w.assemble([{ name: 'sha1', params: [w.I32, w.I32], locals: 26, code: sha1Function() }]))
  return compiled
}

const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const
const CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const
const ROUNDS = 80

/** sha1(p, end): locals 2 to 6 the sum so far, 7 to 11 its change by one block, 12 to 27 the newest sixteen words. */
function sha1Function(): Code {
  const [p, end, sum, change, word] = [0, 1, 2, 7, 12]
  const words = [0, 1, 2, 3, 4]
  return [
    ...words.flatMap((n) => [...w.i32(4 * n), ...w.load32(0), ...w.set(sum + n)]),
    ...w.whileLoop(
      [...w.get(p), ...w.get(end), ...w.ltU],
      [
        ...words.flatMap((n) => [...w.get(sum + n), ...w.set(change + n)]),
        ...Array.from({ length: ROUNDS }, (_, i) => round(p, change, word, i)).flat(),
        ...words.flatMap((n) => [...w.get(sum + n), ...w.get(change + n), ...w.add, ...w.set(sum + n)]),
        ...w.seq(w.get(p), w.i32(BLOCK_BYTES), w.add, w.set(p))
      ]
    ),
    ...words.flatMap((n) => [...w.i32(4 * n), ...w.get(sum + n), ...w.store32(0)]),
    ...w.i32(0)
  ]
}

/** The words change places instead of values: in each round another local is what the standard calls a. */
function round(p: number, change: number, word: number, i: number): Code {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = [0, 1, 2, 3, 4].map((n) => change + ((n + ROUNDS - i) % 5))
  const kind = Math.floor(i / 20)
  const mixed = [
    [...w.get(d), ...w.get(b), ...w.get(c), ...w.get(d), ...w.xor, ...w.and, ...w.xor],
    [...w.get(b), ...w.get(c), ...w.xor, ...w.get(d), ...w.xor],
    [...w.get(b), ...w.get(c), ...w.and, ...w.get(d), ...w.get(b), ...w.get(c), ...w.or, ...w.and, ...w.or],
    [...w.get(b), ...w.get(c), ...w.xor, ...w.get(d), ...w.xor]
  ][kind]!
  return [
    ...w.seq(w.get(a), w.i32(5), w.rotl, mixed, w.add, w.get(e), w.add, w.i32(CONSTANTS[kind]!), w.add),
    ...w.seq(newWord(p, word, i), w.add, w.set(e)),
    ...w.seq(w.get(b), w.i32(30), w.rotl, w.set(b))
  ]
}

/** Leaves the word of this round: one of the text, highest byte first, or one made of four before it. */
function newWord(p: number, word: number, i: number): Code {
  const own = word + (i & 15)
  const before = (back: number): Code => w.get(word + ((i - back) & 15))
  const swapped = (turn: number, mask: number): Code => w.seq(w.get(own), w.i32(turn), w.rotl, w.i32(mask), w.and)
  if (i < 16)
    return [...w.seq(w.get(p), w.load32(4 * i), w.set(own)), ...w.seq(swapped(8, 0x00ff00ff), swapped(24, 0xff00ff00), w.or, w.tee(own))]
  return w.seq(before(3), before(8), w.xor, before(14), w.xor, before(16), w.xor, w.i32(1), w.rotl, w.tee(own))
}
