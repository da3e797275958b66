import type { CaptureEvent } from '../threads/captureMessages.ts'
import type { ConnectionBoard } from './connectionBoard.ts'
import type { DiskWatch } from './diskWatch.ts'
import type { FrameLogs } from './frameLogs.ts'
import { globalHeartbeat, shardHeartbeat, type HeartbeatTime, type ShardFacts } from './heartbeat.ts'
import type { ReceiveClock } from './receiveClock.ts'
import type { RunFiles } from './runFiles.ts'

export interface HealthReporterOptions {
  readonly files: RunFiles
  readonly logs: FrameLogs
  readonly board: ConnectionBoard
  readonly clock: ReceiveClock
  readonly disk: DiskWatch
  readonly emit: (event: CaptureEvent) => void
}

const RECENT = 10

/** Writes the heartbeats: one line for the run and one for each shard, and tells the owner. */
export class HealthReporter {
  /** How often `poll` is to be called; its lateness is the loop's lag. */
  static readonly POLL_MS = 100
  /** The newest lines of the run, oldest first. */
  readonly recent: string[] = []
  readonly #options: HealthReporterOptions
  #lastPollRelNs: number | undefined
  #lagMaxMs = 0
  #diskFreeBytes: number | undefined
  #flushesWithoutBytes = 0

  constructor(options: HealthReporterOptions) {
    this.#options = options
  }

  poll(): void {
    const now = this.#options.clock.nowRelNs()
    if (this.#lastPollRelNs !== undefined)
      this.#lagMaxMs = Math.max(this.#lagMaxMs, (now - this.#lastPollRelNs) / 1e6 - HealthReporter.POLL_MS)
    this.#lastPollRelNs = now
  }

  /** @returns free bytes on the disk, where the system says so */
  async checkDisk(): Promise<number | undefined> {
    this.#diskFreeBytes = await this.#options.disk.freeBytes()
    return this.#diskFreeBytes
  }

  /** @throws the operating system's error */
  beat(): void {
    const { files, logs, board, clock, emit } = this.#options
    const time: HeartbeatTime = { ...clock.nowOnDisk(), relNs: clock.nowRelNs() }
    const shards: ShardFacts[] = logs.writers.map((writer) => {
      const connection = board.connections.get(writer.shard)
      return { writer, stats: connection?.stats, keyCount: connection?.keys.length ?? 0 }
    })
    for (const facts of shards) {
      const samples = logs.samplesByShard[facts.writer.shard]
      if (samples !== undefined) files.shardHeartbeat(facts.writer.shard, shardHeartbeat(facts, samples, time))
    }
    const json = files.globalHeartbeat({
      ...globalHeartbeat(shards, logs.samples, time),
      universe_version: 1,
      loop_lag_ms_max_last_interval: Math.round(this.#lagMaxMs * 1000) / 1000,
      dropped_messages_count: 0,
      dropped_messages_total: 0,
      loss_total: 0,
      flushes_without_credit: logs.flushesWithoutBytes - this.#flushesWithoutBytes,
      ...(this.#diskFreeBytes === undefined ? {} : { disk_free_bytes: this.#diskFreeBytes })
    })
    this.#lagMaxMs = 0
    this.#flushesWithoutBytes = logs.flushesWithoutBytes
    this.recent.push(json)
    if (this.recent.length > RECENT) this.recent.shift()
    files.log('heartbeat', { hb_wall_ns_utc: time.wallNs, hb_mono_ns: time.monoNs })
    emit({ kind: 'heartbeat', json, monoNs: time.monoNs })
  }
}
