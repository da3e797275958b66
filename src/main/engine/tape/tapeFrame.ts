import type { MarketSink, Outcome } from '../feeds/index.ts'

/** A frame as the tape takes it. The payload is `payloadBuffer[payloadStart .. payloadEnd)`, valid during `push` only. */
export interface TapeFrame {
  readonly shard: number
  /** Index number in its shard. */
  readonly idx: number
  /** Nanoseconds since the origin of the run. */
  readonly monoRelNs: number
  readonly wallRelNs: number
  readonly flags: number
  readonly crc: number
  readonly payloadBuffer: Uint8Array
  readonly payloadStart: number
  readonly payloadEnd: number
  /** What became of the frame, when another thread has scanned it already; below 0 or left out when not. */
  readonly scanned?: number
  /** Tells what that thread found, exactly as a mapper would have. */
  readonly tell?: (sink: ScannedSink) => Outcome
}

/** A sink for messages whose instrument was looked up before. */
export interface ScannedSink extends MarketSink {
  /** What `instrumentOf` would say now of an instrument with this number. */
  instrumentAgain(id: number): number
  /** Number of the instrument with this key, whoever may speak for it; 0 when there is none. */
  numberOf(buf: Uint8Array, from: number, to: number, hash: number): number
}
