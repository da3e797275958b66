import * as w from '../../wasmBytes.ts'
import type { Code } from '../../wasmBytes.ts'
import { BEHIND_TEXT, fillPlaces, isByte, moveOn, PLACES_BYTES, readDecimal, readInteger } from '../../wasmDecimal.ts'

/** A longer message is read field by field. */
const MAX_TEXT_BYTES = 64 * 1024
/** Nothing is written before it: where a token has no place in the table its number is read at 0, and is 0. */
const PLACES_AT = 16
/** A text ends here whatever its length, and zeros follow it: no word of a message is longer than they are. */
export const TEXT_END = PLACES_AT + PLACES_BYTES + MAX_TEXT_BYTES
const HEAD_AT = TEXT_END + 4 * BEHIND_TEXT
/** Words of the head, as i32: market, time, each from and to; then the time as f64. */
export const HEAD = { marketFrom: 0, marketTo: 1, tsFrom: 2, tsTo: 3 } as const
const TIME_AT = HEAD_AT + 16
const ROWS_AT = TIME_AT + 8
/** A change: words as i32, then numbers × 1e6 as f64, then the first bytes of its hash. */
export const ROW = { assetFrom: 0, assetTo: 1, token: 2, side: 3, hashFrom: 4, hashTo: 5 } as const
export const ROW_NUMBER = { px: 3, size: 4, bid: 5, ask: 6, hash: 7 } as const
/** Words of 64 bits that a hash of the venue's has. */
export const HASH_WORDS = 5
const ROW_BYTES = 8 * (ROW_NUMBER.hash + HASH_WORDS)
/** No change is shorter. */
const CHANGE_BYTES = '{"asset_id":"1", "price":"1", "size":"1", "side":"BUY", "hash":"", "best_bid":"1", "best_ask":"1"}'.length
const TABLE_AT = ROWS_AT + ROW_BYTES * Math.ceil(MAX_TEXT_BYTES / CHANGE_BYTES)
const TABLE_BITS = 16
const TABLE_BYTES = 4 << TABLE_BITS
/** Token ids that have numbers: other ones are looked up by whoever reads. */
const MIN_ID_BYTES = 16
const MAX_ID_BYTES = 80
/** Twice as many as a run has instruments: when there are more, all are forgotten and learned anew. */
const MOST_TOKENS = 40_000
/** Places of the table that are looked at for a token: in a full one nearly all stand within them. Ids that were made to end alike have no place. */
const MOST_LOOKS = 128
const ENTRY_HEAD = 16
const ENTRY_BYTES = ENTRY_HEAD + MAX_ID_BYTES
/** The entry of token n stands n entries behind this. */
export const LAYOUT = {
  placesAt: PLACES_AT,
  headAt: HEAD_AT,
  timeAt: TIME_AT,
  rowsAt: ROWS_AT,
  rowBytes: ROW_BYTES,
  tableAt: TABLE_AT,
  tableBytes: TABLE_BYTES,
  poolAt: TABLE_AT + TABLE_BYTES,
  entryHead: ENTRY_HEAD,
  entryBytes: ENTRY_BYTES,
  mostTokens: MOST_TOKENS,
  mostLooks: MOST_LOOKS,
  maxTextBytes: MAX_TEXT_BYTES
} as const

export interface ChangeKernelCode {
  /** @returns the place in the table for a token id: its number stands there or 0; 0 for one that has no place */
  slot(from: number, to: number): number
  /** Reads the message from `at` to `TEXT_END` into head and rows. @returns how many changes it has; 0 when it is not as usual */
  changes(at: number, rows: number): number
}

let compiled: WebAssembly.Module | undefined

export function changeKernelCode(memory: WebAssembly.Memory): ChangeKernelCode {
  compiled ??= new WebAssembly.Module(
    w.assemble([
      { name: 'same', params: [w.I32, w.I32, w.I32], locals: 0, code: sameFunction() },
      { name: 'slot', params: [w.I32, w.I32], locals: 4, code: slotFunction() },
      { name: 'changes', params: [w.I32, w.I32], locals: 6, locals64: 2, code: changesFunction() }
    ])
  )
  fillPlaces(memory, PLACES_AT)
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as ChangeKernelCode
}

const SAME = 0
const SLOT = 1
const refuse: Code = [...w.i32(0), ...w.leave]

