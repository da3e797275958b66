import { AT_LENGTH, AT_RECV, AT_WIRE_ID, getI64, l2Snap1s } from '../../../shared/channels/index.ts'

/** The books of the newest second among the records that a seek came by. */
export class SoughtBooks {
  #second = -Infinity
  #recvRelNs = -Infinity
  #books: Uint8Array[] = []

  /** Takes whole records, in the order of the tape. */
  take(bytes: Uint8Array, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0, size = 0; at < length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      if (view.getUint8(at + AT_WIRE_ID) !== l2Snap1s.wireId) continue
      const second = getI64(view, at + l2Snap1s.at.second)
      if (second > this.#second) this.#books = []
      this.#second = second
      this.#recvRelNs = getI64(view, at + AT_RECV)
      this.#books.push(bytes.slice(at, at + size))
    }
  }

  /** @returns the books, which are forgotten here; undefined when none came at or after this time: the seek may have begun behind them */
  since(relNs: number): Uint8Array[] | undefined {
    const books = this.#recvRelNs >= relNs ? this.#books : undefined
    this.#second = this.#recvRelNs = -Infinity
    this.#books = []
    return books
  }
}
