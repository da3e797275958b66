import {
  channelsOf,
  STREAM_PROTOCOL,
  SUBSCRIBE_ALL,
  TRANSPORTS,
  type StreamLine,
  type StreamState,
  type Subscription
} from '../../shared/api/index.ts'
import { toFailure } from '../../shared/errors.ts'
import type { StreamLink, StreamSink, StreamSource } from '../engine/index.ts'
import { StreamBacklog } from './streamBacklog.ts'
import { deedOf, idOf, readCommand, subscriptionOf, type ClientCommand } from './streamCommand.ts'

/** Above this a client is not ready for more. */
const HIGH_BYTES = 1024 * 1024
/** Below this what waits is sent on. */
const LOW_BYTES = 256 * 1024
const DRAIN_EVERY_MS = 20
const LAG_REPORT_EVERY_MS = 1000

/** The way to one client: a WebSocket, or an event stream over HTTP. */
export interface StreamPipe {
  /** Bytes that were sent and are still on this side. */
  readonly bufferedBytes: number
  /** @param kind `data`: an event. `control`: anything else. */
  send(text: string, kind: 'data' | 'control'): void
}

export interface StreamClientOptions {
  readonly pipe: StreamPipe
  readonly source: StreamSource
  readonly subscription?: Subscription
  readonly clock?: 'own' | 'shared'
}

/** One client of the stream server: its subscription, its clock, and what waits for it. */
export class StreamClient implements StreamSink {
  readonly #pipe: StreamPipe
  readonly #source: StreamSource
  readonly #backlog = new StreamBacklog()
  #subscription: Subscription
  #clock: 'own' | 'shared'
  #link: StreamLink
  #drainTimer: NodeJS.Timeout | undefined
  #reportedAtMs = 0
  #owedState: StreamState | undefined
  #closed = false
  #turn: Promise<void> = Promise.resolve()

  /** @throws StudioError BUSY when there is no room for another clock */
  constructor({ pipe, source, subscription = SUBSCRIBE_ALL, clock = 'own' }: StreamClientOptions) {
    this.#pipe = pipe
    this.#source = source
    this.#subscription = subscription
    this.#clock = clock
    this.#control({
      type: 'hello',
      protocol: STREAM_PROTOCOL,
      ...source.facts,
      clock: source.facts.mode === 'live' ? 'live' : clock,
      transports: Object.fromEntries(TRANSPORTS.map((name) => [name, { light: channelsOf(name, 'light'), raw: channelsOf(name, 'raw') }]))
    })
    this.#link = source.connect(this, subscription, clock)
    this.state(this.#link.state)
  }

  get ready(): boolean {
    return !this.#closed && this.#pipe.bufferedBytes < HIGH_BYTES
  }

  line(line: StreamLine): void {
    if (this.#closed) return
    // A clock of its own waits for the client, so that nothing has to wait here and nothing is lost.
    const waits = this.#clock === 'own' && this.#source.facts.mode === 'replay'
    if (waits || (this.#backlog.waiting === 0 && this.#pipe.bufferedBytes < LOW_BYTES)) return this.#pipe.send(line.text, 'data')
    this.#backlog.push(line)
    this.#drainTimer ??= setInterval(() => this.#drain(), DRAIN_EVERY_MS)
  }

  reset(relNs: number): void {
    this.#backlog.clear()
    this.#control({ type: 'replay_reset', at_rel_ns: relNs })
  }

  state(state: StreamState): void {
    // Only the newest state counts, and it comes behind what it counts.
    if (this.#backlog.waiting > 0 || this.#pipe.bufferedBytes > HIGH_BYTES) this.#owedState = state
    else this.#control({ type: 'replay_state', ...state })
    if (this.#owedState !== undefined) this.#drainTimer ??= setInterval(() => this.#drain(), DRAIN_EVERY_MS)
  }

  /** Takes a text of the client; one is done after the other. What is wrong with it is answered. */
  message(text: string): void {
    if (text === 'ping') return this.#control({ type: 'pong' })
    this.#turn = this.#turn.then(() => this.#obey(text))
  }

  async #obey(text: string): Promise<void> {
    if (this.#closed) return
    const id = idOf(text)
    try {
      const value = await this.command(readCommand(text))
      if (!this.#closed) this.#control({ type: 'ack', ...(id !== undefined && { id }), ok: true, ...(value !== undefined && { value }) })
    } catch (error) {
      const { code, message } = toFailure(error)
      if (!this.#closed) this.#control({ type: 'error', ...(id !== undefined && { id }), code, message })
    }
  }

  /** @returns what is said beside the new state. @throws StudioError */
  async command(command: ClientCommand): Promise<unknown> {
    switch (command.cmd) {
      case 'ping':
        this.#control({ type: 'pong' })
        return undefined
      case 'state':
        this.state(this.#link.state)
        return undefined
      case 'subscribe':
        this.#subscription = subscriptionOf(command)
        this.#link.subscribe(this.#subscription)
        return undefined
      case 'clock':
        return this.#changeClock(command.clock)
      default:
        return this.#link.command(deedOf(command, BigInt(this.#source.facts.origin_ts_ns)))
    }
  }

  /** A sign of life while the client says nothing. */
  heartbeat(): void {
    this.#control({ type: 'heartbeat', t: this.#link.state.current_index })
  }

  /** Sends what still waits, for so long at most, and says what it could not send. Nothing new is taken. */
  async finish(limitMs: number): Promise<void> {
    this.#link.close()
    for (let leftMs = limitMs; leftMs > 0 && !this.#closed; leftMs -= DRAIN_EVERY_MS) {
      if (this.#backlog.waiting === 0 && this.#pipe.bufferedBytes === 0) return
      await new Promise((resolve) => setTimeout(resolve, DRAIN_EVERY_MS))
    }
    this.#backlog.giveUp()
    this.#reportLag()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#drainTimer)
    this.#link.close()
  }

  #changeClock(clock: 'own' | 'shared'): undefined {
    if (clock === this.#clock) return undefined
    // Before the old link is closed: if there is no room, the client keeps what it has.
    const link = this.#source.connect(this, this.#subscription, clock)
    this.#link.close()
    this.#link = link
    this.#clock = clock
    this.state(link.state)
    return undefined
  }

  #drain(): void {
    while (this.#pipe.bufferedBytes < LOW_BYTES) {
      const line = this.#backlog.shift()
      if (line === undefined) break
      this.#pipe.send(line.text, 'data')
    }
    if (this.#backlog.waiting === 0 || Date.now() - this.#reportedAtMs >= LAG_REPORT_EVERY_MS) this.#reportLag()
    if (this.#backlog.waiting > 0 || this.#pipe.bufferedBytes > HIGH_BYTES) return
    clearInterval(this.#drainTimer)
    this.#drainTimer = undefined
    const state = this.#owedState
    this.#owedState = undefined
    if (state !== undefined) this.#control({ type: 'replay_state', ...state })
  }

  #reportLag(): void {
    const report = this.#backlog.report()
    if (report === undefined) return
    this.#reportedAtMs = Date.now()
    this.#control({ type: 'lagging', ...report })
  }

  #control(message: Readonly<Record<string, unknown>>): void {
    if (!this.#closed) this.#pipe.send(JSON.stringify(message), 'control')
  }
}
