/** Names under which a market id may stand, the first usable one counts. */
export const ID_KEYS = ['asset_id', 'token_id', 'tokenId', 'assetId'] as const

/** Numbers of one level in `BookTable.levels`: byte ranges of price and size; -1 where there is no text or number. */
export const LEVEL_LENGTH = 4

/** One object of a message that has bids or asks. Byte ranges point into `BookTable.buf`; -1 = absent or of no use. */
export class BookObject {
  readonly idFrom = new Int32Array(ID_KEYS.length)
  readonly idTo = new Int32Array(ID_KEYS.length)
  tsFrom = -1
  tsTo = -1
  tsIsText = false
  hasBids = false
  hasAsks = false
  /** The side is there but no list: it counts as empty, and as an error. */
  bidsBroken = false
  asksBroken = false
  /** Place of the first level in `BookTable.levels`, counted in levels, and how many there are. */
  bidsFirst = 0
  bidsCount = 0
  asksFirst = 0
  asksCount = 0

  reset(): void {
    this.idFrom.fill(-1)
    this.tsFrom = -1
    this.hasBids = this.hasAsks = this.bidsBroken = this.asksBroken = false
    this.bidsCount = this.asksCount = 0
  }
}

/** What the decoding of one payload leaves: where everything stands, nothing interpreted. Filled again for each payload. */
export class BookTable {
  buf: Uint8Array = new Uint8Array(0)
  /** Int32Array [level][price from, price to, size from, size to] */
  levels = new Int32Array(1024 * LEVEL_LENGTH)
  levelCount = 0
  readonly objects: BookObject[] = []
  objectCount = 0
  /** Elements of the message that are no objects. */
  strangers = 0

  start(buf: Uint8Array): void {
    this.buf = buf
    this.levelCount = this.objectCount = this.strangers = 0
  }

  nextObject(): BookObject {
    const object = (this.objects[this.objectCount++] ??= new BookObject())
    object.reset()
    return object
  }

  /** The newest object is of no interest after all. */
  dropObject(): void {
    this.objectCount--
  }

  pushLevel(priceFrom: number, priceTo: number, sizeFrom: number, sizeTo: number): void {
    const levels = this.roomFor(1)
    let at = this.levelCount++ * LEVEL_LENGTH
    levels[at++] = priceFrom
    levels[at++] = priceTo
    levels[at++] = sizeFrom
    levels[at] = sizeTo
  }

  /** Grows where needed. @returns `levels`, with room for so many more */
  roomFor(more: number): Int32Array {
    const needed = (this.levelCount + more) * LEVEL_LENGTH
    if (needed > this.levels.length) {
      const larger = new Int32Array(2 * needed)
      larger.set(this.levels.subarray(0, this.levelCount * LEVEL_LENGTH))
      this.levels = larger
    }
    return this.levels
  }
}
