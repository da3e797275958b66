import { StudioError } from '../../../../shared/errors.ts'
import { FLAG_BINARY, FLAG_REST, FLAG_TEXT, type FrameCursor } from '../../bundle/index.ts'
import { discoverUniverse, transportOf, type CaptureConfig, type RestOptions } from '../../capture/index.ts'
import type { Clock } from '../../clock.ts'
import type { FeedTransport } from '../../feeds/index.ts'
import type { FrameSource } from './frameSource.ts'
import { LiveConnection, type LiveConnectionOwner } from './liveConnection.ts'
import { LiveQueue } from './liveQueue.ts'
import { plainGet } from './plainGet.ts'

export interface LiveSourceOptions {
  /** Settings of a capture; those about disk and bundle mean nothing here. */
  readonly config: CaptureConfig
  /** End after so long; undefined = when told to. */
  readonly durationSeconds?: number | undefined
  readonly clock: Clock
  readonly sleep: (ms: number) => Promise<void>
  /** Gives up looking for instruments; a run that has begun is ended by `stop`. */
  readonly signal?: AbortSignal | undefined
}

export interface LiveStats {
  reconnects: number
  confirmTimeouts: number
  /** Connections that ended because no reconnect was left. */
  shardsEnded: number
}

const CHECK_MS = 100

/** Frames from connections that are open now. Nothing is written to disk. */
export class LiveSource implements FrameSource {
  readonly runId = 'live'
  readonly venue: 'polymarket' | 'binance'
  readonly t0MonoNs: bigint
  readonly originTsNs: bigint
  ended = false
  readonly exhausted = false
  onMissing: FrameSource['onMissing']
  readonly cuts = []
  readonly stats: LiveStats = { reconnects: 0, confirmTimeouts: 0, shardsEnded: 0 }
  readonly queue: LiveQueue
  readonly #options: LiveSourceOptions
  readonly #transport: FeedTransport
  readonly #abort = new AbortController()
  readonly #connections = new Map<number, LiveConnection>()
  readonly #asked = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #lastRelNs = 0
  #endRelNs = Infinity

  /** @throws StudioError VENUE_UNREACHABLE, VENUE_REFUSED, CONFIG_INVALID when there is nothing to listen to */
  static async open(options: LiveSourceOptions): Promise<LiveSource> {
    const source = new LiveSource(options)
    const giveUp = (): void => source.#abort.abort()
    options.signal?.addEventListener('abort', giveUp)
    try {
      await source.#connect()
      return source
    } catch (error) {
      await source.close()
      throw error
    } finally {
      options.signal?.removeEventListener('abort', giveUp)
    }
  }

  private constructor(options: LiveSourceOptions) {
    const { clock, config } = options
    this.#options = options
    this.venue = config.venue
    this.#transport = transportOf(config)
    this.t0MonoNs = clock.monoNs()
    this.originTsNs = clock.wallNs()
    this.queue = new LiveQueue({ t0MonoNs: this.t0MonoNs, t0WallNs: this.originTsNs })
  }

  /** Nanoseconds since the origin: the clock of the frames' receive times. */
  readonly nowRelNs = (): number => Number(this.#options.clock.monoNs() - this.t0MonoNs)

  next(): FrameCursor | undefined {
    const frame = this.ended ? undefined : this.queue.next()
    if (frame !== undefined && this.queue.isHole) this.#tellDropped(frame)
    return frame
  }

  /** What was dropped stands in front of this frame. */
  #tellDropped({ shard, monoRelNs }: FrameCursor): void {
    this.onMissing?.({ shard, bytes: 0, records: 0, sinceRelNs: monoRelNs, reason: 'the queue of the run was full' })
  }

  async wait(): Promise<void> {
    if (!this.ended) await this.queue.wait()
  }

  progress(): number | undefined {
    const { durationSeconds } = this.#options
    return durationSeconds === undefined ? undefined : Math.min(1, this.nowRelNs() / (durationSeconds * 1e9))
  }