/** same(a, b, last): 1 when the bytes from a and b up to the sixteen behind `last` more are the same. */
function sameFunction(): Code {
  const [a, b, last] = [0, 1, 2]
  const differ: Code = [...w.get(a), ...w.load128(0), ...w.get(b), ...w.load128(0), ...w.xor128, ...w.anyTrue]
  return [
    ...w.whileLoop(
      [...w.i32(16), ...w.get(last), ...w.ltU],
      [...w.ifThen(differ, refuse), ...w.seq(moveOn(a, w.i32(16)), moveOn(b, w.i32(16)), w.get(last), w.i32(16), w.sub, w.set(last))]
    ),
    ...w.ifThen(differ, refuse),
    // The last sixteen may overlap those before.
    ...w.seq(moveOn(a, w.get(last)), moveOn(b, w.get(last))),
    ...w.seq(differ, w.eqz)
  ]
}

/** slot(from, to): locals 2 length, 3 place in the table, 4 entry, 5 places looked at. Entries begin with the length of their id. */
function slotFunction(): Code {
  const [from, to, length, place, entry, looks] = [0, 1, 2, 3, 4, 5]
  const word = (back: number, factor: bigint): Code =>
    w.seq(w.get(to), w.i32(back), w.sub, w.load64(0), w.i64(BigInt.asIntN(64, factor)), w.mul64)
  const hash = w.seq(word(16, 0x9e3779b97f4a7c15n), word(8, 0xc2b2ae3d27d4eb4fn), w.xor64, w.i64(BigInt(64 - TABLE_BITS)), w.shrU64, w.wrap)
  const isIt: Code = [
    ...w.seq(w.get(entry), w.load32(0), w.get(length), w.ne, w.eqz),
    ...w.seq(w.get(from), w.get(entry), w.i32(ENTRY_HEAD), w.add, w.get(length), w.i32(16), w.sub, w.call(SAME), w.and)
  ]
  return [
    ...w.seq(w.get(to), w.get(from), w.sub, w.tee(length), w.i32(MIN_ID_BYTES), w.sub, w.i32(MAX_ID_BYTES - MIN_ID_BYTES), w.gtU),
    ...w.ifThen([], refuse),
    ...w.seq(hash, w.i32(2), w.shl, w.i32(TABLE_AT), w.add, w.set(place)),
    ...w.whileLoop(w.seq(w.get(place), w.load32(0), w.tee(entry)), [
      ...w.seq(w.get(entry), w.i32(ENTRY_BYTES), w.mul, w.i32(LAYOUT.poolAt), w.add, w.set(entry)),
      ...w.ifThen(isIt, [...w.get(place), ...w.leave]),
      ...w.ifThen(w.seq(w.get(looks), w.i32(1), w.add, w.tee(looks), w.i32(MOST_LOOKS), w.geU), refuse),
      ...w.seq(w.get(place), w.i32(4 - TABLE_AT), w.add, w.i32(TABLE_BYTES - 1), w.and, w.i32(TABLE_AT), w.add, w.set(place))
    ]),
    ...w.get(place)
  ]
}

const [P, ROWS, FIRST, OTHERS, DOT, END, FROM, OUT, BOTH, VALUE] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const
const DECIMAL = { p: P, first: FIRST, others: OTHERS, dot: DOT, end: END, both: BOTH, value: VALUE }
const QUOTE = 34
const BACKSLASH = 92

/** changes(p, rows): local 6 where a string began, 7 the row, the others are those of numbers. */
function changesFunction(): Code {
  const toRow = (word: number, value: Code): Code => w.seq(w.get(OUT), value, w.store32(4 * word))
  const number = (place: number): Code => [
    ...readDecimal(DECIMAL, PLACES_AT, refuse),
    ...w.seq(w.get(OUT), w.get(VALUE), w.toF64U, w.storeF64(8 * place))
  ]
  return [
    ...w.seq(w.get(ROWS), w.set(OUT)),
    ...w.seq(expect('{"market":"'), plainString(), toHead(HEAD.marketFrom, w.get(FROM)), toHead(HEAD.marketTo, w.get(P))),
    ...w.seq(expect('", "price_changes":[{"asset_id":"')),
    ...w.whileLoop(w.i32(1), [
      ...w.seq(plainString(), toRow(ROW.assetFrom, w.get(FROM)), toRow(ROW.assetTo, w.get(P))),
      ...w.ifThen([...w.get(P), ...w.get(FROM), ...w.ne, ...w.eqz], refuse),
      ...toRow(ROW.token, w.seq(w.get(FROM), w.get(P), w.call(SLOT), w.load32(0))),
      ...w.seq(expect('", "price":"'), number(ROW_NUMBER.px), expect('", "size":"'), number(ROW_NUMBER.size)),
      ...w.seq(expect('", "side":"'), side(toRow)),
      ...w.seq(expect('", "hash":"'), plainString(), toRow(ROW.hashFrom, w.get(FROM)), toRow(ROW.hashTo, w.get(P)), copyHash),
      ...w.seq(expect('", "best_bid":"'), number(ROW_NUMBER.bid), expect('", "best_ask":"'), number(ROW_NUMBER.ask), expect('"}')),
      ...w.seq(moveOn(OUT, w.i32(ROW_BYTES)), isByte(P, 44), w.eqz, w.breakLoop),
      ...expect(', {"asset_id":"')
    ]),
    ...w.seq(expect('], "timestamp":"'), toHead(HEAD.tsFrom, w.get(P)), readInteger(DECIMAL, refuse), toHead(HEAD.tsTo, w.get(P))),
    ...w.seq(w.i32(TIME_AT), w.get(VALUE), w.toF64U, w.storeF64(0)),
    ...expect('", "event_type":"price_change"}'),
    ...w.ifThen([...w.get(P), ...w.i32(TEXT_END), ...w.ne], refuse),
    ...w.seq(w.get(OUT), w.get(ROWS), w.sub, w.i32(ROW_BYTES), w.divU)
  ]
}

