import { EventEmitter, once } from 'node:events'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import type { StreamDeed, StreamFacts, StreamLine, StreamState, Subscription } from '../../shared/api/index.ts'
import { StudioError } from '../../shared/errors.ts'
import type { StreamLink, StreamSink, StreamSource } from '../engine/index.ts'
import { startStreamServer, type StreamServer, type StreamServerOptions } from './index.ts'

export const STREAM_TOKEN = 'the-right-token'

/** For tests: a stream whose events are told by hand. */
export class TestSource implements StreamSource {
  readonly facts: StreamFacts = { mode: 'replay', run_id: 'r', venue: 'binance', synthetic: true, origin_ts_ns: '1700000000000000000' }
  readonly sinks = new Set<{ readonly sink: StreamSink }>()
  readonly deeds: StreamDeed[] = []
  readonly subscriptions: Subscription[] = []
  rooms = Infinity

  connect(sink: StreamSink, subscription: Subscription, clock: 'own' | 'shared'): StreamLink {
    if (this.sinks.size >= this.rooms) throw new StudioError('BUSY', 'No room.')
    const listener = { sink }
    this.sinks.add(listener)
    this.subscriptions.push(subscription)
    const state = { state: 'ready', current_index: 7, clock: { kind: clock } } as unknown as StreamState
    return {
      state,
      subscribe: (wanted) => void this.subscriptions.push(wanted),
      command: (deed) => {
        this.deeds.push(deed)
        return Promise.resolve(deed.cmd === 'jump' ? { moved: true } : undefined)
      },
      close: () => this.sinks.delete(listener)
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  tell(line: Partial<StreamLine>): void {
    for (const { sink } of this.sinks) sink.line({ ch: 'tape_trades', instrumentId: 1, model: 0, text: '{}', ...line })
  }
}

/** For tests: a client that keeps every text. */
export class StreamTestClient {
  readonly socket: WebSocket
  readonly texts: string[] = []
  readonly closed: Promise<number>
  readonly #news = new EventEmitter()

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.socket = new WebSocket(url, { headers })
    this.socket.on('message', (data) => {
      this.texts.push((data as Buffer).toString('utf8'))
      this.#news.emit('text')
    })
    this.socket.on('error', () => undefined)
    this.closed = new Promise((done) => this.socket.on('close', done))
  }

  /** Settles with the HTTP status of a refusal, or 101. */
  get answered(): Promise<number> {
    return new Promise((done) => {
      this.socket.on('open', () => done(101))
      this.socket.on('unexpected-response', (_request, response) => done(response.statusCode ?? 0))
    })
  }

  messages(): Record<string, unknown>[] {
    return this.texts.map((text) => JSON.parse(text) as Record<string, unknown>)
  }

  /** Waits for a message of this type behind the first `after` ones. */
  async next(type: string, after = 0): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.messages()
        .slice(after)
        .find((message) => message['type'] === type)
      if (found !== undefined) return found
      await once(this.#news, 'text', { signal: AbortSignal.timeout(10_000) })
    }
  }

  send(value: unknown): void {
    this.socket.send(typeof value === 'string' ? value : JSON.stringify(value))
  }
}

/** For tests: servers and clients that are closed behind each test. */
export class StreamRig {
  readonly #servers: StreamServer[] = []
  readonly #clients: StreamTestClient[] = []

  constructor() {
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.socket.terminate()
      for (const server of this.#servers.splice(0)) await server.close()
    })
  }

  async start(source: StreamSource, over: Partial<StreamServerOptions> = {}): Promise<StreamServer> {
    const server = await startStreamServer({ source, port: 0, token: STREAM_TOKEN, ...over })
    this.#servers.push(server)
    return server
  }

  connect(url: string, headers?: Readonly<Record<string, string>>): StreamTestClient {
    const client = new StreamTestClient(url, headers)
    this.#clients.push(client)
    return client
  }
}
