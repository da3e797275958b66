import { AT_LENGTH, AT_WIRE_ID, CHANNELS, decodeRecord, type Channel, type TapeRecord } from '../../../shared/channels/index.ts'

const byWireId: ReadonlyMap<number, Channel> = new Map(CHANNELS.map((channel) => [channel.wireId, channel]))

/** For tests: looks at every record of a batch. */
export function eachRecord(bytes: Uint8Array, length: number, look: (record: TapeRecord) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  for (let at = 0; at < length; at += view.getUint32(at + AT_LENGTH, true))
    look(decodeRecord(byWireId.get(view.getUint8(at + AT_WIRE_ID))!, view, at) as TapeRecord)
}
