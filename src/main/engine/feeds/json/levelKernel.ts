import * as w from '../../wasmBytes.ts'
import type { Code } from '../../wasmBytes.ts'
import { BEHIND_TEXT, fillPlaces, isByte, moveOn, PLACES_BYTES, readDecimal } from '../../wasmDecimal.ts'
import type { LevelList } from '../marketSink.ts'
import { copyBytes } from './copyBytes.ts'

/**
 * Reads levels of a book that are spelled as the venue spells them, `{"price":"0.52", "size":"120.5"}` with a space behind a comma or without,
 * in WebAssembly: nearly all are, and they are most of a book. What it does not take is left to whoever reads field by field: a price of 0,
 * more than nine digits before the point or six behind it, and any other spelling.
 */
export class LevelKernel {
  /** After `read`: true where a level must come that is not so, false behind one. */
  needsLevel = true
  readonly #bytes: Buffer
  readonly #numbers: Float64Array
  readonly #end: Int32Array
  readonly #levels: Kernel['levels']

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 1 })
    this.#levels = (new WebAssembly.Instance(kernelModule(), { env: { memory } }).exports as unknown as Kernel).levels
    this.#bytes = Buffer.from(memory.buffer)
    this.#numbers = new Float64Array(memory.buffer, OUT_AT)
    this.#end = new Int32Array(memory.buffer, 0, 1)
    fillPlaces(memory, PLACES_AT)
  }

  /**
   * Reads levels from byte `from` of a text that ends at `end`, and adds them to `out`.
   * @returns how far it came
   */
  read(buf: Uint8Array, from: number, end: number, out: LevelList): number {
    let pos = from
    for (;;) {
      const to = Math.min(end, pos + WINDOW_BYTES)
      copyBytes(buf, pos, to, this.#bytes, TEXT_END - (to - pos))
      const stop = this.#levels(TEXT_END - (to - pos), OUT_AT)
      const reached = (stop >> 1) - TEXT_END + to
      this.needsLevel = (stop & 1) === 1
      this.#tell(out)
      // Where the window cut a list off there is more to read, unless not even one level had room in it.
      const isCut = to < end && reached > pos && (this.needsLevel || (reached === to && buf[to] === COMMA))
      if (!isCut) return reached
      pos = reached
      if (!this.needsLevel) pos += pos + 1 < end && buf[pos + 1] === SPACE ? 2 : 1
      this.needsLevel = true
    }
  }

  #tell(out: LevelList): void {
    const count = (this.#end[0]! - OUT_AT) >> 3
    const at = 2 * out.count
    let { values } = out
    while (at + count > values.length) values = out.grow()
    const numbers = this.#numbers
    for (let i = 0; i < count; i++) values[at + i] = numbers[i]!
    out.count += count >> 1
  }
}

let shared: LevelKernel | undefined

/** The one of this thread. It keeps nothing from one call to the next. */
export function levelKernel(): LevelKernel {
  return (shared ??= new LevelKernel())
}

interface Kernel {
  /** @returns twice the place that was reached, plus 1 where a level must come that is not so; the end of the numbers is then in the first word */
  levels(at: number, out: number): number
}

/** Bytes that are looked at together. A list is not known to end before it does, so that small ones cost copies of what follows them. */
const WINDOW_BYTES = 4096
const PLACES_AT = 16
/** A text ends here whatever its length: so what follows it is always nothing. */
const TEXT_END = PLACES_AT + PLACES_BYTES + WINDOW_BYTES
const OUT_AT = TEXT_END + BEHIND_TEXT
const LEVEL_BYTES = 16
const COMMA = 44
const SPACE = 32

let compiled: WebAssembly.Module | undefined

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    w.assemble([{ name: 'levels', params: [w.I32, w.I32], locals: 5, locals64: 2, code: levelsFunction() }])
  )
  return compiled
}

const [P, OUT, FIRST, OTHERS, DOT, END, START, BOTH, VALUE] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const
const DECIMAL = { p: P, first: FIRST, others: OTHERS, dot: DOT, end: END, both: BOTH, value: VALUE }

const leaveAt = (place: number, needsLevel: 0 | 1): Code => [
  ...w.seq(w.i32(0), w.get(OUT), w.store32(0)),
  ...w.seq(w.get(place), w.i32(1), w.shl, w.i32(needsLevel), w.or, w.leave)
]
/** No usual level: it is left to others from its beginning on. */
const refuse = leaveAt(START, 1)
const unless8 = (offset: number, text: string): Code =>
  w.ifThen([...w.get(P), ...w.load64(offset), ...w.i64(Buffer.from(text, 'latin1').readBigInt64LE()), ...w.ne64], refuse)
const unless2 = (offset: number, text: string): Code =>
  w.ifThen([...w.get(P), ...w.load16(offset), ...w.i32(Buffer.from(text, 'latin1').readUInt16LE()), ...w.ne], refuse)
const store = (offset: number): Code => w.seq(w.get(OUT), w.get(VALUE), w.toF64U, w.storeF64(offset))
const passSpace = w.ifThen(isByte(P, SPACE), moveOn(P, w.i32(1)))

/** levels(p, out): local 6 is where the level began, the others are those of the number. */
function levelsFunction(): Code {
  return [
    ...w.whileLoop(w.i32(1), [
      ...w.seq(w.get(P), w.set(START)),
      ...w.seq(unless8(0, '{"price"'), unless2(8, ':"'), moveOn(P, w.i32(10))),
      ...w.seq(readDecimal(DECIMAL, PLACES_AT, refuse), store(0)),
      ...w.ifThen([...w.get(VALUE), ...w.eqz64], refuse),
      ...w.seq(unless2(0, '",'), moveOn(P, w.i32(2)), passSpace),
      ...w.seq(unless8(0, '"size":"'), moveOn(P, w.i32(8))),
      ...w.seq(readDecimal(DECIMAL, PLACES_AT, refuse), store(8)),
      ...w.seq(unless2(0, '"}'), moveOn(P, w.i32(2)), moveOn(OUT, w.i32(LEVEL_BYTES))),
      ...w.seq(isByte(P, COMMA), w.eqz, w.breakLoop),
      ...w.seq(moveOn(P, w.i32(1)), passSpace)
    ]),
    ...leaveAt(P, 0)
  ]
}
