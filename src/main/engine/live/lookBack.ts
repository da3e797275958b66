import { FRAME_KIND } from '../../../shared/api/index.ts'
import { ReplaySession, ScreenOutlet, type ReplaySource } from '../replay/index.ts'
import type { ReplayRequestCommand, SessionEvent } from '../threads/messages.ts'

export interface LookBackOptions {
  readonly source: ReplaySource
  readonly nowNs: () => number
  readonly post: (event: SessionEvent) => void
  /** Of the first picture. */
  readonly viewEpoch: number
  readonly creditBytes: number
  readonly instrumentId: number
}

/** A replay of the run that is being recorded, paused at its head to begin with. */
export class LookBack {
  /** It was played up to the head. */
  reachedHead = false
  readonly #session: ReplaySession
  readonly #outlet: ScreenOutlet
  /** The head has been found; what is played before is the beginning of the run, where nobody wants to look. */
  #isThere = false

  constructor({ source, nowNs, post, viewEpoch, creditBytes, instrumentId }: LookBackOptions) {
    const host = {
      nowNs,
      // Nobody waits for what is asked here at the beginning.
      post: (event: SessionEvent) => {
        if (!this.#isThere && event.kind === 'state') return
        if (!this.#isThere && event.kind === 'frame' && event.frame[0] === FRAME_KIND.played)
          return this.#outlet.grant(event.frame.byteLength)
        if ((event.kind !== 'done' && event.kind !== 'failed') || event.requestId === undefined || event.requestId > 0) post(event)
      },
      atHead: () => (this.reachedHead = true)
    }
    this.#outlet = new ScreenOutlet(source, host, { viewEpoch, creditBytes })
    this.#session = new ReplaySession(source, host, { outlet: this.#outlet })
    if (instrumentId > 0) this.#session.command({ kind: 'select', requestId: 0, instrumentId })
    this.#isThere = true
    this.#session.command({ kind: 'seek', requestId: 0, relNs: source.endRelNs })
  }

  get viewEpoch(): number {
    return this.#outlet.viewEpoch
  }

  get creditBytes(): number {
    return this.#outlet.creditBytes
  }

  command(command: ReplayRequestCommand): void {
    this.reachedHead = false
    this.#session.command(command)
  }

  grant(bytes: number): void {
    this.#outlet.grant(bytes)
  }

  refresh(): void {
    this.#session.command({ kind: 'refresh' })
  }

  /** @returns ms until it wants to be called again */
  tick(): number {
    return this.#session.tick()
  }

  get state(): ReplaySession['state'] {
    return this.#session.state
  }

  close(): void {
    this.#session.release()
  }
}
