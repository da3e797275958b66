import { AT_LENGTH, AT_RECV, getI64 } from '../../../shared/channels/index.ts'

/** Those of whole records, in the order of the tape, that were received at or before a time. */
export function recordsUntil(bytes: Uint8Array, relNs: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  while (at < bytes.length && getI64(view, at + AT_RECV) <= relNs) at += view.getUint32(at + AT_LENGTH, true)
  return bytes.subarray(0, at)
}
