import { StudioError, toFailure, type Failure } from '../../../shared/errors.ts'
import { FLAG_NOTE, FLAG_REST, FLAG_TEXT, readStudioFacts, writeStudioFacts } from '../bundle/index.ts'
import { hostClock, type Clock } from '../clock.ts'
import type { FeedTransport } from '../feeds/index.ts'
import type { CaptureEvent } from '../threads/captureMessages.ts'
import type { CaptureConfig } from './config.ts'
import { ConnectionBoard } from './connectionBoard.ts'
import { DiskWatch, lowDiskMessage } from './diskWatch.ts'
import { FrameLogs } from './frameLogs.ts'
import { HealthReporter } from './healthReporter.ts'
import { hostDisk, type Disk } from './logFile.ts'
import { ReceiveClock } from './receiveClock.ts'
import { RestRecorder, type RestNote } from './restRecorder.ts'
import { RunFiles, type UniverseFacts } from './runFiles.ts'
import { SnapshotDesk } from './snapshotDesk.ts'
import { discoverUniverse, transportOf } from './venues.ts'

const TICK_MS = 250
const SNAPSHOT_RETRY_MS = 5000
const MAX_POLITE_WAIT_MS = 60_000

export type FatalReason =
  | 'LOW_DISK'
  | 'RECONNECT_STORM'
  | 'SUBSCRIBE_CONFIRM_FAIL'
  | 'FRAME_WRITER_ERROR'
  | 'RUNLOG_FAILURE'
  | 'INTERNAL_ASSERT'

export interface CapturePlantOptions {
  readonly config: CaptureConfig
  readonly emit: (event: CaptureEvent) => void
  readonly clock?: Clock
  readonly disk?: Disk
}

interface Ending {
  readonly reason: string
  readonly failure: Failure | undefined
}

/**
 * One capture run: discovers instruments, holds the connections, keeps every byte, and ends in order. Runs without a thread of its own;
 * `capture.worker.ts` gives it one. Use once: `run()`, then `stop()`.
 */
export class CapturePlant {
  readonly #config: CaptureConfig
  readonly #emit: (event: CaptureEvent) => void
  readonly #clock: ReceiveClock
  readonly #disk: Disk
  readonly #transport: FeedTransport
  readonly #abort = new AbortController()
  readonly #timers: NodeJS.Timeout[] = []
  #files: RunFiles | undefined
  #logs: FrameLogs | undefined
  #board: ConnectionBoard | undefined
  #desk: SnapshotDesk | undefined
  #health: HealthReporter | undefined
  #ending: Ending | undefined
  #tellEnding: (() => void) | undefined
  #flushId = 0

  constructor(options: CapturePlantOptions) {
    this.#config = options.config
    this.#emit = options.emit
    this.#clock = new ReceiveClock(options.clock ?? hostClock)
    this.#disk = options.disk ?? hostDisk
    this.#transport = transportOf(options.config)
  }

