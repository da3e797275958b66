/**
 * The few WebAssembly byte codes that the kernels need, written by hand so that no compiler and no binary file is part of the build.
 * A piece of code is a list of bytes; pieces are joined with spread.
 */
export type Code = readonly number[]

export const I32 = 0x7f
export const F64 = 0x7c
const I64 = 0x7e

/** Unsigned LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = []
  let rest = value >>> 0
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** Signed LEB128 of a 64-bit value. */
function signed(value: bigint): Code {
  const bytes: number[] = []
  let rest = BigInt.asIntN(64, value)
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number): Code => [0x21, ...unsigned(local)]
export const tee = (local: number): Code => [0x22, ...unsigned(local)]
export const i32 = (value: number): Code => [0x41, ...signed(BigInt(value | 0))]
export const i64 = (value: bigint): Code => [0x42, ...signed(value)]
export const call = (func: number): Code => [0x10, ...unsigned(func)]
export const add: Code = [0x6a]
export const sub: Code = [0x6b]
export const and: Code = [0x71]
export const or: Code = [0x72]
export const xor: Code = [0x73]
export const mul: Code = [0x6c]
export const divU: Code = [0x6e]
export const shl: Code = [0x74]
export const shrU: Code = [0x76]
export const rotl: Code = [0x77]
export const eqz: Code = [0x45]
export const ctz: Code = [0x68]
export const ne: Code = [0x47]
export const ltU: Code = [0x49]
export const gtU: Code = [0x4b]
export const geU: Code = [0x4f]
export const ne64: Code = [0x52]
export const add64: Code = [0x7c]
export const mul64: Code = [0x7e]
export const and64: Code = [0x83]
export const xor64: Code = [0x85]
export const shrU64: Code = [0x88]
export const extendU: Code = [0xad]
/** The lower half of an i64. */
export const wrap: Code = [0xa7]
export const truncF64U: Code = [0xb1]
export const toF64U: Code = [0xba]
export const eqz64: Code = [0x50]

// Sixteen bytes at a time.
/** A byte that stands sixteen times. */
export const bytes16 = (byte: number): Code => [0xfd, 0x0c, ...Array<number>(16).fill(byte)]
/** 0 to 15. */
export const bytesUp: Code = [0xfd, 0x0c, ...Array.from({ length: 16 }, (_, i) => i)]
/** Halves of words, over and over: eight in all. */
export const halves16 = (...values: readonly number[]): Code => {
  const halves = Array.from({ length: 8 }, (_, i) => values[i % values.length]!)
  return [0xfd, 0x0c, ...halves.flatMap((half) => [half & 0xff, half >> 8])]
}
/** Bytes of the first by the places in the second; 0 for a place that is not there. */
export const swizzle8: Code = [0xfd, 0x0e]
export const mul16: Code = [0xfd, 0x95, 0x01]
export const shrU16: Code = [0xfd, 0x8d, 0x01]
/** Products of halves, added up in pairs to words. */
export const dot16: Code = [0xfd, 0xba, 0x01]
/** Words to halves: those of the first, then those of the second. */
export const narrow32: Code = [0xfd, 0x85, 0x01]
export const low64: Code = [0xfd, 0x1d, 0]
export const xor128: Code = [0xfd, 0x51]
/** 1 when any bit is set. */
export const anyTrue: Code = [0xfd, 0x53]
/** The byte on the stack sixteen times. */
export const splat8: Code = [0xfd, 0x0f]
export const and128: Code = [0xfd, 0x4e]
export const eq8: Code = [0xfd, 0x23]
export const gtU8: Code = [0xfd, 0x28]
export const sub8: Code = [0xfd, 0x71]
/** The high bits of the sixteen bytes as an i32. */
export const bitmask8: Code = [0xfd, 0x64]

// Memory accesses: opcode, alignment hint 0 (records lie at any address), offset.
export const load32 = (offset: number): Code => [0x28, 0, ...unsigned(offset)]
export const load64 = (offset: number): Code => [0x29, 0, ...unsigned(offset)]
export const load8 = (offset: number): Code => [0x2d, 0, ...unsigned(offset)]
export const load128 = (offset: number): Code => [0xfd, 0x00, 0, ...unsigned(offset)]
export const load16 = (offset: number): Code => [0x2f, 0, ...unsigned(offset)]
export const store32 = (offset: number): Code => [0x36, 0, ...unsigned(offset)]
export const storeF64 = (offset: number): Code => [0x39, 0, ...unsigned(offset)]
export const store64 = (offset: number): Code => [0x37, 0, ...unsigned(offset)]

/** Pieces one after another. */
export const seq = (...pieces: readonly Code[]): Code => pieces.flat()

/** `while (condition) body`: the condition leaves an i32. Inside the body `breakLoop` leaves the loop. */
export function whileLoop(condition: Code, body: Code): Code {
  return [0x02, 0x40, 0x03, 0x40, ...condition, ...eqz, 0x0d, 1, ...body, 0x0c, 0, 0x0b, 0x0b]
}

/** Returns from the function with the i32 on the stack. */
export const leave: Code = [0x0f]

/** Leaves the innermost `whileLoop` when the i32 on the stack is not 0. Only directly in its body. */
export const breakLoop: Code = [0x0d, 1]

export function ifThen(condition: Code, body: Code): Code {
  return [...condition, 0x04, 0x40, ...body, 0x0b]
}

export interface WasmFunction {
  readonly name: string
  readonly params: readonly number[]
  /** Number of further i32 locals. */
  readonly locals: number
  /** Number of i64 locals, behind those. */
  readonly locals64?: number
  readonly code: Code
}

const MODULE_HEADER: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** Assembles a module whose functions each return one i32 and which imports its memory as `env.memory`. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [0x60, ...vector(f.params.map((type) => [type])), 1, I32])
  const imports = [[...text('env'), ...text('memory'), 0x02, 0x00, 1]]
  const exported = functions.map((f, index) => [...text(f.name), 0x00, ...unsigned(index)])
  const bodies = functions.map((f) => {
    const kinds = [
      [f.locals, I32],
      [f.locals64 ?? 0, I64]
    ].filter(([count = 0]) => count > 0)
    const body = [...vector(kinds.map(([count = 0, type = 0]) => [...unsigned(count), type])), ...f.code, 0x0b]
    return [...unsigned(body.length), ...body]
  })
  return new Uint8Array([
    ...MODULE_HEADER,
    ...section(1, vector(types)),
    ...section(2, vector(imports)),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exported)),
    ...section(10, vector(bodies))
  ])
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content]
}

function text(value: string): Code {
  return vector([...Buffer.from(value, 'utf8')].map((byte) => [byte]))
}