  /** Ends the run in order: no further frame comes. */
  stop(): void {
    this.ended = true
    this.queue.wake()
  }

  close(): Promise<void> {
    this.stop()
    clearInterval(this.#timer)
    this.#abort.abort()
    for (const connection of this.#connections.values()) connection.end()
    return Promise.resolve()
  }

  /** Fetches the full book of an instrument; it comes through the queue like everything else. One is under way for each at most. */
  requestSnapshot(shard: number, key: string): void {
    if (this.#asked.has(key) || this.ended) return
    this.#asked.add(key)
    const { kind, url } = this.#transport.snapshot(key)
    plainGet(url, this.#rest(), this.#options.sleep)
      .then(({ status, body }) => {
        if (status !== 200 || this.ended) return
        const at = this.#stamp()
        this.queue.note(shard, { note: 'rest', venue: this.venue, kind, key, url, status, body: true }, at, at)
        const bodyAt = this.#stamp()
        this.queue.push(shard, body, FLAG_TEXT | FLAG_REST, bodyAt, bodyAt)
      })
      .catch(() => undefined) // The book stays untrusted, and the next message about it asks again.
      .finally(() => this.#asked.delete(key))
  }

  async #connect(): Promise<void> {
    const { config, durationSeconds, sleep } = this.#options
    const universe = await discoverUniverse(config, (_kind, url) => plainGet(url, this.#rest(), sleep))
    if (durationSeconds !== undefined) this.#endRelNs = this.nowRelNs() + durationSeconds * 1e9
    const owner = this.#owner()
    for (const { shard, keys } of universe.shards) {
      if (keys.length === 0) continue
      const facts = { shard, keys, transport: this.#transport, config, owner, nowNs: this.nowRelNs }
      this.#connections.set(shard, new LiveConnection(facts))
    }
    if (this.#connections.size === 0) throw new StudioError('VENUE_REFUSED', 'The venue named no instrument that could be listened to.')
    for (const connection of this.#connections.values()) connection.connect()
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
  }

  #check(): void {
    if (this.nowRelNs() >= this.#endRelNs) return this.stop()
    for (const connection of this.#connections.values()) connection.check()
  }

  #owner(): LiveConnectionOwner {
    const { config } = this.#options
    return {
      message: (shard, payload, binary) => {
        const at = this.#stamp()
        this.queue.push(shard, payload, binary ? FLAG_BINARY : FLAG_TEXT, at, at)
      },
      opened: (shard, url, keys) => {
        const at = this.#stamp()
        this.queue.note(shard, { note: 'conn_open', venue: this.venue, url, ...this.#transport.openNote(keys) }, at, at)
      },
      closed: (shard, facts) => {
        const at = this.#stamp()
        this.queue.note(shard, { note: 'conn_closed', venue: this.venue, ...facts }, at, at)
      },
      confirmMissed: () => void this.stats.confirmTimeouts++,
      mayReconnect: () => {
        if (config.wsReconnectMax !== null && this.stats.reconnects >= config.wsReconnectMax) return false
        this.stats.reconnects++
        return true
      },
      ended: (shard) => this.#connectionEnded(shard)
    }
  }

  /** The last connection to end ends the run. */
  #connectionEnded(shard: number): void {
    if (!this.#connections.delete(shard) || this.ended) return
    this.stats.shardsEnded++
    if (this.#connections.size === 0) this.stop()
  }

  /** Receive times rise strictly, as in a recording. */
  #stamp(): number {
    const now = this.nowRelNs()
    this.#lastRelNs = now > this.#lastRelNs ? now : this.#lastRelNs + 1
    return this.#lastRelNs
  }

  #rest(): RestOptions {
    const { restTimeout, wsUserAgent } = this.#options.config
    return { timeoutMs: restTimeout * 1000, userAgent: wsUserAgent, signal: this.#abort.signal }
  }
}
