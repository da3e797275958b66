import { JsonScan, levelKernel } from '../../feeds/index.ts'
import { ID_KEYS, type BookObject, type BookTable } from './bookTable.ts'

const COMMA = 44
const OPEN_LIST = 91
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/**
 * Finds full books in one JSON text, in bytes. It takes a subset of JSON (plain ASCII strings, nothing nested but the lists of levels) and
 * checks all of it; for anything else it gives up, and JSON.parse decides. What it takes it reads as JSON.parse would.
 */
export class BookScan {
  readonly #scan = new JsonScan()

  /** @returns false when it gives up; the table is to be filled again then */
  scan(buf: Uint8Array, from: number, to: number, table: BookTable): boolean {
    const scan = this.#scan
    scan.start(buf, from, to, false)
    table.start(buf)
    const first = scan.peek()
    if (first === OPEN_LIST) this.#list(table)
    else if (first === OPEN_OBJECT) this.#object(table)
    else return false
    scan.finish()
    return !scan.bad
  }

  #list(table: BookTable): void {
    const scan = this.#scan
    scan.pos++
    if (scan.take(CLOSE_LIST)) return
    do {
      if (scan.peek() === OPEN_OBJECT) this.#object(table)
      else {
        scan.scalar()
        table.strangers++
      }
    } while (!scan.bad && scan.take(COMMA))
    scan.expect(CLOSE_LIST)
  }

  #object(table: BookTable): void {
    const scan = this.#scan
    const object = table.nextObject()
    scan.pos++
    if (!scan.take(CLOSE_OBJECT)) {
      do {
        scan.key()
        if (scan.bad) return
        this.#field(object, table)
      } while (!scan.bad && scan.take(COMMA))
      scan.expect(CLOSE_OBJECT)
    }
    if (!object.hasBids && !object.hasAsks) table.dropObject()
  }

  #field(object: BookObject, table: BookTable): void {
    const scan = this.#scan
    const length = scan.to - scan.from
    if (length === 4) {
      if (scan.is('bids')) return this.#bids(object, table)
      if (scan.is('asks')) return this.#asks(object, table)
    } else if (length === 9 && scan.is('timestamp')) return this.#timestamp(object)
    else if (length >= 7 && length <= 8) return this.#maybeId(object)
    scan.scalar()
  }

  #bids(object: BookObject, table: BookTable): void {
    object.hasBids = true
    object.bidsFirst = table.levels.count
    object.bidsBroken = !this.#levels(table)
    object.bidsCount = table.levels.count - object.bidsFirst
  }

  #asks(object: BookObject, table: BookTable): void {
    object.hasAsks = true
    object.asksFirst = table.levels.count
    object.asksBroken = !this.#levels(table)
    object.asksCount = table.levels.count - object.asksFirst
  }

  #timestamp(object: BookObject): void {
    const scan = this.#scan
    scan.scalar()
    object.tsFrom = scan.isText ? scan.from : -1
    object.tsTo = scan.to
    object.tsIsText = scan.isString
  }

  #maybeId(object: BookObject): void {
    const scan = this.#scan
    let key = ID_KEYS.length - 1
    while (key >= 0 && !scan.is(ID_KEYS[key]!)) key--
    scan.scalar()
    if (key < 0) return
    object.idFrom[key] = scan.isText && scan.to > scan.from ? scan.from : -1
    object.idTo[key] = scan.to
  }

  /** @returns false when it is no list */
  #levels(table: BookTable): boolean {
    const scan = this.#scan
    if (scan.peek() !== OPEN_LIST) {
      scan.scalar()
      return false
    }
    scan.pos++
    if (scan.take(CLOSE_LIST)) return true
    const kernel = levelKernel()
    do {
      scan.pos = kernel.read(scan.buf, scan.pos, scan.end, table.levels)
      if (kernel.needsLevel) this.#anyLevel(table)
    } while (!scan.bad && scan.take(COMMA))
    scan.expect(CLOSE_LIST)
    return true
  }

  #anyLevel(table: BookTable): void {
    const scan = this.#scan
    if (scan.peek() !== OPEN_OBJECT) {
      scan.scalar()
      return table.levels.push(NaN, NaN)
    }
    let pxE6 = NaN
    let sizeE6 = NaN
    scan.pos++
    if (!scan.take(CLOSE_OBJECT)) {
      do {
        scan.key()
        if (scan.bad) return
        const isPrice = scan.is('price')
        const isSize = !isPrice && scan.is('size')
        scan.scalar()
        const value = isPrice || isSize ? this.#e6() : NaN
        if (isPrice) pxE6 = value
        else if (isSize) sizeE6 = value
      } while (!scan.bad && scan.take(COMMA))
      scan.expect(CLOSE_OBJECT)
    }
    table.levels.push(pxE6, sizeE6)
  }

  /** The last string or number as an integer × 1e6, rounded half up on the text itself; NaN when it is none or does not fit 2^53 − 1. */
  #e6(): number {
    return this.#scan.isText ? this.#scan.e6() : NaN
  }
}
