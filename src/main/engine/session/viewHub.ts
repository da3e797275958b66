import { FRAME_KIND, frameHeader, INITIAL_CREDIT_BYTES, type FrameSink, type StudioEvent } from '../../../shared/api/index.ts'
import type { ViewLink } from '../engineTypes.ts'

/** A screen that takes nothing for so long is left out until it listens again; the others must not wait for it. */
const STALLED_AFTER_MS = 5_000

interface Screen {
  readonly sink: FrameSink
  credit: number
  /** Frames of the session that wait for credit, and how many bytes they are. */
  queue: Uint8Array[]
  queuedBytes: number
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
    const screen: Screen = { sink, credit: INITIAL_CREDIT_BYTES, queue: [], queuedBytes: 0, lagging: false, stalled: undefined }
    this.#screens.add(screen)
    for (const event of greeting) this.#push(screen, this.#eventFrame(event))
    this.#owner.onRefreshNeeded()
    return {
      grant: (bytes) => this.#grant(screen, bytes),
      close: () => {
        clearTimeout(screen.stalled)
        this.#screens.delete(screen)
        this.#owner.onSent(screen.queuedBytes)
      }
    }
  }

  /** Takes a frame of the session. */
  frame(frame: Uint8Array): void {
    let waits = false
    for (const screen of this.#screens) {
      if (screen.lagging) continue
      if (screen.queue.length === 0 && screen.credit > 0) {
        this.#push(screen, frame.slice())
        continue
      }
      screen.queue.push(frame.slice())
      screen.queuedBytes += frame.length
      screen.stalled ??= setTimeout(() => this.#leaveOut(screen), STALLED_AFTER_MS)
      waits = true
    }
    if (!waits) this.#owner.onSent(frame.length)
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
    if (!(bytes > 0 && bytes <= 1e9)) return
    screen.credit = Math.min(screen.credit + bytes, 16 * INITIAL_CREDIT_BYTES)
    if (screen.lagging && screen.credit > 0) {
      screen.lagging = false
      return this.#owner.onRefreshNeeded()
    }
    let sent = 0
    while (screen.credit > 0 && screen.queue.length > 0) {
      const frame = screen.queue.shift()!
      screen.queuedBytes -= frame.length
      sent += frame.length
      this.#push(screen, frame)
    }
    if (screen.queue.length === 0) {
      clearTimeout(screen.stalled)
      screen.stalled = undefined
    }
    if (sent > 0) this.#owner.onSent(sent)
  }

  #leaveOut(screen: Screen): void {
    const bytes = screen.queuedBytes
    screen.lagging = true
    screen.stalled = undefined
    screen.queue = []
    screen.queuedBytes = 0
    this.#owner.onSent(bytes)
  }

  #push(screen: Screen, frame: Uint8Array): void {
    screen.credit -= frame.length
    screen.sink.send(frame)
  }

  #eventFrame(event: StudioEvent): Uint8Array {
    return frameHeader(FRAME_KIND.event, 0, this.#text.encode(JSON.stringify(event)))
  }
}
