import { AT_LENGTH, AT_WIRE_ID, l2Book } from '../../src/shared/channels/index.ts'

const WHOLE_BOOK = 1

/** Counts the whole books among the records of a tape; a delta that is applied again after a resync is one more `l2_book`, too. */
export class BookCounter {
  books = 0

  /** For `onRecords` of a tape. */
  readonly add = (bytes: Uint8Array, length: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0; at < length; at += view.getUint32(at + AT_LENGTH, true)) {
      if (view.getUint8(at + AT_WIRE_ID) === l2Book.wireId && view.getUint32(at + l2Book.at.kind, true) === WHOLE_BOOK) this.books++
    }
  }
}
