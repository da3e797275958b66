import { encodeRecord, recordBytes, type Channel, type RecordOf } from '../../../../shared/channels/index.ts'

/** A record as its canonical bytes. */
export function bytesOf<C extends Channel>(channel: C, record: RecordOf<C>): Uint8Array {
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record, new DataView(bytes.buffer), 0)
  return bytes
}
