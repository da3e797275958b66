import type { StudioEvent } from '../../shared/api/index.ts'
import type { Engine } from '../engine/index.ts'
import { FrameRelay, type RelayPort } from './frameRelay.ts'

/** Keeps one relay for each page; a page that asks again, as after a reload, loses its old one. */
export class Pages {
  readonly #engine: Engine
  readonly #relays = new Map<object, FrameRelay>()
  readonly #unseen: StudioEvent[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** @param page whatever stands for the page: its WebContents */
  open(page: object, port: RelayPort): void {
    this.close(page)
    const relay = new FrameRelay(this.#engine, port)
    this.#relays.set(page, relay)
    for (const event of this.#unseen.splice(0)) relay.notify(event)
  }

  close(page: object): void {
    this.#relays.get(page)?.close()
    this.#relays.delete(page)
  }

  /** Shows a notice of the door itself; one that no page saw yet is kept for the first. */
  notify(event: StudioEvent): void {
    if (this.#relays.size === 0) this.#unseen.push(event)
    for (const relay of this.#relays.values()) relay.notify(event)
  }

  closeAll(): void {
    for (const relay of this.#relays.values()) relay.close()
    this.#relays.clear()
  }
}
