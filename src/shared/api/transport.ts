import type { CommandName, CommandReply, StudioCommand } from './commands.ts'

/**
 * Transport frame: 8-byte header, then the body. Little endian.
 * 0 u8 kind · 1..3 zero · 4 u32 view epoch.
 * `played`: records as the tape emitted them, at the playhead. `backfill`: records from before the playhead, or of the whole bundle
 * (history columns, timeline, integrity list): same channels, same payloads. `event`: one StudioEvent as UTF-8 JSON.
 */
export const TRANSPORT_HEADER_BYTES = 8
export const FRAME_KIND = { played: 1, backfill: 2, event: 3 } as const
export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND]

/** Bytes that a fresh connection may send before the first grant. */
export const INITIAL_CREDIT_BYTES = 4 * 1024 * 1024

/**
 * One way to the studio for the screen: a MessagePort on the desktop, a WebSocket in browser mode.
 * The consumer grants bytes back as it works frames off; the producer stops at zero credit.
 */
export interface StudioTransport {
  call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>>
  /** `frame` starts with the transport header. The listener owns the bytes. */
  onFrame(listener: (frame: Uint8Array) => void): void
  grant(bytes: number): void
  onClosed(listener: (reason: string) => void): void
  close(): void
}

/** The producer's end of the same thing: where the engine sends frames of one screen. */
export interface FrameSink {
  /** Takes the bytes over. Called only while credit is left. */
  send(frame: Uint8Array): void
}

export function frameHeader(kind: FrameKind, viewEpoch: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(TRANSPORT_HEADER_BYTES + body.length)
  const view = new DataView(frame.buffer)
  view.setUint8(0, kind)
  view.setUint32(4, viewEpoch, true)
  frame.set(body, TRANSPORT_HEADER_BYTES)
  return frame
}
