import { toFailure } from '../../../shared/errors.ts'
import type { BookWatch } from './bookWatch.ts'
import type { CaptureEvent, TapeReport } from '../threads/captureMessages.ts'
import type { CaptureConfig } from './config.ts'
import type { ConnectionBoard } from './connectionBoard.ts'
import type { DiskWatch } from './diskWatch.ts'
import type { FrameLogs } from './frameLogs.ts'
import {
  coverageFields,
  globalHeartbeat,
  journalFields,
  shardHeartbeat,
  tapeFields,
  type HeartbeatTime,
  type ShardFacts
} from './heartbeat.ts'
import { inHostTime } from './hostTimes.ts'
import { lossFields, type LossCounts } from './losses.ts'
import { FEE_REGIME } from './manifestFields.ts'
import type { ReceiveClock } from './receiveClock.ts'
import type { RunFiles, RunRecord } from './runFiles.ts'
import { sourceFields } from './sourceHealth.ts'

export interface HealthReporterOptions {
  readonly config: CaptureConfig
  readonly files: RunFiles
  readonly logs: FrameLogs
  readonly board: ConnectionBoard
  readonly books: BookWatch
  readonly clock: ReceiveClock
  readonly disk: DiskWatch
  readonly emit: (event: CaptureEvent) => void
  /** Facts of the universe: version, refreshes, policies. */
  readonly universe: () => RunRecord
}

const RECENT = 10
const STALLED_BEATS = 3

/** Writes the heartbeats: one line for the run and one for each shard, and tells the owner. */
export class HealthReporter {
  /** How often `poll` is to be called; its lateness is the loop's lag. */
  static readonly POLL_MS = 100
  /** The newest lines of the run, oldest first. */
  readonly recent: string[] = []
  /** Heartbeats that could not be written. */
  metricsDrops = 0
  readonly #options: HealthReporterOptions
  #lastPollRelNs: number | undefined
  #lagMaxMs = 0
  #disk: RunRecord = {}
  #diskFreeBytes: number | undefined
  #flushesWithoutBytes = 0
  #lostBefore = 0
  #tickWorkNs = 0
  #stalledBeats = 0
  #coverageAtRelNs = -Infinity
  #journalFaults = 0
  #coverage = new Map<number | undefined, ShardFacts['books']>()

  constructor(options: HealthReporterOptions) {
    this.#options = options
  }

  /** Time from receiving to writing was too long in so many heartbeats in a row that the plant cannot keep up. */
  get isStalled(): boolean {
    return this.#stalledBeats >= STALLED_BEATS
  }

  get losses(): LossCounts {
    const { logs, files } = this.#options
    const { lostRecords, lostBatches } = logs
    return { lostRecords, lostBatches, metricsDrops: this.metricsDrops, slowRunlogWrites: files.slowRunlogWrites }
  }

