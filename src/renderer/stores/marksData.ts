import type { RunMarks, WindowMark } from '../../shared/api/index.ts'

const NOTHING: RunMarks = { metar: [], windows: [], shocks: [], gaps: [], leftOut: 0 }

/** What the timeline marks: weather reports, event windows, shocks. Told anew as a whole whenever it changed. */
export class MarksData {
  #marks = NOTHING
  revision = 0

  get all(): RunMarks {
    return this.#marks
  }

  put(marks: RunMarks): void {
    this.#marks = marks
    this.revision++
  }

  clear(): void {
    if (this.#marks !== NOTHING) this.put(NOTHING)
  }

  /** Event windows that were open at an instant, give or take `nearNs`; the newest first. */
  windowsAt(relNs: number, nearNs = 0): readonly WindowMark[] {
    return this.#marks.windows.filter((window) => isOpenAt(window, relNs, nearNs)).toReversed()
  }
}

function isOpenAt({ fromRelNs, toRelNs = Infinity }: WindowMark, relNs: number, nearNs: number): boolean {
  return fromRelNs <= relNs + nearNs && toRelNs >= relNs - nearNs
}
