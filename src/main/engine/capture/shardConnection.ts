import type { FeedTransport } from '../feeds/index.ts'
import type { ShardState } from '../threads/captureMessages.ts'
import type { CaptureConfig } from './config.ts'
import { SocketLink } from './socketLink.ts'

const CLOSE_WAIT_MS = 500
/** Pause until a renewal that failed is tried again. */
const RENEW_RETRY_NS = 20e9
const KEPT_INCIDENTS = 1024
/** A connection counts as silent after this share of the time at which it is given up. */
const SILENT_SHARE = 0.1

export type CloseTrigger = 'data_idle_timeout' | 'confirm_timeout' | 'ping_timeout' | 'exception' | 'stop' | 'refresh'

export interface ClosedFacts {
  readonly trigger: CloseTrigger
  readonly code: number
  readonly reason: string
  readonly wasOpen: boolean
  /** Another connection of the shard had taken over by then: nothing was missed. */
  readonly overlap: boolean
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
  /** All losses that are over. */
  disconnectedNs: number
  disconnectedIncidents: number
  /** A loss that still lasts began here. */
  lostSinceRelNs: number | undefined
  /** How long each loss that is over lasted, in seconds, the newest ones. */
  disconnectedSeconds: number[]
}

/** One shard's connection: connects, subscribes, keeps alive, notices silence, and connects again after a pause. */
export class ShardConnection {
  readonly shard: number
  keys: readonly string[]
  readonly stats: ConnectionStats = {
    reconnects: 0,
    confirmFailures: 0,
    confirmed: false,
    confirmEvents: 0,
    confirmDeadlineRelNs: undefined,
    lastDataRelNs: undefined,
    firstOpenRelNs: undefined,
    disconnectedNs: 0,
    disconnectedIncidents: 0,
    lostSinceRelNs: undefined,
    disconnectedSeconds: []
  }
  readonly #transport: FeedTransport
  readonly #config: CaptureConfig
  readonly #owner: ConnectionOwner
  readonly #nowRelNs: () => number
  #link: SocketLink | undefined
  /** Connects while the old one still brings data, and takes over with its first data. */
  #successor: SocketLink | undefined
  /** Links whose opening was told: their closing is told too. */
  readonly #opened = new WeakSet<SocketLink>()
  #nextRenewRelNs = Infinity
  #state: ShardState = 'closed'
  #variant = 0
  #nextPingRelNs = 0
  #pongDueRelNs: number | undefined
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