  poll(): void {
    const { clock } = this.#options
    const now = clock.nowRelNs()
    if (this.#lastPollRelNs !== undefined)
      this.#lagMaxMs = Math.max(this.#lagMaxMs, (now - this.#lastPollRelNs) / 1e6 / clock.speed - HealthReporter.POLL_MS)
    this.#lastPollRelNs = now
  }

  /** @returns free bytes on the disk, where the system says so */
  async checkDisk(): Promise<number | undefined> {
    const begun = this.#options.clock.nowRelNs()
    this.#diskFreeBytes = await this.#options.disk.freeBytes()
    this.#disk = { disk_check_performed: true, disk_check_ns: this.#options.clock.nowRelNs() - begun }
    return this.#diskFreeBytes
  }

  /** @throws the operating system's error when the run log refuses; metrics that cannot be written are counted, unless the disk is full */
  beat(): void {
    const { files, logs, clock, emit, config } = this.#options
    const time: HeartbeatTime = { ...clock.nowOnDisk(), relNs: clock.nowRelNs() }
    const shards = this.#shardFacts(time)
    const fields = this.#globalFields(shards, time)
    files.log('heartbeat', { hb_wall_ns_utc: time.wallNs, hb_mono_ns: time.monoNs })
    this.#writeMetrics(() => {
      for (const facts of shards) {
        const samples = logs.samplesByShard[facts.writer.shard]
        if (samples !== undefined) files.shardHeartbeat(facts.writer.shard, inHostTime(shardHeartbeat(facts, samples, time), clock.speed))
      }
      const json = files.globalHeartbeat(fields)
      this.recent.push(json)
      if (this.recent.length > RECENT) this.recent.shift()
      emit({ kind: 'heartbeat', json, monoNs: time.monoNs })
    })
    this.#tellJournal(time)
    const backpressureMs = Number(fields['backpressure_ns_p99'] ?? 0) / 1e6
    this.#stalledBeats = backpressureMs > config.captureBackpressureFatalMs ? this.#stalledBeats + 1 : 0
    this.#tickWorkNs = clock.nowRelNs() - time.relNs
  }

  /** The run log keeps when the journal could not be written. */
  #tellJournal({ wallNs, monoNs }: HeartbeatTime): void {
    const journal = this.#options.books.report?.journal
    if (journal === undefined || journal.faults <= this.#journalFaults) return
    this.#journalFaults = journal.faults
    const what = { faults: journal.faults, error: journal.lastFault ?? '', missed_lines: journal.missedLines }
    this.#options.files.log('journal_error', { ts_wall_ns_utc: wallNs, ts_mono_ns: monoNs, ...what })
  }

  #writeMetrics(write: () => void): void {
    try {
      write()
    } catch (error) {
      const { code, message } = toFailure(error)
      if (code === 'DISK_FULL') throw error
      this.metricsDrops += 1
      this.#options.files.log('metrics_writer_error', { error: message })
    }
  }

  #shardFacts(time: HeartbeatTime): ShardFacts[] {
    const { logs, board, books, config } = this.#options
    const report = books.report
    if (time.relNs - this.#coverageAtRelNs >= config.captureCoverageMetricsIntervalSeconds * 1e9) {
      this.#coverageAtRelNs = time.relNs
      const shards = [undefined, ...logs.writers.map((writer) => writer.shard)]
      this.#coverage = new Map(shards.map((shard) => [shard, books.coverage(shard)]))
    }
    return logs.writers.map((writer) => {
      const connection = board.connections.get(writer.shard)
      return {
        writer,
        stats: connection?.stats,
        keyCount: connection?.keys.length ?? 0,
        books: this.#coverage.get(writer.shard),
        decoded: report === undefined ? undefined : decodedBy(report, writer.shard)
      }
    })
  }

  #globalFields(shards: readonly ShardFacts[], time: HeartbeatTime): RunRecord {
    const { logs, books, clock, config } = this.#options
    const { report } = books
    const written = logs.writers.reduce((sum, writer) => sum + writer.writtenRecords, 0)
    const fields = {
      ...globalHeartbeat(shards, logs.samples, time),
      ...this.#options.universe(),
      ...coverageFields(this.#coverage.get(undefined)),
      loop_lag_ms_max_last_interval: Math.round(this.#lagMaxMs * 1000) / 1000,
      ...logs.times.take(report !== undefined),
      dropped_messages_count: logs.lostRecords - this.#lostBefore,
      dropped_messages_total: logs.lostRecords,
      ...lossFields(this.losses),
      ...FEE_REGIME,
      frame_write_queue_size: logs.pendingRecords,
      frame_write_dropped: logs.lostRecords,
      frame_write_processed: written,
      ...tapeFields(report, written),
      first_books_asked_again: books.resubscribed,
      ...journalFields(report?.journal),
      metrics_writer_errors: this.metricsDrops,
      flushes_without_credit: logs.flushesWithoutBytes - this.#flushesWithoutBytes,
      hb_tick_work_ns: this.#tickWorkNs,
      disk_check_performed: false,
      ...this.#disk,
      ...(this.#diskFreeBytes === undefined ? {} : { disk_free_bytes: this.#diskFreeBytes })
    }
    this.#disk = {}
    this.#lagMaxMs = 0
    this.#lostBefore = logs.lostRecords
    this.#flushesWithoutBytes = logs.flushesWithoutBytes
    const told = inHostTime(fields, clock.speed)
    return { ...told, ...sourceFields(config.venue, shards, time.relNs, report, told['ws_rx_to_applied_ms_mean']) }
  }
}

function decodedBy(report: TapeReport, shard: number): ShardFacts['decoded'] {
  const facts = report.shards.find((one) => one.shard === shard)
  return { errors: facts?.malformed ?? 0, kinds: facts?.kinds ?? {} }
}
