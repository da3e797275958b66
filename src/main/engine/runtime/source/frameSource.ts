import type { TapeFrame } from '../../tape/index.ts'

/** Where the frames of a run come from: a bundle, or connections that are open now. */
export interface FrameSource {
  readonly runId: string
  readonly venue: 'polymarket' | 'binance'
  /** Origin of all relative times of the run: its monotonic clock, and the instant as ns since the Unix epoch. */
  readonly t0MonoNs: bigint
  readonly originTsNs: bigint
  /** Called when bytes of a shard could not be read, before the frame behind them. */
  onMissing: ((shard: number, relNs: number, bytes: number, reason: string) => void) | undefined
  /**
   * The next frame in the order of the run; valid until the next call.
   * @returns undefined when none is there now: `ended` tells whether one may come
   */
  next(): TapeFrame | undefined
  readonly ended: boolean
  /** Waits until a frame may be there or the end is reached. */
  wait(): Promise<void>
  /** Share that is done, 0..1; undefined where nobody can know. */
  progress(): number | undefined
  /** Safe to call twice. */
  close(): Promise<void>
}
