import type { FrameContent, MovedLevel } from '../frame.ts'

/**
 * A hole in one connection's updates of one book. Levels are absolute, so a hole can close by itself: a level that is set again, or
 * set back, leaves no trace. Such a hole is no fault that anyone could find, so it is widened until the update that follows it meets
 * a book that must differ. Where updates carry ids (no levels given) the asked number is enough.
 */
export class Gap {
  readonly #wanted: number
  #skipped = 0
  /** Levels on which the client's book differs now: its own size and the venue's. */
  readonly #differs = new Map<string, MovedLevel>()

  constructor(wanted: number) {
    this.#wanted = wanted
  }

  /** Update frames held back so far. */
  get skipped(): number {
    return this.#skipped
  }

  /** @returns `skip`: hold it back; `send`: let it pass; `end`: let it pass, the hole lies before it */
  meet(content: FrameContent): 'skip' | 'send' | 'end' {
    if (content.kind === 'other') return 'send'
    // A whole book would fill the hole before anybody could see it.
    if (content.kind === 'refresh') return this.#skipped > 0 ? 'skip' : 'send'
    if (this.#skipped >= this.#wanted && this.#showsIn(content.levels)) return 'end'
    this.#skipped++
    for (const level of content.levels) this.#move(level)
    return 'skip'
  }

  #showsIn(levels: readonly MovedLevel[]): boolean {
    if (levels.length === 0) return true
    return [...this.#differs.keys()].some((key) => !levels.some((level) => level.key === key))
  }

  #move(level: MovedLevel): void {
    const before = this.#differs.get(level.key)?.before ?? level.before
    if (Number(before) === Number(level.after)) this.#differs.delete(level.key)
    else this.#differs.set(level.key, { ...level, before })
  }
}
