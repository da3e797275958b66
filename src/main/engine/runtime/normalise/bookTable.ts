import { LevelList } from '../../feeds/index.ts'

/** Names under which a market id may stand, the first usable one counts. */
export const ID_KEYS = ['asset_id', 'token_id', 'tokenId', 'assetId'] as const

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
  /** The first level in `BookTable.levels` and how many there are. */
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

/** What the decoding of one payload leaves: where ids and times stand, and the numbers of all levels. Filled again for each payload. */
export class BookTable {
  buf: Uint8Array = new Uint8Array(0)
  /** Price and size of every level; NaN where there is no number. */
  readonly levels = new LevelList()
  readonly objects: BookObject[] = []
  objectCount = 0
  /** Elements of the message that are no objects. */
  strangers = 0

  start(buf: Uint8Array): void {
    this.buf = buf
    this.levels.clear()
    this.objectCount = this.strangers = 0
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
}
