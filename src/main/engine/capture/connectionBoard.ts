import { FLAG_BINARY, FLAG_NOTE, FLAG_TEXT } from '../bundle/index.ts'
import type { FeedTransport, ShardKeys } from '../feeds/index.ts'
import type { CaptureEvent } from '../threads/captureMessages.ts'
import type { CaptureConfig } from './config.ts'
import type { ReceiveClock } from './receiveClock.ts'
import type { RunRecord } from './runFiles.ts'
import { ShardConnection, type ConnectionOwner } from './shardConnection.ts'

export interface ConnectionBoardOptions {
  readonly config: CaptureConfig
  readonly transport: FeedTransport
  readonly clock: ReceiveClock
  readonly plans: readonly ShardKeys[]
  /** Appends a record to a shard's frame log. */
  readonly keep: (shard: number, payload: Uint8Array, flags: number) => void
  readonly log: (recordType: string, fields: RunRecord) => void
  readonly emit: (event: CaptureEvent) => void
  readonly fatal: (reason: 'RECONNECT_STORM' | 'SUBSCRIBE_CONFIRM_FAIL', message: string) => void
}

/** All connections of a run. What happens to them becomes notes in the frame log and records in the run log. */
export class ConnectionBoard {
  /** By shard; shards that never had instruments have none. */
  readonly connections: Map<number, ShardConnection>
  readonly #options: ConnectionBoardOptions
  readonly #owner: ConnectionOwner
  /** Universe version that a shard is being connected for. */
  readonly #refreshing = new Map<number, number>()

  constructor(options: ConnectionBoardOptions) {
    this.#options = options
    this.#owner = this.#newOwner()
    this.connections = new Map(
      options.plans.filter((plan) => plan.keys.length > 0).map((plan) => [plan.shard, this.#newConnection(plan.shard, plan.keys)])
    )
  }

  connectAll(): void {
    for (const connection of this.connections.values()) connection.connect()
  }

  check(): void {
    for (const connection of this.connections.values()) connection.check()
  }

  isOpen(shard: number): boolean {
    return this.connections.get(shard)?.isOpen ?? false
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.connections.values()].map((connection) => connection.stop()))
  }

  /** Gives a shard new instruments and connects it anew for them. */
  replaceKeys(shard: number, keys: readonly string[], fromVersion: number, toVersion: number): void {
    const { log, transport } = this.#options
    const connection = this.connections.get(shard)
    const before = connection?.keys ?? []
    const now = new Set(keys)
    const removed = before.filter((key) => !now.has(key))
    log('shard_refresh_begin', {
      shard_id: shard,
      from_version: fromVersion,
      to_version: toVersion,
      from_token_count: before.length,
      to_token_count: keys.length
    })
    // First of all: what the log says of these instruments from here on is nobody's business.
    if (removed.length > 0) this.#note(shard, { note: 'unsubscribed', venue: transport.venue, tokens: removed })
    this.#refreshing.set(shard, toVersion)
    if (keys.length === 0) this.#refreshApplied(shard, 0)
    if (connection !== undefined) return connection.replaceKeys(keys)
    const created = this.#newConnection(shard, keys)
    this.connections.set(shard, created)
    created.connect()
  }

  #newConnection(shard: number, keys: readonly string[]): ShardConnection {
    const { transport, config, clock } = this.#options
    return new ShardConnection(shard, keys, transport, config, this.#owner, () => clock.nowRelNs())
  }

  #refreshApplied(shard: number, events: number): void {
    const version = this.#refreshing.get(shard)
    if (version === undefined) return
    this.#refreshing.delete(shard)
    this.#options.log('shard_refresh_applied', { shard_id: shard, to_version: version, confirm_reset: true, confirm_events_seen: events })
  }

  #note(shard: number, fields: Readonly<Record<string, unknown>>): void {
    this.#options.keep(shard, Buffer.from(JSON.stringify(fields)), FLAG_TEXT | FLAG_NOTE)
  }

  #newOwner(): ConnectionOwner {
    const { keep, log, emit, fatal, transport, config } = this.#options
    const { venue } = transport
    const note = (shard: number, fields: Readonly<Record<string, unknown>>): void => this.#note(shard, fields)
    const limits = {
      ping_interval_seconds: config.wsPingIntervalSeconds,
      ping_timeout_seconds: config.wsPingTimeoutSeconds,
      data_idle_reconnect_seconds: config.wsDataIdleReconnectSeconds
    }
    return {
      message: (shard, payload, binary) => {
        keep(shard, payload, binary ? FLAG_BINARY : FLAG_TEXT)
        return this.#options.clock.monoRelNs
      },
      opened: (shard, url) => {
        note(shard, { note: 'conn_open', venue, url, ...transport.openNote(this.connections.get(shard)?.keys ?? []) })
        log('ws_connect', { shard_id: shard, ws_url: url, user_agent_header: config.wsUserAgent, ...limits, ...this.#stamps() })
      },
      closed: (shard, { trigger, code, reason, wasOpen, overlap }) => {
        if (wasOpen) note(shard, { note: 'conn_closed', venue, trigger, code, reason, ...(overlap ? { overlap } : {}) })
      },
      reconnecting: (shard, { trigger, code, reason, reconnects }) => {
        // A connection that is closed on purpose for new instruments has its own records.
        if (trigger === 'refresh') return
        const close = { close_code: code, close_reason: reason, close_was_clean: code === 1000 || code === 1001 }
        log('reconnect', { shard_id: shard, reason: reasonName(trigger), trigger, ...close, ...limits, reconnects, ...this.#stamps() })
      },
      subscribing: (shard, { variant, groupIndex, tokenCount, payloadBytes }) =>
        log('subscribe_attempt', {
          shard_id: shard,
          variant,
          group_index: groupIndex,
          token_count: tokenCount,
          payload_bytes: payloadBytes
        }),
      confirmed: (shard, { variant, events, deadlineRelNs }) => {
        log('subscribe_confirm_success', {
          shard_id: shard,
          confirm_events_seen: events,
          confirm_deadline_mono_ns: this.#options.clock.t0MonoNs + BigInt(Math.round(deadlineRelNs)),
          variant
        })
        this.#refreshApplied(shard, events)
      },
      confirmFailed: (shard, { variant, events }) =>
        log('subscribe_confirm_fail', { shard_id: shard, variant, confirm_events_seen: events }),
      state: (shard, state, detail) => emit({ kind: 'shardState', shard, state, detail }),
      fatal
    }
  }

  #stamps(): RunRecord {
    const { monoNs, wallNs } = this.#options.clock.nowOnDisk()
    return { ts_mono_ns: monoNs, ts_wall_ns_utc: wallNs }
  }
}

/** The names that the original system's run logs use. */
function reasonName(trigger: string): string {
  return trigger === 'exception' ? 'ConnectionClosedError' : 'TimeoutError'
}
