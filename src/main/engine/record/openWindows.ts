import { eventWindow } from '../../../shared/channels/index.ts'
import type { WindowStart } from './lineWriter.ts'

/** Event windows that are open, known from the `event_window` records in the order of the tape. */
export class OpenWindows {
  #open: WindowStart[] = []

  /** Takes the `event_window` record at `start`. */
  take(view: DataView, start: number): void {
    const { at } = eventWindow
    const window = {
      shard: view.getUint32(start + at.causeShard, true),
      frameIdx: view.getUint32(start + at.causeFrameIdx, true),
      pos: view.getUint32(start + at.causePos, true)
    }
    const found = this.#open.findIndex((one) => one.shard === window.shard && one.frameIdx === window.frameIdx && one.pos === window.pos)
    if (found >= 0) this.#open.splice(found, 1)
    if (view.getUint32(start + at.action, true) === 0) this.#open.push(window)
  }

  save(): readonly WindowStart[] {
    return [...this.#open]
  }

  restore(saved: readonly WindowStart[]): void {
    this.#open = [...saved]
  }

  get isOpen(): boolean {
    return this.#open.length > 0
  }

  /** The one that was opened last of those still open: what is recorded now belongs to it. */
  get newest(): WindowStart | undefined {
    return this.#open.at(-1)
  }
}