/** A shorter one takes what stands behind it along. */
const copyHash: Code = Array.from({ length: HASH_WORDS }, (_, i) =>
  w.seq(w.get(OUT), w.get(FROM), w.load64(8 * i), w.store64(8 * (ROW_NUMBER.hash + i)))
).flat()

const toHead = (word: number, value: Code): Code => w.seq(w.i32(HEAD_AT), value, w.store32(4 * word))

/** `BUY` is 1, `SELL` is 2. */
function side(toRow: (word: number, value: Code) => Code): Code {
  const is = (text: string): Code => [...w.get(P), ...w.load32(0), ...w.i32(Buffer.from(text).readInt32LE()), ...w.ne, ...w.eqz]
  return [
    ...w.seq(w.i32(0), w.set(FIRST)),
    ...w.ifThen(is('BUY"'), [...w.i32(1), ...w.set(FIRST)]),
    ...w.ifThen(is('SELL'), [...w.i32(2), ...w.set(FIRST)]),
    ...w.ifThen([...w.get(FIRST), ...w.eqz], refuse),
    ...toRow(ROW.side, w.get(FIRST)),
    ...moveOn(P, [...w.i32(2), ...w.get(FIRST), ...w.add])
  ]
}

/** Moves behind this text, which is next. */
function expect(text: string): Code {
  const bytes = Buffer.from(text, 'latin1')
  const code: number[] = []
  for (let at = 0; at < bytes.length;) {
    const left = bytes.length - at
    if (left >= 8) code.push(...w.ifThen(w.seq(w.get(P), w.load64(at), w.i64(bytes.readBigInt64LE(at)), w.ne64), refuse))
    else if (left >= 4) code.push(...w.ifThen(w.seq(w.get(P), w.load32(at), w.i32(bytes.readInt32LE(at)), w.ne), refuse))
    else if (left >= 2) code.push(...w.ifThen(w.seq(w.get(P), w.load16(at), w.i32(bytes.readUInt16LE(at)), w.ne), refuse))
    else code.push(...w.ifThen([...w.get(P), ...w.load8(at), ...w.i32(bytes[at]!), ...w.ne], refuse))
    at += left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1
  }
  return [...code, ...moveOn(P, w.i32(bytes.length))]
}

/** Moves to the quote that ends the string at p, which then begins at `FROM`. Printable bytes without a backslash are taken. */
function plainString(): Code {
  const sixteen: Code = [...w.get(P), ...w.load128(0)]
  return [
    ...w.seq(w.get(P), w.set(FROM)),
    ...w.whileLoop(w.i32(1), [
      ...w.seq(sixteen, w.bytes16(QUOTE), w.eq8, w.bitmask8),
      ...w.seq(sixteen, w.bytes16(BACKSLASH), w.eq8, w.bitmask8, w.or),
      ...w.seq(sixteen, w.bytes16(32), w.sub8, w.bytes16(126 - 32), w.gtU8, w.bitmask8, w.or, w.tee(OTHERS)),
      ...w.breakLoop,
      ...moveOn(P, w.i32(16))
    ]),
    ...moveOn(P, w.seq(w.get(OTHERS), w.ctz)),
    ...w.ifThen([...isByte(P, QUOTE), ...w.eqz], refuse)
  ]
}
