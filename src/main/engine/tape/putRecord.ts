import { AT_POS, encodeRecord, recordBytes, type Channel, type RecordHeader, type RecordOf } from '../../../shared/channels/index.ts'
import type { RecordWriter } from './recordWriter.ts'

type Content<R> = Omit<R, keyof RecordHeader | 'ch'>

/** Writes a record by the generic codec, for channels off the hot path. @returns the position of the event in its frame */
export function putRecord<C extends Channel>(w: RecordWriter, channel: C, instrumentId: number, content: Content<RecordOf<C>>): number {
  const bytes = recordBytes(channel, content)
  const start = w.begin(channel, instrumentId, 0, bytes - channel.tailAt)
  const pos = w.view.getUint32(start + AT_POS, true)
  const { shard, frameIdx, recvRelNs } = w
  const record = { ch: channel.name, shard, frameIdx, pos, instrumentId, recvRelNs, ...content }
  encodeRecord(channel, record as unknown as RecordOf<C>, w.view, start)
  return pos
}
