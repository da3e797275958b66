import type { JsonScan } from '../json/jsonScan.ts'
import type { KeyMemo } from '../marketSink.ts'

/** Beginnings that are kept, twice as many as a run has instruments: when there are more, all are forgotten and learned anew. */
const MOST = 40_000
/** Beginnings that are looked at for one message. */
const MOST_TRIES = 8
/** A message is longer than this; market id and asset id, which decide on the bucket, stand in these bytes. */
const BUCKET_BYTES = 144
const BUCKET_BITS = 0x3fffffff

/**
 * The beginning of a message or of one of its changes, up to its first value that is not always the same: market, asset and the words
 * around them. Offsets are from its first byte.
 */
export interface Beginning {
  /** Where its bytes stand in the pool, in words of eight; the last may overlap the one before. */
  readonly first: number
  readonly last: number
  readonly length: number
  readonly marketFrom: number
  readonly marketTo: number
  readonly assetFrom: number
  readonly assetTo: number
  readonly assetHash: number
  readonly memo: KeyMemo
  /** Another one with the same bucket, or that followed the same beginning. */
  readonly other: Beginning | undefined
  /** How many come after it as `other`. */
  readonly others: number
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
  /** The bytes of all beginnings, one behind another, so that those of one message lie together. Printable, so that equal words are equal bytes. */
  #pool = new Float64Array(64 * 1024)
  #poolEnd = 0
  #count = 0

  /** The beginning that stands at the scanner's place. @param after what came before it in the same message */
  find(scan: JsonScan, after: Beginning | undefined): Beginning | undefined {
    if (scan.pos + BUCKET_BYTES > scan.end) return undefined
    let known = after === undefined ? this.#byBucket.get(bucketOf(scan, scan.pos)) : after.followers
    while (known !== undefined && !isNext(known, scan, this.#pool)) known = known.other
    return known
  }

  /** Remembers the bytes from `from` to the scanner's place. All of them have been found to be printable. */
  learn(scan: JsonScan, from: number, parts: BeginningParts, after: Beginning | undefined): Beginning {
    const isFull = this.#count++ >= MOST
    if (isFull) this.#forget()
    const bucket = from + BUCKET_BYTES > scan.end ? 0 : bucketOf(scan, from)
    const before = isFull ? undefined : after === undefined ? this.#byBucket.get(bucket) : after.followers
    const other = before !== undefined && before.others < MOST_TRIES - 1 ? before : undefined
    const length = scan.pos - from
    const first = this.#keep(scan.view, from, length)
    const known: Beginning = {
      first,
      last: this.#poolEnd - 1,
      length,
      marketFrom: parts.marketFrom - from,
      marketTo: parts.marketTo - from,
      assetFrom: parts.assetFrom - from,
      assetTo: parts.assetTo - from,
      assetHash: parts.assetHash,
      memo: { id: 0, generation: -1 },
      other,
      others: other === undefined ? 0 : other.others + 1,
      followers: undefined
    }
    if (after === undefined) this.#byBucket.set(bucket, known)
    // What came before in this message has just been forgotten: nothing may lead from there to what the pool holds now.
    else if (!isFull) after.followers = known
    return known
  }

  #forget(): void {
    this.#byBucket.clear()
    this.#poolEnd = 0
    this.#count = 1
  }

  #keep(view: DataView, from: number, length: number): number {
    const first = this.#poolEnd
    const count = Math.ceil(length / 8)
    if (first + count > this.#pool.length) {
      const larger = new Float64Array(2 * (first + count))
      larger.set(this.#pool)
      this.#pool = larger
    }
    for (let i = 0; i < count; i++) this.#pool[first + i] = view.getFloat64(from + Math.min(8 * i, length - 8), true)
    this.#poolEnd = first + count
    return first
  }
}

/** From bytes of the market id and of the asset id, which mostly stand there. */
function bucketOf({ view }: JsonScan, at: number): number {
  const market = Math.imul(view.getInt32(at + 20, true), 31) + view.getInt32(at + 36, true)
  return (Math.imul(market, 31) + Math.imul(view.getInt32(at + 120, true), 17) + view.getInt32(at + 132, true)) & BUCKET_BITS
}

function isNext({ first, last, length }: Beginning, { view, pos, end }: JsonScan, pool: Float64Array): boolean {
  if (pos + length > end) return false
  // The asset stands near the end, and it is what beginnings of one market differ in.
  if (view.getFloat64(pos + length - 8, true) !== pool[last]) return false
  for (let i = first, at = pos; i < last; i++, at += 8) if (view.getFloat64(at, true) !== pool[i]) return false
  return true
}