  /** Captures until stopped, until the duration is over, or until it cannot go on. Never throws: what went wrong is a `failed` event. */
  async run(): Promise<void> {
    try {
      await this.#begin()
      await this.#untilEnding()
    } catch (error) {
      this.#end(
        error instanceof StudioError || !this.#abort.signal.aborted
          ? { reason: 'failed', failure: toFailure(error) }
          : { reason: 'stop', failure: undefined }
      )
    }
    await this.#finish(this.#ending ?? { reason: 'stop', failure: undefined })
  }

  /** Ends the run in order. @param reason as the run log will keep it: a signal's name, `duration`, `stop` */
  stop(reason: string): void {
    this.#end({ reason, failure: undefined })
  }

  /** See CaptureCommand. */
  grantCredit(bytes: number): void {
    this.#logs?.grant(bytes)
  }

  requestSnapshot(shard: number, key: string): void {
    this.#desk?.request(shard, key)
  }

  async #begin(): Promise<void> {
    const free = await new DiskWatch(this.#config).freeBytes()
    const low = lowDiskMessage(free, this.#config)
    if (low !== undefined) throw new StudioError('DISK_FULL', low)
    const files = new RunFiles(this.#config, this.#clock, this.#disk)
    this.#files = files
    const logs = this.#openLogs(files)
    const venue = this.#config.venue
    writeStudioFacts(files.paths.dir, { ...this.#studioFacts(), fingerprint: undefined, stoppedWallNs: undefined })
    this.#emit({
      kind: 'started',
      runDir: files.paths.dir,
      runId: files.runId,
      t0MonoNs: this.#clock.t0MonoNs,
      t0WallNs: this.#clock.t0WallNs
    })
    this.#every(TICK_MS, () => logs.append(0, Buffer.from('{"note":"tick"}'), FLAG_TEXT | FLAG_NOTE))
    const sink = (shard: number, note: RestNote, body: Buffer | undefined): void => this.#keepRest(shard, note, body)
    const { restTimeout, wsUserAgent: userAgent } = this.#config
    const signal = this.#abort.signal
    const recorder = new RestRecorder({ venue, sink, signal, userAgent, timeoutMs: restTimeout * 1000, maxWaitMs: MAX_POLITE_WAIT_MS })
    if (this.#config.durationSeconds !== null) this.#after(this.#config.durationSeconds * 1000, () => this.stop('duration'))
    const universe = await discoverUniverse(this.#config, (kind, url) => recorder.discover(kind, url))
    if (this.#ending !== undefined) return
    this.#connect(files, logs, universe, recorder)
  }

  #openLogs(files: RunFiles): FrameLogs {
    const logs = new FrameLogs({
      disk: this.#disk,
      captureDir: files.paths.captureDir,
      clock: this.#clock,
      maxSamples: this.#config.captureMetricsMaxSamples,
      fsyncIntervalMs: this.#config.captureFsyncIntervalSeconds * 1000,
      flushed: (parts) => this.#emit({ kind: 'frames', flushId: this.#flushId++, parts }),
      faulted: (error, where) => this.#diskFault(error, where)
    })
    this.#logs = logs
    logs.addShard()
    files.addShard(0)
    return logs
  }

  #connect(files: RunFiles, logs: FrameLogs, universe: UniverseFacts, recorder: RestRecorder): void {
    for (let shard = logs.writers.length; shard < universe.shards.length; shard++) {
      logs.addShard()
      files.addShard(shard)
    }
    files.writeManifest(universe)
    const tokenCount = universe.shards.reduce((sum, plan) => sum + plan.keys.length, 0)
    files.log('capture_start', { shards: universe.shards.length, token_count: tokenCount, universe_version: 1 })
    const board = new ConnectionBoard({
      config: this.#config,
      transport: this.#transport,
      clock: this.#clock,
      plans: universe.shards,
      keep: (shard, payload, flags) => logs.append(shard, payload, flags),
      log: (type, fields) => this.#log(type, fields),
      emit: this.#emit,
      fatal: (reason, message) => this.#fatal(reason, message, { code: 'VENUE_UNREACHABLE', message })
    })
    this.#board = board
    const { signal } = this.#abort
    const sink = (shard: number, note: RestNote, body: Buffer | undefined): void => this.#keepRest(shard, note, body)
    this.#desk = new SnapshotDesk({
      transport: this.#transport,
      recorder,
      sink,
      signal,
      isOpen: (shard) => board.isOpen(shard),
      retryMs: SNAPSHOT_RETRY_MS
    })
    this.#health = new HealthReporter({ files, logs, board, clock: this.#clock, disk: new DiskWatch(this.#config), emit: this.#emit })
    this.#every(HealthReporter.POLL_MS, () => this.#poll())
    this.#every(this.#config.captureHeartbeatIntervalSeconds * 1000, () => this.#beat())
    this.#every(this.#config.captureDiskUsageIntervalSeconds * 1000, () => void this.#checkDisk())
    board.connectAll()
  }

  #keepRest(shard: number, note: RestNote, body: Buffer | undefined): void {
    this.#logs?.append(shard, Buffer.from(JSON.stringify(note)), FLAG_TEXT | FLAG_NOTE)
    if (body !== undefined) this.#logs?.append(shard, body, FLAG_TEXT | FLAG_REST)
  }

  #poll(): void {
    this.#health?.poll()
    this.#board?.check()
  }

  #beat(): void {
    try {
      this.#health?.beat()
    } catch (error) {
      this.#diskFault(error, 'write')
    }
  }

  async #checkDisk(): Promise<void> {
    const free = await this.#health?.checkDisk()
    const low = free === undefined ? undefined : lowDiskMessage(free, this.#config)
    if (low !== undefined) this.#fatal('LOW_DISK', low, { code: 'DISK_FULL', message: low })
  }

  #log(type: string, fields: Parameters<RunFiles['log']>[1]): void {
    try {
      this.#files?.log(type, fields)
    } catch (error) {
      this.#diskFault(error, 'write')
    }
  }

  #diskFault(error: unknown, where: 'write' | 'sync'): void {
    const failure = toFailure(error)
    const reason = failure.code === 'DISK_FULL' ? 'LOW_DISK' : 'FRAME_WRITER_ERROR'
    const what = where === 'sync' ? 'The disk could not confirm that the recording is safe' : 'The recording could not be written'
    const message = `${what}; the run was ended. Everything acknowledged before is kept. ${failure.message}`
    this.#fatal(reason, message, { code: failure.code === 'DISK_FULL' ? 'DISK_FULL' : 'FILE_FAILED', message })
  }

  #fatal(reason: FatalReason, message: string, failure: Failure): void {
    if (this.#ending !== undefined) return
    this.#end({ reason, failure })
    const files = this.#files
    if (files === undefined) return
    // The disk may refuse these words too; the failure itself goes to the owner all the same.
    tryEach([
      () => files.releaseReserve(),
      () => files.writeFatal(reason, message, this.#health?.recent ?? []),
      () => files.log('fatal', { fatal_reason: reason, fatal_message: message })
    ])
  }

  #end(ending: Ending): void {
    if (this.#ending !== undefined) return
    this.#ending = ending
    this.#abort.abort()
    this.#tellEnding?.()
  }

  async #untilEnding(): Promise<void> {
    if (this.#ending !== undefined) return
    await new Promise<void>((resolve) => {
      this.#tellEnding = resolve
    })
  }

  async #finish(ending: Ending): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#board?.stopAll()
    const whole = (await this.#logs?.close()) ?? true
    const files = this.#files
    const frames = this.#logs?.writers.reduce((sum, writer) => sum + writer.records, 0) ?? 0
    const bytes = this.#logs?.writers.reduce((sum, writer) => sum + writer.frames.writtenBytes, 0) ?? 0
    const closing = this.#closeFiles(files, ending)
    const failure = ending.failure ?? closing
    if (failure !== undefined) this.#emit({ kind: 'failed', failure })
    if (files !== undefined) this.#emit({ kind: 'ended', reason: ending.reason, frames, bytes, ok: whole && failure === undefined })
  }

  /** @returns the first thing that went wrong in closing; every step is tried all the same */
  #closeFiles(files: RunFiles | undefined, ending: Ending): Failure | undefined {
    if (files === undefined) return undefined
    // A run that failed before it connected to anything is no recording.
    if (ending.failure !== undefined && this.#board === undefined) {
      files.discard()
      return undefined
    }
    const failure = tryEach([
      () => this.#health?.beat(),
      () => files.log('capture_stop', captureStop(ending)),
      () => writeStudioFacts(files.paths.dir, this.#stoppedFacts(files)),
      () => files.close()
    ])
    if (failure !== undefined) files.abandon()
    return failure
  }

  #studioFacts(): { synthetic: boolean; venue: CaptureConfig['venue']; source: string } {
    const { synthetic, venue, sourceName } = this.#config
    return { synthetic, venue, source: sourceName ?? (venue === 'polymarket' ? 'Polymarket' : 'Binance') }
  }

  #stoppedFacts(files: RunFiles): Parameters<typeof writeStudioFacts>[1] {
    const before = readStudioFacts(files.paths.dir)
    return { ...this.#studioFacts(), fingerprint: before?.fingerprint, stoppedWallNs: this.#clock.nowOnDisk().wallNs }
  }

  #every(ms: number, job: () => void): void {
    this.#timers.push(setInterval(job, ms))
  }

  #after(ms: number, job: () => void): void {
    this.#timers.push(setTimeout(job, Math.min(ms, 2_147_483_647)))
  }
}

/** Does every step whatever became of those before. @returns the first failure */
function tryEach(steps: readonly (() => void)[]): Failure | undefined {
  let failure: Failure | undefined
  for (const step of steps) {
    try {
      step()
    } catch (error) {
      failure ??= toFailure(error)
    }
  }
  return failure
}

/** No frame is ever dropped by design, so the loss counters of the original stay at zero. */
function captureStop(ending: Ending): Parameters<RunFiles['log']>[1] {
  return {
    reason: ending.reason,
    loss_total: 0,
    loss_parse_queue_drops: 0,
    loss_parse_results_drops: 0,
    loss_metrics_drops: 0,
    loss_runlog_enqueue_timeouts: 0,
    loss_frame_write_queue_pressure_events: 0,
    parse_worker_dropped: 0,
    parse_results_dropped: 0,
    quality_status: ending.failure === undefined ? 'ok' : 'degraded',
    quality_ok: ending.failure === undefined,
    quality_reasons: []
  }
}
