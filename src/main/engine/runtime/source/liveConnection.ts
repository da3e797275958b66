import { WebSocket } from 'ws'
import type { CaptureConfig } from '../../capture/index.ts'
import type { FeedTransport } from '../../feeds/index.ts'

const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024

type Trigger = 'data_idle_timeout' | 'confirm_timeout' | 'ping_timeout' | 'exception' | 'refresh'

export interface LiveConnectionOwner {
  message(shard: number, payload: Buffer, binary: boolean): void
  opened(shard: number, url: string, keys: readonly string[]): void
  closed(shard: number, facts: { readonly trigger: string; readonly code: number; readonly reason: string }): void
  confirmMissed(): void
  /** @returns false when no reconnect is left for all connections together: this one ends */
  mayReconnect(): boolean
  ended(shard: number): void
}

export interface LiveConnectionOptions {
  readonly shard: number
  readonly keys: readonly string[]
  readonly transport: FeedTransport
  readonly config: CaptureConfig
  readonly owner: LiveConnectionOwner
  /** Nanoseconds of a monotonic clock. */
  readonly nowNs: () => number
}

/**
 * One connection of a live run. Rules of the capture plant but two: the form of the subscription changes with every attempt to connect, and
 * reconnects are counted over all connections together; where none is left, the connection simply ends.
 */
export class LiveConnection {
  readonly #options: LiveConnectionOptions
  #socket: WebSocket | undefined
  #attempts = 0
  #open = false
  #ended = false
  #confirmEvents = 0
  #confirmDueNs: number | undefined
  #lastDataNs = 0
  #openedNs = 0
  #nextPingNs = 0
  #pongDueNs: number | undefined
  #connectAtNs: number | undefined
  #trigger: { readonly name: Trigger; readonly reason: string } | undefined

  constructor(options: LiveConnectionOptions) {
    this.#options = options
  }

  connect(): void {
    if (this.#ended || this.#socket !== undefined) return
    const { transport, keys, config, nowNs } = this.#options
    const variant = this.#attempts++ % transport.variants.length
    const url = transport.socketUrl(keys)
    this.#connectAtNs = undefined
    this.#confirmEvents = 0
    this.#confirmDueNs = nowNs() + config.captureConfirmTimeoutSeconds * 1e9
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MAX_PAYLOAD_BYTES,
      skipUTF8Validation: true,
      followRedirects: false,
      handshakeTimeout: Math.max(1000, config.captureConfirmTimeoutSeconds * 1000),
      headers: { 'User-Agent': config.wsUserAgent }
    })
    socket.binaryType = 'nodebuffer'
    this.#socket = socket
    let failure = ''
    socket.on('open', () => this.#onOpen(socket, url, variant))
    socket.on('message', (data: Buffer, binary: boolean) => this.#onMessage(data, binary))
    socket.on('error', (error) => {
      failure ||= (error as NodeJS.ErrnoException).code ?? error.message
    })
    socket.on('close', (code, reason) => this.#onClose(code, failure === '' ? reason.toString('utf8') : failure))
  }

  /** Looks at the clocks; called several times a second. */
  check(): void {
    const { config, transport, nowNs, owner } = this.#options
    const now = nowNs()
    if (this.#connectAtNs !== undefined && now >= this.#connectAtNs) this.connect()
    if (this.#socket === undefined) return
    if (this.#confirmDueNs !== undefined && now >= this.#confirmDueNs) {
      this.#confirmDueNs = undefined
      owner.confirmMissed()
      return this.#cut('confirm_timeout', 'no data came after subscribing')
    }
    if (!this.#open) return
    if (now - this.#lastDataNs >= config.wsDataIdleReconnectSeconds * 1e9)
      return this.#cut('data_idle_timeout', 'no data came for too long')
    const { maxConnectionSeconds, keepAlive } = transport
    if (maxConnectionSeconds !== undefined && now - this.#openedNs > maxConnectionSeconds * 1e9)
      return this.#cut('refresh', 'the connection is renewed before the venue cuts it')
    if (keepAlive !== undefined) this.#ping(keepAlive.ping, now)
  }

  /** Closes for good. Safe to call twice. */
  end(): void {
    this.#ended = true
    this.#connectAtNs = undefined
    this.#socket?.terminate()
  }

  #onOpen(socket: WebSocket, url: string, variant: number): void {
    const { transport, keys, config, nowNs, owner, shard } = this.#options
    const now = nowNs()
    this.#open = true
    this.#openedNs = this.#lastDataNs = now
    this.#pongDueNs = undefined
    this.#nextPingNs = now + config.wsPingIntervalSeconds * 1e9
    owner.opened(shard, url, keys)
    for (const message of transport.subscribeMessages(keys, variant)) socket.send(message.text)
  }

  #onMessage(data: Buffer, binary: boolean): void {
    const { owner, shard, config, nowNs, transport } = this.#options
    if (this.#ended) return
    owner.message(shard, data, binary)
    if (data.length <= 8) {
      const text = data.toString('latin1').trim()
      if (text === transport.keepAlive?.pong) this.#pongDueNs = undefined
      if (text === 'PONG' || text === 'PING' || text === '[]' || text === '') return
    }
    this.#lastDataNs = nowNs()
    this.#confirmEvents++
    if (this.#confirmEvents >= config.captureConfirmMinEvents) this.#confirmDueNs = undefined
  }

  #ping(text: string, now: number): void {
    if (this.#pongDueNs !== undefined) {
      if (now >= this.#pongDueNs) this.#cut('ping_timeout', 'no answer to a ping')
      return
    }
    if (now < this.#nextPingNs || this.#socket?.readyState !== WebSocket.OPEN) return
    this.#socket.send(text)
    this.#nextPingNs = now + this.#options.config.wsPingIntervalSeconds * 1e9
    this.#pongDueNs = now + this.#options.config.wsPingTimeoutSeconds * 1e9
  }

  #cut(name: Trigger, reason: string): void {
    this.#trigger ??= { name, reason }
    this.#socket?.terminate()
  }

  #onClose(code: number, reason: string): void {
    const { owner, shard, config, nowNs } = this.#options
    const wasOpen = this.#open
    const { name, reason: why } = this.#trigger ?? { name: 'exception' as const, reason }
    this.#trigger = undefined
    this.#socket = undefined
    this.#open = false
    if (this.#ended) return owner.ended(shard)
    if (wasOpen) owner.closed(shard, { trigger: name, code, reason: why })
    if (name !== 'refresh' && !owner.mayReconnect()) {
      this.#ended = true
      return owner.ended(shard)
    }
    this.#connectAtNs = nowNs() + (name === 'refresh' ? 0 : config.wsReconnectBackoffSeconds * 1e9)
  }
}
