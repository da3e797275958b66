import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { FeedTransport } from '../feeds/index.ts'
import type { ShardState } from '../threads/captureMessages.ts'
import type { CaptureConfig } from './config.ts'

const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024
const CLOSE_WAIT_MS = 500
/** A connection counts as silent after this share of the time at which it is given up. */
const SILENT_SHARE = 0.1

export type CloseTrigger = 'data_idle_timeout' | 'confirm_timeout' | 'ping_timeout' | 'exception' | 'stop' | 'refresh'

export interface ClosedFacts {
  readonly trigger: CloseTrigger
  readonly code: number
  readonly reason: string
  readonly wasOpen: boolean
}

export interface ReconnectFacts extends ClosedFacts {
  readonly reconnects: number
}

/** What a connection tells the plant. Calls are made on the socket's own events, in order. */
export interface ConnectionOwner {
  /** Hot path: the bytes of one message exactly as received. @returns the stamp that they got, ns since the run's start */
  message(shard: number, payload: Buffer, binary: boolean): number
  opened(shard: number, url: string): void
  closed(shard: number, facts: ClosedFacts): void
  reconnecting(shard: number, facts: ReconnectFacts): void
  subscribing(shard: number, facts: { variant: string; groupIndex: number; tokenCount: number; payloadBytes: number }): void
  confirmed(shard: number, facts: { variant: string; events: number; deadlineRelNs: number }): void
  confirmFailed(shard: number, facts: { variant: string; events: number }): void
  state(shard: number, state: ShardState, detail: string): void
  /** The run must end. */
  fatal(reason: 'RECONNECT_STORM' | 'SUBSCRIBE_CONFIRM_FAIL', message: string): void
}

export interface ConnectionStats {
  reconnects: number
  confirmFailures: number
  confirmed: boolean
  confirmEvents: number
  confirmDeadlineRelNs: number | undefined
  lastDataRelNs: number | undefined
  firstOpenRelNs: number | undefined
  disconnectedNs: number
  disconnectedIncidents: number
}

/** One shard's connection: connects, subscribes, keeps alive, notices silence, and connects again after a pause. */
export class ShardConnection {
  readonly shard: number
  readonly keys: readonly string[]
  readonly stats: ConnectionStats = {
    reconnects: 0,
    confirmFailures: 0,
    confirmed: false,
    confirmEvents: 0,
    confirmDeadlineRelNs: undefined,
    lastDataRelNs: undefined,
    firstOpenRelNs: undefined,
    disconnectedNs: 0,
    disconnectedIncidents: 0
  }
  readonly #transport: FeedTransport
  readonly #config: CaptureConfig
  readonly #owner: ConnectionOwner
  readonly #nowRelNs: () => number
  #socket: WebSocket | undefined
  #state: ShardState = 'closed'
  #variant = 0
  #openedRelNs = 0
  #nextPingRelNs = 0
  #pongDueRelNs: number | undefined
  #lostRelNs: number | undefined
  #connectAtRelNs: number | undefined
  #pendingTrigger: { readonly trigger: CloseTrigger; readonly reason: string } | undefined
  #retryAfterNs = 0
  #stopped = false

