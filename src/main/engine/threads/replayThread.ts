import { toFailure } from '../../../shared/errors.ts'
import { hostClock } from '../clock.ts'
import { openDaySession, ReplaySession, type ReplayHost } from '../replay/index.ts'
import type { ReplayCommand, SessionEvent } from './messages.ts'
import { Ticker } from './ticker.ts'

/** The replay thread: opens one bundle or recorded day, carries commands out, and plays. */
export class ReplayThread {
  readonly #post: (event: SessionEvent) => void
  #session: ReplaySession | undefined
  #ticker: Ticker | undefined
  #closed = false

  constructor(post: (event: SessionEvent) => void) {
    this.#post = post
  }

  handle(command: ReplayCommand): void {
    if (command.kind === 'open') {
      void this.#open(command.requestId, (host) => ReplaySession.open(command.path, host))
      return
    }
    if (command.kind === 'openDay') {
      void this.#open(command.requestId, (host) => openDaySession(command.day, host))
      return
    }
    this.#session?.command(command)
    if (command.kind === 'close') {
      this.#closed = true
      this.#ticker?.stop()
    } else this.#ticker?.wake()
  }

  async #open(requestId: number, open: (host: ReplayHost) => Promise<ReplaySession>): Promise<void> {
    const host: ReplayHost = { nowNs: () => Number(hostClock.monoNs()), post: this.#post }
    try {
      const session = await open(host)
      // A day takes a moment to open; by then nobody may want it any more.
      if (this.#closed) return session.dispose()
      this.#session = session
      this.#ticker = new Ticker(() => this.#tick(session))
      this.#ticker.wake()
      this.#post({ kind: 'done', requestId, state: session.state })
    } catch (error) {
      this.#post({ kind: 'failed', requestId, failure: toFailure(error) })
    }
  }

  #tick(session: ReplaySession): number {
    try {
      return session.tick()
    } catch (error) {
      this.#post({ kind: 'failed', requestId: undefined, failure: toFailure(error) })
      session.dispose()
      this.#ticker?.stop()
      return 1000
    }
  }
}
