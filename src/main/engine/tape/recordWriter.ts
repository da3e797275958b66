import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_POS,
  AT_PRESENT,
  AT_RECV,
  AT_SHARD,
  AT_VERSION,
  AT_WIRE_ID,
  putI64,
  type Channel
} from '../../../shared/channels/index.ts'

const FIRST_BYTES = 1 << 20
const ascii = new TextEncoder()

/** A growing buffer of records, written in place: no object per record. The owner takes the bytes and resets it. */
export class RecordWriter {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES)
  view: DataView = new DataView(this.bytes.buffer)
  /** Bytes written and not taken yet. */
  length = 0
  /** Records written so far, those that were taken included. */
  records = 0
  /** The frame that causes what is written now. */
  shard = 0
  frameIdx = 0
  pos = 0
  recvRelNs = 0

  /**
   * Starts a record: writes its header with the size of the fixed part.
   * @param present sum of the presence bits of the optional fields that will be written
   * @param tailBytes bytes of the tail behind the fixed part
   * @returns offset of the record's first byte; fields go to offset + channel.at.x
   */
  begin(channel: Channel, instrumentId: number, present: number, tailBytes: number): number {
    const start = this.length
    const length = channel.tailAt + tailBytes
    if (start + length > this.bytes.length) this.#grow(start + length)
    const view = this.view
    view.setUint32(start + AT_LENGTH, length, true)
    view.setUint8(start + AT_WIRE_ID, channel.wireId)
    view.setUint8(start + AT_VERSION, channel.version)
    view.setUint16(start + AT_SHARD, this.shard, true)
    view.setUint32(start + AT_FRAME_IDX, this.frameIdx, true)
    view.setUint32(start + AT_POS, this.pos++, true)
    view.setUint32(start + AT_INSTRUMENT, instrumentId, true)
    view.setUint32(start + AT_PRESENT, present, true)
    putI64(view, start + AT_RECV, this.recvRelNs)
    this.length = start + length
    this.records++
    return start
  }

  /** Sets the frame that causes the records to come. */
  cause(shard: number, frameIdx: number, recvRelNs: number): void {
    this.shard = shard
    this.frameIdx = frameIdx
    this.recvRelNs = recvRelNs
    this.pos = 0
  }

  /** Starts a record whose tail is text; the text is written already. */
  beginText(channel: Channel, instrumentId: number, present: number, text: string): number {
    const encoded = ascii.encode(text)
    const start = this.begin(channel, instrumentId, present, 4 + encoded.length)
    this.view.setUint32(start + channel.tailAt, encoded.length, true)
    this.bytes.set(encoded, start + channel.tailAt + 4)
    return start
  }

  /** Starts a record whose tail is text that lies in a payload. */
  beginTextBytes(channel: Channel, instrumentId: number, present: number, buf: Uint8Array, from: number, to: number): number {
    const start = this.begin(channel, instrumentId, present, 4 + to - from)
    const at = start + channel.tailAt
    this.view.setUint32(at, to - from, true)
    for (let i = from, o = at + 4; i < to; i++, o++) this.bytes[o] = buf[i]!
    return start
  }

  reset(): void {
    this.length = 0
  }

  #grow(needed: number): void {
    let size = this.bytes.length
    while (size < needed) size *= 2
    const larger = new Uint8Array(size)
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}