  connect(): void {
    if (this.#stopped || this.#link !== undefined || this.keys.length === 0) return
    this.#connectAtRelNs = undefined
    this.#setState('connecting', '')
    this.stats.confirmDeadlineRelNs = this.#nowRelNs() + this.#config.captureConfirmTimeoutSeconds * 1e9
    this.#link = this.#newLink()
  }

  /**
   * Takes new instruments: the connection is closed and opened again for them, which counts as no reconnect. Without instruments it stays closed.
   */
  replaceKeys(keys: readonly string[]): void {
    this.keys = keys
    this.stats.confirmFailures = 0
    if (this.#link === undefined) {
      this.#connectAtRelNs = this.#nowRelNs()
      return
    }
    this.#dropSuccessor()
    this.#cut('refresh', 'the list of instruments changed')
  }

  /** Asks again for instruments that did not come. @returns whether it could be asked */
  resubscribe(keys: readonly string[]): boolean {
    const link = this.#link
    if (link?.isOpen !== true || this.#transport.resubscribeMessages === undefined) return false
    for (const { text } of this.#transport.resubscribeMessages(keys)) link.send(text)
    return true
  }

  /** Looks at the clocks of this connection; called several times a second. */
  check(): void {
    const now = this.#nowRelNs()
    if (this.#connectAtRelNs !== undefined && now >= this.#connectAtRelNs) this.connect()
    if (this.#link === undefined) return
    const { stats } = this
    if (!stats.confirmed && stats.confirmDeadlineRelNs !== undefined && now >= stats.confirmDeadlineRelNs) return this.#confirmMissed()
    if (!this.isOpen) return
    this.#checkSilence(now)
    this.#checkPing(now)
    if (now >= this.#nextRenewRelNs) this.#renew(now)
  }

  /** Closes for good. The owner hears `closed` with trigger stop when the connection was open. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#connectAtRelNs = undefined
    this.#dropSuccessor()
    const link = this.#link
    if (link === undefined) return this.#setState('closed', 'stopped')
    this.#pendingTrigger = { trigger: 'stop', reason: 'the capture was stopped' }
    await link.close(CLOSE_WAIT_MS)
  }

  #newLink(): SocketLink {
    const { wsUserAgent, captureConfirmTimeoutSeconds } = this.#config
    const link: SocketLink = new SocketLink({
      url: this.#transport.socketUrl(this.keys),
      userAgent: wsUserAgent,
      handshakeTimeoutMs: Math.max(1000, captureConfirmTimeoutSeconds * 1000),
      onOpen: () => this.#onOpen(link),
      onMessage: (data, binary) => this.#onMessage(link, data, binary),
      onClose: (code, reason, retryAfterNs) => this.#onClose(link, code, reason, retryAfterNs)
    })
    return link
  }

  #onOpen(link: SocketLink): void {
    this.#opened.add(link)
    this.#owner.opened(this.shard, link.url)
    const variant = this.#variantName()
    this.#transport.subscribeMessages(this.keys, this.#variant).forEach((message, groupIndex) => {
      link.send(message.text)
      this.#owner.subscribing(this.shard, {
        variant,
        groupIndex,
        tokenCount: message.keys.length,
        payloadBytes: Buffer.byteLength(message.text)
      })
    })
    if (link === this.#link) this.#settleOpen(link)
  }

  #settleOpen(link: SocketLink): void {
    const now = this.#nowRelNs()
    const { stats } = this
    const maxAge = this.#transport.maxConnectionSeconds
    this.#nextRenewRelNs = maxAge === undefined ? Infinity : now + maxAge * 1e9
    stats.firstOpenRelNs ??= now
    stats.lastDataRelNs = now
    if (stats.lostSinceRelNs !== undefined) {
      stats.disconnectedNs += now - stats.lostSinceRelNs
      stats.disconnectedSeconds = [...stats.disconnectedSeconds, (now - stats.lostSinceRelNs) / 1e9].slice(-KEPT_INCIDENTS)
    }
    stats.lostSinceRelNs = undefined
    this.#pongDueRelNs = undefined
    this.#nextPingRelNs = now + this.#config.wsPingIntervalSeconds * 1e9
    this.#setState('open', link.url)
    this.#confirmIfEnough()
  }

  /** Make before break: the old connection is left only when the new one brings data. One that fails is tried again a little later. */
  #renew(now: number): void {
    this.#nextRenewRelNs = now + RENEW_RETRY_NS
    this.#dropSuccessor()
    this.#successor = this.#newLink()
  }

  #takeOver(successor: SocketLink): void {
    const old = this.#link
    this.#link = successor
    this.#successor = undefined
    this.#settleOpen(successor)
    void old?.close(CLOSE_WAIT_MS)
  }

  #dropSuccessor(): void {
    const successor = this.#successor
    this.#successor = undefined
    successor?.terminate()
  }

  #onMessage(link: SocketLink, data: Buffer, binary: boolean): void {
    const receivedRelNs = this.#owner.message(this.shard, data, binary)
    if (data.length <= 8 && !this.#isShortData(data)) return
    if (link === this.#successor) this.#takeOver(link)
    const { stats } = this
    stats.lastDataRelNs = receivedRelNs
    stats.confirmEvents += 1
    this.#confirmIfEnough()
    if (this.#state === 'silent') this.#setState('open', 'data comes again')
  }

  /** Keep-alive texts and empty acknowledgements are no data. */
  #isShortData(data: Buffer): boolean {
    const text = data.toString('latin1').trim()
    if (text === this.#transport.keepAlive?.pong) this.#pongDueRelNs = undefined
    return text !== 'PONG' && text !== 'PING' && text !== '[]' && text !== ''
  }

  #confirmIfEnough(): void {
    const { stats } = this
    if (stats.confirmed || stats.confirmEvents < this.#config.captureConfirmMinEvents) return
    stats.confirmed = true
    this.#owner.confirmed(this.shard, {
      variant: this.#variantName(),
      events: stats.confirmEvents,
      deadlineRelNs: stats.confirmDeadlineRelNs ?? 0
    })
    stats.confirmDeadlineRelNs = undefined
  }

  #unconfirm(): void {
    this.stats.confirmed = false
    this.stats.confirmEvents = 0
    this.stats.confirmDeadlineRelNs = undefined
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
    if (keepAlive === undefined || this.#link?.isOpen !== true) return
    if (this.#pongDueRelNs !== undefined) {
      if (now >= this.#pongDueRelNs) this.#cut('ping_timeout', `no ${keepAlive.pong} within ${this.#config.wsPingTimeoutSeconds} s`)
      return
    }
    if (now < this.#nextPingRelNs) return
    this.#link.send(keepAlive.ping)
    this.#nextPingRelNs = now + this.#config.wsPingIntervalSeconds * 1e9
    this.#pongDueRelNs = now + this.#config.wsPingTimeoutSeconds * 1e9
  }

  /** Ends the connection at once; the reason is told when the socket has closed. */
  #cut(trigger: CloseTrigger, reason: string): void {
    this.#pendingTrigger ??= { trigger, reason }
    this.#link?.terminate()
  }

  #onClose(link: SocketLink, code: number, reason: string, retryAfterNs: number): void {
    if (link !== this.#link) return this.#onSecondClosed(link, code)
    this.#dropSuccessor()
    const wasOpen = this.isOpen
    const pending = this.#pendingTrigger
    this.#pendingTrigger = undefined
    this.#link = undefined
    this.#retryAfterNs = retryAfterNs
    const facts = { trigger: pending?.trigger ?? 'exception', code, reason: pending?.reason ?? reason, wasOpen, overlap: false } as const
    this.#setState('closed', facts.reason)
    this.#owner.closed(this.shard, facts)
    // The last heartbeat of a run tells how its connections stood when it was stopped.
    if (this.#stopped || facts.trigger === 'stop') return
    this.#unconfirm()
    this.#scheduleReconnect(facts)
  }

  /** One of two connections ended while the other one stands: the renewed one, or a successor that failed. */
  #onSecondClosed(link: SocketLink, code: number): void {
    if (link === this.#successor) this.#successor = undefined
    if (!this.#opened.has(link)) return
    const reason = 'one of two connections ended while the other one went on'
    this.#owner.closed(this.shard, { trigger: 'refresh', code, reason, wasOpen: true, overlap: true })
  }

  #scheduleReconnect(facts: ClosedFacts): void {
    const { stats } = this
    const now = this.#nowRelNs()
    const limit = this.#config.wsReconnectMax
    if (facts.trigger !== 'refresh') {
      if (facts.wasOpen) stats.disconnectedIncidents += 1
      if (stats.firstOpenRelNs !== undefined) stats.lostSinceRelNs ??= now
      stats.reconnects += 1
    }
    this.#owner.reconnecting(this.shard, { ...facts, reconnects: stats.reconnects })
    if (facts.trigger !== 'refresh' && limit !== null && stats.reconnects > limit) {
      const message = `Shard ${this.shard} lost its connection ${stats.reconnects} times; ${limit} reconnects are allowed (ws_reconnect_max). Last reason: ${facts.reason || `code ${facts.code}`}.`
      return this.#owner.fatal('RECONNECT_STORM', message)
    }
    const pauseNs =
      facts.trigger === 'refresh' ? 0 : Math.max(this.#config.wsReconnectBackoffSeconds * 1e9, Math.min(this.#retryAfterNs, 60e9))
    this.#retryAfterNs = 0
    this.#connectAtRelNs = this.keys.length === 0 ? undefined : now + pauseNs
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
