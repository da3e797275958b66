import type { LiveEvent } from './messages.ts'

/** Buffers that a message hands over: frames are not copied between threads. */
export function transfersOf(event: LiveEvent): ArrayBuffer[] {
  if (event.kind === 'records') return [event.bytes.buffer as ArrayBuffer]
  return event.kind === 'frame' ? [event.frame.buffer as ArrayBuffer] : []
}
