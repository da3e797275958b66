import { openBundle, type OpenBundle } from '../../bundle/index.ts'
import { openFrames, ReplayClock, runOfBundle, type FrameQueue } from '../../replay/index.ts'
import type { TapeFrame } from '../../tape/index.ts'
import { cutsOf } from './bundleCuts.ts'
import type { Cut, FrameSource } from './frameSource.ts'

export interface ReplaySourceOptions {
  /** End at the first frame received later than this after the first one; undefined = play all. */
  readonly maxSeconds?: number | undefined
  /** Times the recorded pace; 0 = as fast as possible. */
  readonly speed?: number | undefined
  /** The frames go to a tape: then another thread may scan them. */
  readonly forTape: boolean
  /** Monotonic nanoseconds; used for pacing only. */
  readonly nowNs: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Longest sleep while pacing, so that a run can be ended. */
const MAX_SLEEP_MS = 50

/** Frames of a run bundle, all shards merged by (rx_mono_ns, shard, index). Damaged bytes are skipped and told. */
export class ReplaySource implements FrameSource {
  readonly runId: string
  readonly venue: 'polymarket' | 'binance'
  readonly t0MonoNs: bigint
  readonly originTsNs: bigint
  readonly cuts: readonly Cut[]
  ended = false
  exhausted = false
  onMissing: FrameSource['onMissing']
  readonly #bundle: OpenBundle
  readonly #frames: FrameQueue
  readonly #options: ReplaySourceOptions
  readonly #clock: ReplayClock
  readonly #total: number
  #taken = 0
  #firstRelNs = NaN
  #closed = false

  /** @throws StudioError when the bundle cannot be opened */
  static async open(runDir: string, options: ReplaySourceOptions): Promise<ReplaySource> {
    const bundle = await openBundle(runDir, { readOnly: true })
    try {
      return new ReplaySource(bundle, await cutsOf(bundle), options)
    } catch (error) {
      bundle.close()
      throw error
    }
  }

  private constructor(bundle: OpenBundle, cuts: readonly Cut[], options: ReplaySourceOptions) {
    const run = runOfBundle(bundle)
    this.runId = run.runId
    this.venue = run.venue
    this.t0MonoNs = bundle.t0MonoNs
    this.originTsNs = run.originTsNs
    this.cuts = cuts
    this.#bundle = bundle
    this.#options = options
    this.#clock = new ReplayClock(options.nowNs)
    this.#clock.setSpeed(options.speed ?? 0, 0)
    this.#frames = openFrames(run, undefined, options.forTape)
    this.#frames.onMissing = (missing) => this.onMissing?.(missing)
    this.#total = bundle.shards.reduce((sum, log) => sum + log.records, 0)
  }

  next(): TapeFrame | undefined {
    const frame = this.#frames.peek()
    if (frame === undefined || this.#isPastEnd(frame.monoRelNs)) {
      this.ended = true
      this.exhausted = frame === undefined
      return undefined
    }
    if (frame.monoRelNs > this.#clock.relNs) return undefined
    this.#frames.take()
    this.#taken++
    return frame
  }

  async wait(): Promise<void> {
    const next = this.#frames.peek()
    const aheadNs = next === undefined ? 0 : next.monoRelNs - this.#clock.relNs
    if (this.ended || aheadNs <= 0) return
    await this.#options.sleep(Math.min(MAX_SLEEP_MS, Math.ceil(aheadNs / this.#clock.speed / 1e6)))
  }

  progress(): number {
    return this.#total === 0 ? 1 : this.#taken / this.#total
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#frames.close()
      this.#bundle.close()
    }
    return Promise.resolve()
  }

  /** The first frame starts the clock. */
  #isPastEnd(relNs: number): boolean {
    if (this.#firstRelNs !== this.#firstRelNs) {
      this.#firstRelNs = relNs
      this.#clock.play(relNs)
    }
    const { maxSeconds } = this.#options
    return maxSeconds !== undefined && relNs - this.#firstRelNs > maxSeconds * 1e9
  }
}
