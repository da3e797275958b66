import type { LoopState } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import type { LoopStretch } from '../threads/messages.ts'

/** A stretch that is played again and again, each round from the same place to the same place. */
export class PlayLoop {
  readonly beginRelNs: number
  readonly toRelNs: number
  readonly #request: LoopStretch
  #rounds = 0

  /** @throws StudioError USAGE when the stretch is empty or outside the run */
  static of(request: LoopStretch | null, { startRelNs, endRelNs }: { startRelNs: number; endRelNs: number }): PlayLoop | undefined {
    return request === null ? undefined : new PlayLoop(request, startRelNs, endRelNs)
  }

  constructor(request: LoopStretch, startRelNs: number, endRelNs: number) {
    const { fromRelNs, toRelNs, preRollNs } = request
    if (!(fromRelNs < toRelNs) || toRelNs <= startRelNs || fromRelNs >= endRelNs)
      throw new StudioError('USAGE', 'A loop needs a beginning before its end, and both within the run. Choose two places on the timeline.')
    this.#request = request
    this.beginRelNs = Math.max(startRelNs, fromRelNs - preRollNs)
    this.toRelNs = Math.min(endRelNs, toRelNs)
  }

  /** True when a round ends by playing from one time to another. */
  endsBetween(fromRelNs: number, untilRelNs: number): boolean {
    return fromRelNs < this.toRelNs && untilRelNs >= this.toRelNs
  }

  roundEnded(): void {
    this.#rounds++
  }

  get state(): LoopState {
    return { ...this.#request, rounds: this.#rounds }
  }
}
