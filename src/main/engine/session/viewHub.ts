import { FRAME_KIND, frameHeader, INITIAL_CREDIT_BYTES, type FrameSink, type StudioEvent } from '../../../shared/api/index.ts'
import type { ViewLink } from '../engineTypes.ts'

/** A screen that takes nothing for so long is left out until it listens again; the others must not wait for it. */
const STALLED_AFTER_MS = 5_000

/** A frame of the session that some screens still wait for. It counts as sent when the last of them has it or is left out. */
interface Pending {
  readonly bytes: number
  screens: number
}

interface Screen {
  readonly sink: FrameSink
  credit: number
  /** Frames of the session that wait for credit. */
  queue: { readonly frame: Uint8Array; readonly pending: Pending }[]
  lagging: boolean
  stalled: ReturnType<typeof setTimeout> | undefined
}

export interface HubOwner {
  /** So many bytes of session frames have left for every screen that listens. */
  onSent(bytes: number): void
  /** A screen is new or was left out: the session must send everything again. */
  onRefreshNeeded(): void
}

/** All screens of one engine. Each has its own byte credit; session frames go to all of them in the same order. */
export class ViewHub {
  readonly #owner: HubOwner
  readonly #screens = new Set<Screen>()
  readonly #text = new TextEncoder()

  constructor(owner: HubOwner) {
    this.#owner = owner
  }

  /** @param greeting events that a new screen gets first */
  attach(sink: FrameSink, greeting: readonly StudioEvent[]): ViewLink {
    const screen: Screen = { sink, credit: INITIAL_CREDIT_BYTES, queue: [], lagging: false, stalled: undefined }
    this.#screens.add(screen)
    for (const event of greeting) this.#push(screen, this.#eventFrame(event))
    this.#owner.onRefreshNeeded()
    return {
      grant: (bytes) => this.#grant(screen, bytes),
      close: () => {
        this.#screens.delete(screen)
        this.#dropQueue(screen)
      }
    }
  }

  /** Takes a frame of the session. */
  frame(frame: Uint8Array): void {
    const pending: Pending = { bytes: frame.length, screens: 0 }
    for (const screen of this.#screens) {
      if (screen.lagging) continue
      if (screen.queue.length === 0 && screen.credit > 0) {
        this.#push(screen, frame.slice())
        continue
      }
      pending.screens++
      screen.queue.push({ frame: frame.slice(), pending })
      screen.stalled ??= this.#watch(screen)
    }
    if (pending.screens === 0) this.#owner.onSent(frame.length)
  }

  /** Small and rare: goes to every screen at once, whatever its credit. */
  event(event: StudioEvent): void {
    const frame = this.#eventFrame(event)
    for (const screen of this.#screens) this.#push(screen, frame.slice())
  }

  dispose(): void {
    for (const screen of this.#screens) clearTimeout(screen.stalled)
    this.#screens.clear()
  }

  #grant(screen: Screen, bytes: number): void {
    if (!(bytes > 0 && bytes <= 1e9) || !this.#screens.has(screen)) return
    screen.credit = Math.min(screen.credit + bytes, 16 * INITIAL_CREDIT_BYTES)
    if (screen.lagging && screen.credit > 0) {
      screen.lagging = false
      return this.#owner.onRefreshNeeded()
    }
    if (screen.queue.length === 0) return
    while (screen.credit > 0 && screen.queue.length > 0) {
      const { frame, pending } = screen.queue.shift()!
      this.#push(screen, frame)
      this.#gone(pending)
    }
    // It listens: the time to be left out counts anew.
    clearTimeout(screen.stalled)
    screen.stalled = screen.queue.length === 0 ? undefined : this.#watch(screen)
  }

  #watch(screen: Screen): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      screen.lagging = true
      this.#dropQueue(screen)
    }, STALLED_AFTER_MS)
  }

  #dropQueue(screen: Screen): void {
    clearTimeout(screen.stalled)
    screen.stalled = undefined
    for (const { pending } of screen.queue.splice(0)) this.#gone(pending)
  }

  #gone(pending: Pending): void {
    pending.screens--
    if (pending.screens === 0) this.#owner.onSent(pending.bytes)
  }

  #push(screen: Screen, frame: Uint8Array): void {
    screen.credit -= frame.length
    screen.sink.send(frame)
  }

  #eventFrame(event: StudioEvent): Uint8Array {
    return frameHeader(FRAME_KIND.event, 0, this.#text.encode(JSON.stringify(event)))
  }
}
