import { ID_KEYS, LEVEL_LENGTH, type BookObject, type BookTable } from './bookTable.ts'

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const SPACE = 32
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const BIDS = bytesOf('bids')
const ASKS = bytesOf('asks')
const TIMESTAMP = bytesOf('timestamp')
const PRICE = bytesOf('price')
const SIZE = bytesOf('size')
const ID_BYTES = ID_KEYS.map(bytesOf)
const WORDS = [bytesOf('true'), bytesOf('false'), bytesOf('null')]
/** `{"price":"0","size":"0"}`: no level is shorter. */
const SHORTEST_LEVEL = 24
const word = (text: string): number => new DataView(bytesOf(text.padEnd(4, '\0')).buffer).getUint32(0, true)
/** `{"price":"` and `"size":"` as little-endian numbers, to be compared four bytes at a time. */
const [PRICE_1, PRICE_2, PRICE_3] = [word('{"pr'), word('ice"'), word(':"')]
const [SIZE_1, SIZE_2] = [word('"siz'), word('e":"')]

/**
 * Finds full books in one JSON text, in bytes. It takes a subset of JSON (plain ASCII strings, nothing nested but the lists of levels) and
 * checks all of it; for anything else it gives up, and JSON.parse decides. What it takes it reads as JSON.parse would.
 */
export class BookScan {
  #buf: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #pos = 0
  #end = 0
  #bad = false
  /** The last string or scalar, quotes not included. */
  #from = 0
  #to = 0
  #isText = false
  #isNumber = false

  /** @returns false when it gives up; the table is to be filled again then */
  scan(buf: Uint8Array, from: number, to: number, table: BookTable): boolean {
    this.#buf = buf
    this.#pos = from
    this.#end = to
    this.#bad = false
    table.start(buf)
    const first = this.#peek()
    if (first === OPEN_LIST) this.#list(table)
    else if (first === OPEN_OBJECT) this.#object(table)
    else return false
    return !this.#bad && this.#peek() === 0 && this.#pos >= this.#end
  }

