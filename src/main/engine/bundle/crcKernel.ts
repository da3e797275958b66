import { HEADER_BYTES_V2, IDX_ENTRY_BYTES_V2, MAGIC_V2, MAX_PAYLOAD_BYTES } from './frameLayout.ts'
import * as w from '../wasmBytes.ts'
import type { Code } from '../wasmBytes.ts'

/**
 * CRC-32 of whole batches of records in one call. A call of zlib.crc32 costs more than the arithmetic on a message of a few hundred bytes,
 * so records are sealed and checked inside WebAssembly memory instead: sixteen table look-ups for sixteen bytes, no crossing per record.
 */
export interface CrcKernel {
  readonly memory: WebAssembly.Memory
  /** The memory's bytes; a new object after `grow`. Bytes before `KERNEL_START` are the kernel's tables. */
  bytes(): Buffer
  /** Makes room for at least `byteLength` bytes in all; what is in memory stays, older views of it end. */
  grow(byteLength: number): void
  /**
   * Sets the CRC of each whole version 2 record in [at, end) and writes its index entry at `idxAt` and on.
   * @param fileOffset file offset of the record at `at`
   * @returns position behind the last index entry
   */
  seal(at: number, end: number, idxAt: number, fileOffset: number): number
  /** @returns position behind the last good version 2 record of the unbroken row that starts at `at`; `at` itself when there is none */
  check(at: number, end: number): number
}

/** First byte that the owner of a kernel may use: behind 16 tables of 256 words, and 64 bytes more (reads into a page's start are slow). */
export const KERNEL_START = 16 * 1024 + 64

const PAGE_BYTES = 65_536
const CRC_AT = 32
const LENGTH_AT = 28

/** One look-up: table `table` at byte `byteIndex` (0 lowest) of the word in `local`. */
function lookUp(local: number, byteIndex: number, table: number): Code {
  const shift = byteIndex === 0 ? [...w.i32(2), ...w.shl] : [...w.i32(8 * byteIndex - 2), ...w.shrU]
  return [...w.get(local), ...shift, ...w.i32(0x3fc), ...w.and, ...w.load32(table * 1024)]
}

/** crc = the tables' sum over `words` words at p; p moves on. Word k, byte j uses table 4 × (words - k) - 1 - j. */
function sliceStep(p: number, crc: number, word: number, words: number): Code {
  const code: number[] = []
  for (let k = 0; k < words; k++) {
    code.push(...w.get(p), ...w.load32(4 * k))
    if (k === 0) code.push(...w.get(crc), ...w.xor)
    code.push(...w.set(word + k))
  }
  // The word that waits for the CRC before it comes last, so that the look-ups of the others are done by then.
  for (let k = words - 1; k >= 0; k--) {
    for (let j = 0; j < 4; j++) {
      code.push(...lookUp(word + k, j, 4 * (words - k) - 1 - j))
      if (k < words - 1 || j > 0) code.push(...w.xor)
    }
  }
  return [...code, ...w.set(crc), ...w.get(p), ...w.i32(4 * words), ...w.add, ...w.set(p)]
}

const enough = (p: number, end: number, bytes: number): Code => [...w.get(end), ...w.get(p), ...w.sub, ...w.i32(bytes), ...w.geU]

/** crc(p, end): locals 2 crc, 3 to 6 words. */
function crcFunction(): Code {
  const [p, end, crc, word] = [0, 1, 2, 3]
  const byteStep = [
    ...w.seq(w.get(crc), w.get(p), w.load8(0), w.xor, w.set(word)),
    ...w.seq(lookUp(word, 0, 0), w.get(crc), w.i32(8), w.shrU, w.xor, w.set(crc)),
    ...w.seq(w.get(p), w.i32(1), w.add, w.set(p))
  ]
  return [
    ...w.seq(w.i32(-1), w.set(crc)),
    ...w.whileLoop(enough(p, end, 16), sliceStep(p, crc, word, 4)),
    ...w.ifThen(enough(p, end, 8), sliceStep(p, crc, word, 2)),
    ...w.ifThen(enough(p, end, 4), sliceStep(p, crc, word, 1)),
    ...w.whileLoop([...w.get(p), ...w.get(end), ...w.ltU], byteStep),
    ...w.seq(w.get(crc), w.i32(-1), w.xor)
  ]
}

