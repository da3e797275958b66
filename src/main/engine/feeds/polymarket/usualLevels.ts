import type { JsonScan } from '../json/jsonScan.ts'
import { usualE6 } from '../json/usualText.ts'
import type { LevelList } from '../marketSink.ts'

const QUOTE = 34
const COMMA = 44
const SPACE = 32
const CLOSE_OBJECT = 125
/** `{"price":"` and `, "size":"` */
const HEAD_BYTES = 10
/** `{"price":"0","size":"0"}`: no level is shorter. */
const SHORTEST_LEVEL = 24

const fourBytes = (text: string): number => Buffer.from(text, 'latin1').readInt32LE()
const PRICE_1 = fourBytes('{"pr')
const PRICE_2 = fourBytes('ice"')
const SIZE_1 = fourBytes('"siz')
const SIZE_2 = fourBytes('e":"')
/** `:"` */
const COLON_QUOTE = 0x223a

/**
 * Reads levels of a book that are spelled as the venue spells them, `{"price":"0.52", "size":"120.5"}` with a space behind a comma or without,
 * several times as fast as field by field: nearly all are.
 * @returns true where a level must come that is not so; false behind one
 */
export function scanUsualLevels(scan: JsonScan, out: LevelList): boolean {
  const { buf, view, end } = scan
  for (;;) {
    const start = scan.pos
    if (!isPriceHead(view, start, end)) return true
    scan.pos = start + HEAD_BYTES
    const px = usualE6(scan)
    let pos = scan.pos
    pos += buf[pos + 1] === SPACE ? 2 : 1
    // Nine bytes follow at least: a size of one digit and what closes the level.
    if (
      !(px > 0) ||
      pos + 11 > end ||
      buf[scan.pos] !== COMMA ||
      view.getInt32(pos, true) !== SIZE_1 ||
      view.getInt32(pos + 4, true) !== SIZE_2
    )
      return unusual(scan, start)
    scan.pos = pos + 8
    const size = usualE6(scan)
    pos = scan.pos
    if (size < 0 || pos >= end || buf[pos - 1] !== QUOTE || buf[pos] !== CLOSE_OBJECT) return unusual(scan, start)
    out.push(px, size)
    scan.pos = ++pos
    if (pos >= end || buf[pos] !== COMMA) return false
    scan.pos = buf[pos + 1] === SPACE ? pos + 2 : pos + 1
  }
}

function isPriceHead(view: DataView, at: number, end: number): boolean {
  return (
    at + SHORTEST_LEVEL <= end &&
    view.getInt32(at, true) === PRICE_1 &&
    view.getInt32(at + 4, true) === PRICE_2 &&
    view.getUint16(at + 8, true) === COLON_QUOTE
  )
}

function unusual(scan: JsonScan, start: number): boolean {
  scan.pos = start
  return true
}