  #list(table: BookTable): void {
    this.#pos++
    if (this.#take(CLOSE_LIST)) return
    do {
      if (this.#peek() === OPEN_OBJECT) this.#object(table)
      else {
        this.#scalar()
        table.strangers++
      }
    } while (!this.#bad && this.#take(COMMA))
    this.#expect(CLOSE_LIST)
  }

  #object(table: BookTable): void {
    const object = table.nextObject()
    this.#pos++
    if (!this.#take(CLOSE_OBJECT)) {
      do {
        this.#key()
        if (this.#bad) return
        this.#field(object, table)
      } while (!this.#bad && this.#take(COMMA))
      this.#expect(CLOSE_OBJECT)
    }
    if (!object.hasBids && !object.hasAsks) table.dropObject()
  }

  #field(object: BookObject, table: BookTable): void {
    const length = this.#to - this.#from
    if (length === 4) {
      if (this.#is(BIDS)) return this.#bids(object, table)
      if (this.#is(ASKS)) return this.#asks(object, table)
    } else if (length >= 7 && length <= 9) {
      if (length === 9) {
        if (this.#is(TIMESTAMP)) return this.#timestamp(object)
      }
      return this.#maybeId(object)
    }
    this.#scalar()
  }

  #bids(object: BookObject, table: BookTable): void {
    object.hasBids = true
    object.bidsFirst = table.levelCount
    object.bidsBroken = !this.#levels(table)
    object.bidsCount = table.levelCount - object.bidsFirst
  }

  #asks(object: BookObject, table: BookTable): void {
    object.hasAsks = true
    object.asksFirst = table.levelCount
    object.asksBroken = !this.#levels(table)
    object.asksCount = table.levelCount - object.asksFirst
  }

  #timestamp(object: BookObject): void {
    this.#scalar()
    object.tsFrom = this.#isText || this.#isNumber ? this.#from : -1
    object.tsTo = this.#to
    object.tsIsText = this.#isText
  }

  #maybeId(object: BookObject): void {
    let key = ID_BYTES.length - 1
    while (key >= 0 && !this.#is(ID_BYTES[key]!)) key--
    this.#scalar()
    if (key < 0) return
    const usable = (this.#isText && this.#to > this.#from) || this.#isNumber
    object.idFrom[key] = usable ? this.#from : -1
    object.idTo[key] = this.#to
  }

  /** @returns false when it is no list */
  #levels(table: BookTable): boolean {
    if (this.#peek() !== OPEN_LIST) {
      this.#scalar()
      return false
    }
    this.#pos++
    if (this.#take(CLOSE_LIST)) return true
    do {
      if (this.#usualLevels(table)) this.#anyLevel(table)
    } while (!this.#bad && this.#take(COMMA))
    this.#expect(CLOSE_LIST)
    return true
  }

  /**
   * Reads levels that are spelled as the venue spells them: `{"price":"0.52","size":"120.5"}`, one space at most behind a comma.
   * @returns true where a level must come that is not; false behind one
   */
  #usualLevels(table: BookTable): boolean {
    const buf = this.#buf
    const end = this.#end
    const view = this.#viewOf(buf)
    // A level takes at least this many bytes, so there is room for all that may come.
    const levels = table.roomFor(Math.ceil((end - this.#pos) / SHORTEST_LEVEL))
    let at = table.levelCount * LEVEL_LENGTH
    let pos = this.#pos
    let needsLevel = true
    while (pos + SHORTEST_LEVEL <= end) {
      if (view.getUint32(pos, true) !== PRICE_1 || view.getUint32(pos + 4, true) !== PRICE_2 || view.getUint16(pos + 8, true) !== PRICE_3)
        break
      let p = pos + 10
      let c = buf[p]!
      while (c >= 46 && c <= 57) c = buf[++p]!
      if (c !== QUOTE || buf[p + 1] !== COMMA) break
      levels[at] = pos + 10
      levels[at + 1] = p
      p += buf[p + 2] === SPACE ? 3 : 2
      if (p + 8 > end || view.getUint32(p, true) !== SIZE_1 || view.getUint32(p + 4, true) !== SIZE_2) break
      p += 8
      levels[at + 2] = p
      c = buf[p]!
      while (c >= 46 && c <= 57) c = buf[++p]!
      if (c !== QUOTE || buf[p + 1] !== CLOSE_OBJECT || p + 2 > end) break
      levels[at + 3] = p
      at += LEVEL_LENGTH
      p += 2
      if (p >= end || buf[p] !== COMMA) {
        pos = p
        needsLevel = false
        break
      }
      pos = buf[p + 1] === SPACE ? p + 2 : p + 1
    }
    table.levelCount = at / LEVEL_LENGTH
    this.#pos = pos
    return needsLevel
  }

  #viewOf(buf: Uint8Array): DataView {
    const view = this.#view
    if (view.buffer !== buf.buffer || view.byteOffset !== buf.byteOffset || view.byteLength !== buf.byteLength)
      this.#view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
    return this.#view
  }

  #anyLevel(table: BookTable): void {
    if (this.#peek() !== OPEN_OBJECT) {
      this.#scalar()
      return table.pushLevel(-1, 0, -1, 0)
    }
    let priceFrom = -1
    let priceTo = 0
    let sizeFrom = -1
    let sizeTo = 0
    this.#pos++
    if (!this.#take(CLOSE_OBJECT)) {
      do {
        this.#key()
        if (this.#bad) return
        const isPrice = this.#is(PRICE)
        const isSize = !isPrice && this.#is(SIZE)
        this.#scalar()
        const from = this.#isText || this.#isNumber ? this.#from : -1
        if (isPrice) {
          priceFrom = from
          priceTo = this.#to
        } else if (isSize) {
          sizeFrom = from
          sizeTo = this.#to
        }
      } while (!this.#bad && this.#take(COMMA))
      this.#expect(CLOSE_OBJECT)
    }
    table.pushLevel(priceFrom, priceTo, sizeFrom, sizeTo)
  }

  /** Next byte that is not white space, without consuming it; 0 at the end. */
  #peek(): number {
    const buf = this.#buf
    const end = this.#end
    let pos = this.#pos
    let c = pos < end ? buf[pos]! : 0
    while (c === SPACE || c === 10 || c === 13 || c === 9) c = ++pos < end ? buf[pos]! : 0
    this.#pos = pos
    return c
  }

  #take(byte: number): boolean {
    if (this.#peek() !== byte) return false
    this.#pos++
    return true
  }

  #expect(byte: number): void {
    if (this.#peek() === byte) this.#pos++
    else this.#bad = true
  }

  #key(): void {
    this.#string()
    this.#expect(COLON)
  }

  #string(): void {
    this.#expect(QUOTE)
    const buf = this.#buf
    const end = this.#end
    let pos = this.#pos
    this.#from = pos
    for (; pos < end; pos++) {
      const c = buf[pos]!
      if (c === QUOTE) {
        this.#to = pos
        this.#pos = pos + 1
        return
      }
      if (c < 32 || c > 126 || c === BACKSLASH) break
    }
    this.#bad = true
  }

  /** Reads a string, number, true, false or null. A nested value is not for us. */
  #scalar(): void {
    const c = this.#peek()
    this.#isNumber = false
    this.#isText = c === QUOTE
    if (this.#isText) return this.#string()
    if (c === 45 || (c >= 48 && c <= 57)) {
      this.#isNumber = true
      return this.#number()
    }
    for (const bytes of WORDS) {
      this.#from = this.#pos
      this.#to = this.#pos + bytes.length
      if (c !== bytes[0] || this.#to > this.#end || !this.#is(bytes)) continue
      this.#pos = this.#to
      return
    }
    this.#bad = true
  }

  /** By the grammar of JSON: no leading zeros, digits around a dot, an exponent with digits. */
  #number(): void {
    const buf = this.#buf
    this.#from = this.#pos
    if (buf[this.#pos] === 45) this.#pos++
    const zero = buf[this.#pos] === 48
    const whole = this.#digits()
    if (whole === 0 || (zero && whole > 1)) this.#bad = true
    if (this.#pos < this.#end && buf[this.#pos] === 46) {
      this.#pos++
      if (this.#digits() === 0) this.#bad = true
    }
    if (this.#pos < this.#end && (buf[this.#pos]! | 32) === 101) {
      this.#pos++
      const sign = buf[this.#pos]
      if (this.#pos < this.#end && (sign === 43 || sign === 45)) this.#pos++
      if (this.#digits() === 0) this.#bad = true
    }
    this.#to = this.#pos
  }

  #digits(): number {
    const from = this.#pos
    while (this.#pos < this.#end) {
      const digit = this.#buf[this.#pos]! - 48
      if (digit < 0 || digit > 9) break
      this.#pos++
    }
    return this.#pos - from
  }

  /** True when the last string or scalar is exactly these bytes. */
  #is(word: Uint8Array): boolean {
    const from = this.#from
    const length = word.length
    if (this.#to - from !== length) return false
    for (let i = 0; i < length; i++) if (this.#buf[from + i] !== word[i]) return false
    return true
  }
}
