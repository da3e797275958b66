import type { JsonScan } from '../json/jsonScan.ts'
import type { KeyMemo } from '../marketSink.ts'

/** Beginnings that are kept: twice as many as a run has instruments, so that only a hostile venue can use them up. */
const MOST = 40_000
/** Where the market id, which decides on the bucket, is known to stand. */
const BUCKET_BYTES = 40
const BUCKET_BITS = 0x3fffffff

/**
 * The beginning of a message or of one of its changes, up to its first value that is not always the same: market, asset and the words
 * around them. Offsets are from its first byte.
 */
export interface Beginning {
  /** In words of eight bytes; the last may overlap the one before. Printable, so that equal words are equal bytes. */
  readonly words: Float64Array
  readonly length: number
  readonly marketFrom: number
  readonly marketTo: number
  readonly assetFrom: number
  readonly assetTo: number
  readonly assetHash: number
  readonly memo: KeyMemo
  /** Another one with the same bucket, or that followed the same beginning. */
  readonly other: Beginning | undefined
  /** What followed it: the change of the market's other token. */
  followers: Beginning | undefined
}

/** Where the parts of a beginning that was just read stand in the scanner's buffer. */
export interface BeginningParts {
  readonly marketFrom: number
  readonly marketTo: number
  readonly assetFrom: number
  readonly assetTo: number
  readonly assetHash: number
}

/** Remembers how messages began: most begin as one before did, and comparing is several times as fast as reading. */
export class KnownBeginnings {
  readonly #byBucket = new Map<number, Beginning>()
  #count = 0

  /** The beginning that stands at the scanner's place. @param after what came before it in the same message */
  find(scan: JsonScan, after: Beginning | undefined): Beginning | undefined {
    if (scan.pos + BUCKET_BYTES > scan.end) return undefined
    let known = after === undefined ? this.#byBucket.get(bucketOf(scan, scan.pos)) : after.followers
    while (known !== undefined && !isNext(known, scan)) known = known.other
    return known
  }

  /** Remembers the bytes from `from` to the scanner's place. All of them have been found to be printable. */
  learn(scan: JsonScan, from: number, parts: BeginningParts, after: Beginning | undefined): Beginning | undefined {
    const length = scan.pos - from
    if (this.#count >= MOST) return undefined
    this.#count++
    const { view } = scan
    const count = Math.ceil(length / 8)
    const known: Beginning = {
      words: Float64Array.from({ length: count }, (_, i) => view.getFloat64(from + Math.min(8 * i, length - 8), true)),
      length,
      marketFrom: parts.marketFrom - from,
      marketTo: parts.marketTo - from,
      assetFrom: parts.assetFrom - from,
      assetTo: parts.assetTo - from,
      assetHash: parts.assetHash,
      memo: { id: 0, generation: -1 },
      other: after === undefined ? this.#byBucket.get(bucketOf(scan, from)) : after.followers,
      followers: undefined
    }
    if (after === undefined) this.#byBucket.set(bucketOf(scan, from), known)
    else after.followers = known
    return known
  }
}

/** From the market id, which stands there. */
function bucketOf({ view }: JsonScan, at: number): number {
  return (Math.imul(view.getInt32(at + 20, true), 31) + view.getInt32(at + 36, true)) & BUCKET_BITS
}

function isNext({ words, length }: Beginning, { view, pos, end }: JsonScan): boolean {
  if (pos + length > end) return false
  const last = words.length - 1
  // The asset stands near the end, and it is what beginnings of one market differ in.
  if (view.getFloat64(pos + length - 8, true) !== words[last]) return false
  for (let i = last - 1; i >= 0; i--) if (view.getFloat64(pos + 8 * i, true) !== words[i]) return false
  return true
}
