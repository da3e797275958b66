import { SocketLink, type CaptureConfig } from '../../capture/index.ts'
import type { FeedTransport } from '../../feeds/index.ts'

const CLOSE_WAIT_MS = 500
/** Pause until a renewal that failed is tried again. */
const RENEW_RETRY_NS = 20e9
/** Longest pause that a venue may ask for. */
const MAX_PAUSE_NS = 60e9

type Trigger = 'data_idle_timeout' | 'confirm_timeout' | 'ping_timeout' | 'exception'

export interface LiveConnectionOwner {
  message(shard: number, payload: Buffer, binary: boolean): void
  opened(shard: number, url: string, keys: readonly string[]): void
  /** @param facts overlap: another connection had taken over, so nothing was missed */
  closed(shard: number, facts: { readonly trigger: string; readonly code: number; readonly reason: string; readonly overlap?: true }): void
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
  #link: SocketLink | undefined
  /** Connects while the old one still brings data, and takes over with its first data. */
  #successor: SocketLink | undefined
  /** Links whose opening was told: their closing is told too. */
  readonly #opened = new WeakSet<SocketLink>()
  #attempts = 0
  #variant = 0
  #open = false
  #ended = false
  #confirmEvents = 0
  #confirmDueNs: number | undefined
  #lastDataNs = 0
  #renewAtNs = Infinity
  #nextPingNs = 0
  #pongDueNs: number | undefined
  #connectAtNs: number | undefined
  #trigger: { readonly name: Trigger; readonly reason: string } | undefined

  constructor(options: LiveConnectionOptions) {
    this.#options = options
  }

  connect(): void {
    if (this.#ended || this.#link !== undefined) return
    const { config, nowNs } = this.#options
    this.#connectAtNs = undefined
    this.#confirmEvents = 0
    this.#confirmDueNs = nowNs() + config.captureConfirmTimeoutSeconds * 1e9
    this.#link = this.#newLink()
  }

  /** Looks at the clocks; called several times a second. */
  check(): void {
    const { config, transport, nowNs, owner } = this.#options
    const now = nowNs()
    if (this.#connectAtNs !== undefined && now >= this.#connectAtNs) this.connect()
    if (this.#link === undefined) return
    if (this.#confirmDueNs !== undefined && now >= this.#confirmDueNs) {
      this.#confirmDueNs = undefined
      owner.confirmMissed()
      return this.#cut('confirm_timeout', 'no data came after subscribing')
    }
    if (!this.#open) return
    if (now - this.#lastDataNs >= config.wsDataIdleReconnectSeconds * 1e9)
      return this.#cut('data_idle_timeout', 'no data came for too long')
    if (transport.keepAlive !== undefined) this.#ping(transport.keepAlive.ping, now)
    if (now >= this.#renewAtNs) this.#renew(now)
  }

  /** Closes for good. Safe to call twice. */
  end(): void {
    this.#ended = true
    this.#connectAtNs = undefined
    this.#dropSuccessor()
    this.#link?.terminate()
  }

  #newLink(): SocketLink {
    const { transport, keys, config } = this.#options
    this.#variant = this.#attempts++ % transport.variants.length
    const link: SocketLink = new SocketLink({
      url: transport.socketUrl(keys),
      userAgent: config.wsUserAgent,
      handshakeTimeoutMs: Math.max(1000, config.captureConfirmTimeoutSeconds * 1000),
      onOpen: () => this.#onOpen(link),
      onMessage: (data, binary) => this.#onMessage(link, data, binary),
      onClose: (code, reason, retryAfterNs) => this.#onClose(link, code, reason, retryAfterNs)
    })
    return link
  }

  #onOpen(link: SocketLink): void {
    const { transport, keys, owner, shard } = this.#options
    this.#opened.add(link)
    owner.opened(shard, link.url, keys)
    for (const message of transport.subscribeMessages(keys, this.#variant)) link.send(message.text)
    if (link === this.#link) this.#settleOpen()
  }

  #settleOpen(): void {
    const { transport, config, nowNs } = this.#options
    const now = nowNs()
    this.#open = true
    this.#lastDataNs = now
    this.#renewAtNs = now + (transport.maxConnectionSeconds ?? Infinity) * 1e9
    this.#pongDueNs = undefined
    this.#nextPingNs = now + config.wsPingIntervalSeconds * 1e9
  }

  /** Make before break, as in a capture: the old connection is left only when the new one brings data. */
  #renew(now: number): void {
    this.#renewAtNs = now + RENEW_RETRY_NS
    this.#dropSuccessor()
    this.#successor = this.#newLink()
  }

  #takeOver(successor: SocketLink): void {
    const old = this.#link
    this.#link = successor
    this.#successor = undefined
    this.#settleOpen()
    void old?.close(CLOSE_WAIT_MS)
  }

  #dropSuccessor(): void {
    const successor = this.#successor
    this.#successor = undefined
    successor?.terminate()
  }

  #onMessage(link: SocketLink, data: Buffer, binary: boolean): void {
    const { owner, shard, config, nowNs, transport } = this.#options
    if (this.#ended) return
    owner.message(shard, data, binary)
    if (data.length <= 8) {
      const text = data.toString('latin1').trim()
      if (text === transport.keepAlive?.pong) this.#pongDueNs = undefined
      if (text === 'PONG' || text === 'PING' || text === '[]' || text === '') return
    }
    if (link === this.#successor) this.#takeOver(link)
    this.#lastDataNs = nowNs()
    this.#confirmEvents++
    if (this.#confirmEvents >= config.captureConfirmMinEvents) this.#confirmDueNs = undefined
  }

  #ping(text: string, now: number): void {
    if (this.#pongDueNs !== undefined) {
      if (now >= this.#pongDueNs) this.#cut('ping_timeout', 'no answer to a ping')
      return
    }
    if (now < this.#nextPingNs || this.#link?.isOpen !== true) return
    this.#link.send(text)
    this.#nextPingNs = now + this.#options.config.wsPingIntervalSeconds * 1e9
    this.#pongDueNs = now + this.#options.config.wsPingTimeoutSeconds * 1e9
  }

  #cut(name: Trigger, reason: string): void {
    this.#trigger ??= { name, reason }
    this.#link?.terminate()
  }

  #onClose(link: SocketLink, code: number, reason: string, retryAfterNs: number): void {
    if (link !== this.#link) return this.#onSecondClosed(link, code)
    const { owner, shard, config, nowNs } = this.#options
    this.#dropSuccessor()
    const wasOpen = this.#open
    const { name, reason: why } = this.#trigger ?? { name: 'exception' as const, reason }
    this.#trigger = undefined
    this.#link = undefined
    this.#open = false
    if (this.#ended) return owner.ended(shard)
    if (wasOpen) owner.closed(shard, { trigger: name, code, reason: why })
    if (!owner.mayReconnect()) {
      this.#ended = true
      return owner.ended(shard)
    }
    this.#connectAtNs = nowNs() + Math.max(config.wsReconnectBackoffSeconds * 1e9, Math.min(retryAfterNs, MAX_PAUSE_NS))
  }

  /** One of two connections ended while the other one stands: the renewed one, or a successor that failed. */
  #onSecondClosed(link: SocketLink, code: number): void {
    const { owner, shard } = this.#options
    if (link === this.#successor) this.#successor = undefined
    if (this.#ended || !this.#opened.has(link)) return
    const reason = 'one of two connections ended while the other one went on'
    owner.closed(shard, { trigger: 'refresh', code, reason, overlap: true })
  }
}