/** seal(at, end, idxAt, fileOffset): locals 4 payload start, 5 payload end, 6 first at. The index entry repeats the header from byte 12 on. */
function sealFunction(): Code {
  const [at, end, idxAt, fileOffset, start, next, first] = [0, 1, 2, 3, 4, 5, 6]
  const copyWords = [0, 8, 16].flatMap((k) => [...w.get(idxAt), ...w.get(at), ...w.load64(12 + k), ...w.store64(8 + k)])
  const offset = [...w.get(fileOffset), ...w.truncF64U, ...w.get(at), ...w.get(first), ...w.sub, ...w.extendU, ...w.add64]
  return [
    ...w.seq(w.get(at), w.set(first)),
    ...w.whileLoop(
      [...w.get(at), ...w.get(end), ...w.ltU],
      [
        ...w.seq(w.get(at), w.i32(HEADER_BYTES_V2), w.add, w.tee(start), w.get(at), w.load32(LENGTH_AT), w.add, w.set(next)),
        ...w.seq(w.get(at), w.get(start), w.get(next), w.call(0), w.store32(CRC_AT)),
        ...w.seq(w.get(idxAt), offset, w.store64(0)),
        ...copyWords,
        ...w.seq(w.get(idxAt), w.i32(IDX_ENTRY_BYTES_V2), w.add, w.set(idxAt)),
        ...w.seq(w.get(next), w.set(at))
      ]
    ),
    ...w.get(idxAt)
  ]
}

/** check(at, end): locals 2 length, 3 next. */
function checkFunction(): Code {
  const [at, end, length, next] = [0, 1, 2, 3]
  const fits = [...w.get(at), ...w.i32(HEADER_BYTES_V2), ...w.add, ...w.get(length), ...w.add]
  return [
    ...w.whileLoop(enough(at, end, HEADER_BYTES_V2), [
      ...w.seq(w.get(at), w.load64(0), w.i64(MAGIC_V2.readBigInt64LE(0)), w.ne64, w.breakLoop),
      ...w.seq(w.get(at), w.load16(8), w.i32(2), w.ne, w.breakLoop),
      ...w.seq(w.get(at), w.load32(LENGTH_AT), w.tee(length), w.i32(MAX_PAYLOAD_BYTES), w.gtU, w.breakLoop),
      ...w.seq(fits, w.tee(next), w.get(end), w.gtU, w.breakLoop),
      ...w.seq(w.get(at), w.i32(HEADER_BYTES_V2), w.add, w.get(next), w.call(0), w.get(at), w.load32(CRC_AT), w.ne, w.breakLoop),
      ...w.seq(w.get(next), w.set(at))
    ]),
    ...w.get(at)
  ]
}

/** Table 0 is the classic one for the reflected polynomial; table n advances table n-1 by one zero byte. */
function crcTables(): Uint32Array {
  const tables = new Uint32Array(16 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    tables[byte] = crc
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] ?? 0
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] ?? 0)
  }
  return tables
}

interface KernelExports {
  readonly seal: CrcKernel['seal']
  readonly check: CrcKernel['check']
}

let compiled: WebAssembly.Module | undefined

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    w.assemble([
      { name: 'crc', params: [w.I32, w.I32], locals: 5, code: crcFunction() },
      { name: 'seal', params: [w.I32, w.I32, w.I32, w.F64], locals: 3, code: sealFunction() },
      { name: 'check', params: [w.I32, w.I32], locals: 2, code: checkFunction() }
    ])
  )
  return compiled
}

/** Makes a kernel with its own memory. @param byteLength bytes wanted in all, tables included */
export function createCrcKernel(byteLength: number): CrcKernel {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(byteLength / PAGE_BYTES) })
  const exported = new WebAssembly.Instance(kernelModule(), { env: { memory } }).exports as unknown as KernelExports
  new Uint32Array(memory.buffer, 0, 16 * 256).set(crcTables())
  return {
    memory,
    bytes: () => Buffer.from(memory.buffer),
    grow: (wanted) => {
      const missing = wanted - memory.buffer.byteLength
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
    },
    seal: exported.seal,
    check: exported.check
  }
}

/** A WebAssembly memory reserves much address space and goes only with the garbage collector, so readers hand theirs on. */
const pool: CrcKernel[] = []
const POOL_SIZE = 16
const POOLED_BYTES = 4 * 1024 * 1024

/** @returns a kernel with at least `byteLength` bytes; give it back with `returnCrcKernel` */
export function borrowCrcKernel(byteLength: number): CrcKernel {
  const kernel = pool.pop() ?? createCrcKernel(byteLength)
  kernel.grow(byteLength)
  return kernel
}

/** Takes back a borrowed kernel; its memory will be overwritten. */
export function returnCrcKernel(kernel: CrcKernel): void {
  if (pool.length < POOL_SIZE && kernel.memory.buffer.byteLength <= POOLED_BYTES) pool.push(kernel)
}