  constructor(
    shard: number,
    keys: readonly string[],
    transport: FeedTransport,
    config: CaptureConfig,
    owner: ConnectionOwner,
    nowRelNs: () => number
  ) {
    this.shard = shard
    this.keys = keys
    this.#transport = transport
    this.#config = config
    this.#owner = owner
    this.#nowRelNs = nowRelNs
  }

  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'silent'
  }

  get isSettled(): boolean {
    return this.#socket === undefined
  }

  connect(): void {
    if (this.#stopped || this.#socket !== undefined) return
    this.#connectAtRelNs = undefined
    this.#setState('connecting', '')
    const { wsUserAgent, captureConfirmTimeoutSeconds } = this.#config
    const url = this.#transport.socketUrl(this.keys)
    this.stats.confirmEvents = 0
    this.stats.confirmed = false
    this.stats.confirmDeadlineRelNs = this.#nowRelNs() + captureConfirmTimeoutSeconds * 1e9
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MAX_PAYLOAD_BYTES,
      // The bytes are kept as they come; what is wrong with them is for the reader to say.
      skipUTF8Validation: true,
      followRedirects: false,
      handshakeTimeout: Math.max(1000, captureConfirmTimeoutSeconds * 1000),
      headers: { 'User-Agent': wsUserAgent }
    })
    socket.binaryType = 'nodebuffer'
    this.#socket = socket
    this.#listen(socket, url)
  }

  /** Looks at the clocks of this connection; called several times a second. */
  check(): void {
    const now = this.#nowRelNs()
    if (this.#connectAtRelNs !== undefined && now >= this.#connectAtRelNs) this.connect()
    if (this.#socket === undefined) return
    const { stats } = this
    if (!stats.confirmed && stats.confirmDeadlineRelNs !== undefined && now >= stats.confirmDeadlineRelNs) return this.#confirmMissed()
    if (!this.isOpen) return
    this.#checkSilence(now)
    this.#checkPing(now)
    const maxAge = this.#transport.maxConnectionSeconds
    if (maxAge !== undefined && now - this.#openedRelNs > maxAge * 1e9)
      this.#cut('refresh', 'the connection is renewed before the venue cuts it')
  }

  /** Closes for good. The owner hears `closed` with trigger stop when the connection was open. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#connectAtRelNs = undefined
    const socket = this.#socket
    if (socket === undefined) return this.#setState('closed', 'stopped')
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS)
      socket.once('close', () => {
        clearTimeout(limit)
        resolve()
      })
      this.#pendingTrigger = { trigger: 'stop', reason: 'the capture was stopped' }
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
      else socket.close(1000)
    })
  }

  #listen(socket: WebSocket, url: string): void {
    let failure = ''
    socket.on('open', () => this.#onOpen(socket, url))
    socket.on('message', (data: Buffer, binary: boolean) => this.#onMessage(data, binary))
    socket.on('error', (error) => {
      failure ||= (error as NodeJS.ErrnoException).code ?? error.message
    })
    socket.on('unexpected-response', (request, response: IncomingMessage) => {
      failure = `the venue answered with status ${response.statusCode ?? 0} to the request to connect`
      this.#retryAfterNs = Number(response.headers['retry-after'] ?? 0) * 1e9 || 0
      request.destroy()
      socket.terminate()
    })
    socket.on('close', (code, reason) => this.#onClose(code, failure === '' ? reason.toString('utf8') : failure))
  }

  #onOpen(socket: WebSocket, url: string): void {
    const now = this.#nowRelNs()
    this.#openedRelNs = now
    this.stats.firstOpenRelNs ??= now
    this.stats.lastDataRelNs = now
    if (this.#lostRelNs !== undefined) this.stats.disconnectedNs += now - this.#lostRelNs
    this.#lostRelNs = undefined
    this.#pongDueRelNs = undefined
    this.#nextPingRelNs = now + this.#config.wsPingIntervalSeconds * 1e9
    this.#owner.opened(this.shard, url)
    const variant = this.#variantName()
    this.#transport.subscribeMessages(this.keys, this.#variant).forEach((message, groupIndex) => {
      socket.send(message.text)
      this.#owner.subscribing(this.shard, {
        variant,
        groupIndex,
        tokenCount: message.keyCount,
        payloadBytes: Buffer.byteLength(message.text)
      })
    })
    this.#setState('open', url)
  }

  #onMessage(data: Buffer, binary: boolean): void {
    const receivedRelNs = this.#owner.message(this.shard, data, binary)
    if (data.length <= 8 && !this.#isShortData(data)) return
    const { stats } = this
    stats.lastDataRelNs = receivedRelNs
    stats.confirmEvents += 1
    if (!stats.confirmed && stats.confirmEvents >= this.#config.captureConfirmMinEvents) this.#onConfirmed()
    if (this.#state === 'silent') this.#setState('open', 'data comes again')
  }

  /** Keep-alive texts and empty acknowledgements are no data. */
  #isShortData(data: Buffer): boolean {
    const text = data.toString('latin1').trim()
    if (text === this.#transport.keepAlive?.pong) this.#pongDueRelNs = undefined
    return text !== 'PONG' && text !== 'PING' && text !== '[]' && text !== ''
  }

  #onConfirmed(): void {
    const { stats } = this
    stats.confirmed = true
    this.#owner.confirmed(this.shard, {
      variant: this.#variantName(),
      events: stats.confirmEvents,
      deadlineRelNs: stats.confirmDeadlineRelNs ?? 0
    })
    stats.confirmDeadlineRelNs = undefined
  }

  #confirmMissed(): void {
    const { stats } = this
    stats.confirmFailures += 1
    stats.confirmDeadlineRelNs = undefined
    this.#owner.confirmFailed(this.shard, { variant: this.#variantName(), events: stats.confirmEvents })
    if (stats.confirmFailures > this.#config.captureConfirmMaxFailures) {
      const message = `Shard ${this.shard} connected ${stats.confirmFailures} times, but the venue never sent data for its ${this.keys.length} subscriptions.`
      return this.#owner.fatal('SUBSCRIBE_CONFIRM_FAIL', message)
    }
    this.#variant = (this.#variant + 1) % this.#transport.variants.length
    this.#cut('confirm_timeout', 'no data came after subscribing')
  }

  #checkSilence(now: number): void {
    const idleNs = now - (this.stats.lastDataRelNs ?? now)
    const limitNs = this.#config.wsDataIdleReconnectSeconds * 1e9
    if (idleNs >= limitNs) return this.#cut('data_idle_timeout', `no data for ${this.#config.wsDataIdleReconnectSeconds} s`)
    if (this.#state === 'open' && idleNs >= limitNs * SILENT_SHARE) this.#setState('silent', 'connected, but no data comes')
  }

  #checkPing(now: number): void {
    const keepAlive = this.#transport.keepAlive
    if (keepAlive === undefined || this.#socket?.readyState !== WebSocket.OPEN) return
    if (this.#pongDueRelNs !== undefined) {
      if (now >= this.#pongDueRelNs) this.#cut('ping_timeout', `no ${keepAlive.pong} within ${this.#config.wsPingTimeoutSeconds} s`)
      return
    }
    if (now < this.#nextPingRelNs) return
    this.#socket.send(keepAlive.ping)
    this.#nextPingRelNs = now + this.#config.wsPingIntervalSeconds * 1e9
    this.#pongDueRelNs = now + this.#config.wsPingTimeoutSeconds * 1e9
  }

  /** Ends the connection at once; the reason is told when the socket has closed. */
  #cut(trigger: CloseTrigger, reason: string): void {
    this.#pendingTrigger ??= { trigger, reason }
    this.#socket?.terminate()
  }

  #onClose(code: number, reason: string): void {
    const wasOpen = this.isOpen
    const pending = this.#pendingTrigger
    this.#pendingTrigger = undefined
    this.#socket = undefined
    const facts: ClosedFacts = { trigger: pending?.trigger ?? 'exception', code, reason: pending?.reason ?? reason, wasOpen }
    this.#setState('closed', facts.reason)
    this.#owner.closed(this.shard, facts)
    if (this.#stopped || facts.trigger === 'stop') return
    this.#scheduleReconnect(facts)
  }

  #scheduleReconnect(facts: ClosedFacts): void {
    const { stats } = this
    const now = this.#nowRelNs()
    if (facts.wasOpen) stats.disconnectedIncidents += 1
    if (stats.firstOpenRelNs !== undefined) this.#lostRelNs ??= now
    const limit = this.#config.wsReconnectMax
    if (facts.trigger !== 'refresh') {
      if (limit !== null && stats.reconnects >= limit) {
        const message = `Shard ${this.shard} lost its connection ${stats.reconnects + 1} times; ${limit} reconnects are allowed (ws_reconnect_max). Last reason: ${facts.reason || `code ${facts.code}`}.`
        return this.#owner.fatal('RECONNECT_STORM', message)
      }
      stats.reconnects += 1
    }
    const pauseNs =
      facts.trigger === 'refresh' ? 0 : Math.max(this.#config.wsReconnectBackoffSeconds * 1e9, Math.min(this.#retryAfterNs, 60e9))
    this.#retryAfterNs = 0
    this.#connectAtRelNs = now + pauseNs
    this.#owner.reconnecting(this.shard, { ...facts, reconnects: stats.reconnects })
  }

  #variantName(): string {
    return this.#transport.variants[this.#variant] ?? ''
  }

  #setState(state: ShardState, detail: string): void {
    if (this.#state === state) return
    this.#state = state
    this.#owner.state(this.shard, state, detail)
  }
}
