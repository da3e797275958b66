import type { MissingBytes } from '../../replay/index.ts'
import type { TapeFrame } from '../../tape/index.ts'

/** The end of a shard's log, a whole log, or a connection that is known to have ended. */
export interface Cut {
  readonly shard: number
  /** Nothing before this instant is missing; -Infinity: from the beginning. */
  readonly relNs: number
  readonly bytes: number
  readonly records: number
  /** False for a connection: nothing of the log is missing. */
  readonly hole: boolean
  /** A crash tore the end of the log while it was written: the run ended there, nothing behind it is missing. */
  readonly torn?: boolean
}

/** Where the frames of a run come from: a bundle, or connections that are open now. */
export interface FrameSource {
  readonly runId: string
  readonly venue: 'polymarket' | 'binance'
  /** Origin of all relative times of the run: its monotonic clock, and the instant as ns since the Unix epoch. */
  readonly t0MonoNs: bigint
  readonly originTsNs: bigint
  /** Called when bytes of a shard are missing, before the frame behind them. */
  onMissing: ((missing: MissingBytes) => void) | undefined
  /** What is known from the start to be missing, without a frame behind it that would tell. */
  readonly cuts: readonly Cut[]
  /**
   * The next frame in the order of the run; valid until the next call.
   * @returns undefined when none is there now: `ended` tells whether one may come
   */
  next(): TapeFrame | undefined
  readonly ended: boolean
  /** True when the end was reached because there is nothing more. */
  readonly exhausted: boolean
  /** Waits until a frame may be there or the end is reached. */
  wait(): Promise<void>
  /** Share that is done, 0..1; undefined where nobody can know. */
  progress(): number | undefined
  /** Safe to call twice. */
  close(): Promise<void>
}
