import { randomUUID } from 'node:crypto'
import type { StreamDeed, StreamState, Subscription } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { hostClock } from '../clock.ts'
import { ReplaySession } from '../replay/index.ts'
import type { ReplayRequestCommand, SessionEvent } from '../threads/messages.ts'
import { Listener } from './listener.ts'
import { Pacer } from './pacer.ts'
import type { Streamed } from './streamed.ts'
import { StreamOutlet } from './streamOutlet.ts'
import { streamState } from './streamState.ts'
import type { StreamLink, StreamSink } from './streamTypes.ts'

type Ask<C = ReplayRequestCommand> = C extends ReplayRequestCommand ? Omit<C, 'requestId'> : never

/** One clock over a bundle or a day, and the clients that listen to it. */
export class StreamPlayer {
  readonly #streamed: Streamed
  readonly #clock: 'own' | 'shared'
  readonly #sessionId = randomUUID()
  readonly #session: ReplaySession
  readonly #outlet: StreamOutlet
  readonly #pacer: Pacer
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #lastId = 0
  /** Not played since it was loaded. */
  #fresh = true
  #closed = false

  constructor(streamed: Streamed, clock: 'own' | 'shared') {
    this.#streamed = streamed
    this.#clock = clock
    const telling = streamed.telling(() => this.#session.lastFrameRelNs)
    this.#outlet = new StreamOutlet(telling, clock === 'own')
    const host = { nowNs: () => Number(hostClock.monoNs()), post: (event: SessionEvent) => this.#onEvent(event) }
    this.#session = new ReplaySession(streamed.source, host, { outlet: this.#outlet })
    this.#pacer = new Pacer(() => this.#tick())
    this.#pacer.wake()
  }

  get listeners(): number {
    return this.#outlet.listeners.size
  }

  connect(sink: StreamSink, subscription: Subscription, onClosed: () => void): StreamLink {
    const listener = new Listener(sink, subscription)
    this.#outlet.listeners.add(listener)
    // Who comes later is told the state; who comes first has it all from the first line on.
    this.#tellPresent(listener)
    const stateOf = (): StreamState => this.#stateFor(listener)
    return {
      get state() {
        return stateOf()
      },
      subscribe: (wanted) => {
        listener.choose(wanted)
        this.#tellPresent(listener)
        sink.state(stateOf())
      },
      command: (deed) => this.#do(deed, listener.subscription),
      close: () => {
        this.#outlet.listeners.delete(listener)
        onClosed()
      }
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#pacer.stop()
    this.#session.release()
    for (const { reject } of this.#waiting.values()) reject(new StudioError('ABORTED', 'The stream was closed.'))
    this.#waiting.clear()
  }

  #tellPresent(listener: Listener): void {
    if (this.#fresh && !this.#streamed.beginsMidway) return
    this.#outlet.tellState(this.#session.state.playheadRelNs, [listener])
  }

  async #do(deed: StreamDeed, subscription: Subscription): Promise<unknown> {
    switch (deed.cmd) {
      case 'load':
      case 'stop':
        await this.#ask({ kind: 'pause' })
        await this.#ask({ kind: 'loop', loop: null })
        this.#fresh = true
        return this.#ask({ kind: 'seek', relNs: this.#streamed.source.startRelNs })
      case 'play':
        this.#fresh = false
        return this.#ask({ kind: 'play' })
      case 'pause':
        return this.#ask({ kind: 'pause' })
      case 'speed':
        return this.#ask({ kind: 'speed', speed: deed.speed })
      case 'loop':
        return this.#ask({ kind: 'loop', loop: deed.loop })
      case 'seek':
        this.#fresh = false
        return this.#ask({ kind: 'seek', relNs: deed.relNs })
      case 'seek_percent':
        this.#fresh = false
        return this.#ask({ kind: 'seekPercent', percent: deed.percent })
      case 'step':
        this.#fresh = false
        return this.#ask({ kind: 'step', unit: deed.unit, direction: deed.direction })
      case 'jump':
        this.#fresh = false
        await this.#watchFirst(subscription)
        return this.#ask({ kind: 'jump', to: deed.kind, direction: deed.direction })
    }
  }

  /** Jumps to trades go to those of the first token that the client chose. */
  async #watchFirst({ tokens }: Subscription): Promise<void> {
    const instrumentId = this.#streamed.instrumentOf(tokens[0])
    if (instrumentId !== undefined && instrumentId !== this.#session.state.instrumentId) await this.#ask({ kind: 'select', instrumentId })
  }

  #ask(command: Ask): Promise<unknown> {
    if (this.#closed) return Promise.reject(new StudioError('ABORTED', 'The stream was closed.'))
    const requestId = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(requestId, { resolve, reject })
      this.#session.command({ ...command, requestId })
      this.#pacer.wake()
    })
  }

  #tick(): number {
    return this.#session.tick()
  }

  #onEvent(event: SessionEvent): void {
    if (event.kind === 'state') return this.#tellState()
    if (event.kind === 'done') {
      this.#waiting.get(event.requestId)?.resolve(event.value)
      this.#waiting.delete(event.requestId)
    } else if (event.kind === 'failed' && event.requestId !== undefined) {
      this.#waiting.get(event.requestId)?.reject(new StudioError(event.failure.code, event.failure.message))
      this.#waiting.delete(event.requestId)
    }
  }

  #tellState(): void {
    for (const listener of this.#outlet.listeners) listener.sink.state(this.#stateFor(listener))
  }

  #stateFor({ subscription }: Listener): StreamState {
    const { originTsNs, eventIdOf, totalEvents, countOf, calendar } = this.#streamed
    return streamState({
      sessionId: this.#sessionId,
      clock: this.#clock,
      session: this.#session.state,
      originTsNs,
      eventIdOf,
      subscription,
      fresh: this.#fresh,
      totalEvents: totalEvents(),
      countOf,
      calendar
    })
  }
}
