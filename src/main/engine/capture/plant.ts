import { StudioError, toFailure, type Failure } from '../../../shared/errors.ts'
import { FLAG_NOTE, FLAG_REST, FLAG_TEXT } from '../bundle/index.ts'
import { hostClock, type Clock } from '../clock.ts'
import type { FeedTransport } from '../feeds/index.ts'
import type { CaptureEvent, TapeReport } from '../threads/captureMessages.ts'
import { BehindFile } from './behindFile.ts'
import { BookWatch } from './bookWatch.ts'
import { closeRun, type Ending } from './closeRun.ts'
import type { CaptureConfig } from './config.ts'
import { ConnectionBoard } from './connectionBoard.ts'
import { DiskWatch, lowDiskMessage } from './diskWatch.ts'
import { brokenPromise, coarseClock, diskRefused, fatal, firstError, runlogRefused, stalled, unsynced, type Fatal } from './fatal.ts'
import { FrameLogs } from './frameLogs.ts'
import { HealthReporter } from './healthReporter.ts'
import { missingTokensText, tryEach, writeLastWords, type RunParts } from './lastWords.ts'
import { hostDisk, type Disk } from './logFile.ts'
import { captureStop, type LossCounts } from './losses.ts'
import { monotonicPrecision } from './monoPrecision.ts'
import { MAX_UNSYNCED_SECONDS, type CapturePlantOptions } from './plantOptions.ts'
import { PlantTimers } from './plantTimers.ts'
import { ReceiveClock } from './receiveClock.ts'
import { venueRecorder, type RestRecorder, type RestSink } from './restRecorder.ts'
import { RunFiles, type UniverseFacts } from './runFiles.ts'
import { SnapshotDesk } from './snapshotDesk.ts'
import { writeStudioFile } from './studioFile.ts'
import { LiveUniverse } from './universe/liveUniverse.ts'
import { discoverUniverse, transportOf } from './venues.ts'
import { startWorld, type CaptureSecrets, type World } from './world/index.ts'

const TICK_MS = 250
const SNAPSHOT_RETRY_MS = 5000
/**
 * One capture run: discovers instruments, holds the connections, keeps every byte, and ends in order. Runs without a thread of its own;
 * `capture.worker.ts` gives it one. Use once: `run()`, then `stop()`.
 */
export class CapturePlant {
  readonly #config: CaptureConfig
  readonly #emit: (event: CaptureEvent) => void
  readonly #clock: ReceiveClock
  readonly #disk: Disk
  readonly #hostClock: Clock
  readonly #maxUnsyncedSeconds: number
  readonly #secrets: CaptureSecrets
  readonly #transport: FeedTransport
  readonly #abort = new AbortController()
  readonly #timers = new PlantTimers((job) => this.#guarded(job))
  #files: RunFiles | undefined
  #logs: FrameLogs | undefined
  #board: ConnectionBoard | undefined
  #desk: SnapshotDesk | undefined
  #health: HealthReporter | undefined
  #books: BookWatch | undefined
  #universe: LiveUniverse | undefined
  #world: World | undefined
  #hasLastWords = false
  #missingTokens: BehindFile | undefined
  #ending: Ending | undefined
  #tellEnding: (() => void) | undefined
  #flushId = 0

  constructor(options: CapturePlantOptions) {
    this.#config = options.config
    this.#emit = options.emit
    this.#hostClock = options.clock ?? hostClock
    this.#clock = new ReceiveClock(this.#hostClock)
    this.#maxUnsyncedSeconds = options.maxUnsyncedSeconds ?? MAX_UNSYNCED_SECONDS
    this.#disk = options.disk ?? hostDisk
    this.#secrets = options.secrets ?? {}
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
  grantCredit(bytes: number, flushId?: number): void {
    const logs = this.#logs
    logs?.grant(bytes)
    if (flushId !== undefined) logs?.times.tapeQueue.add(this.#flushId - 1 - flushId)
  }

  /** What the tape says of books and times. */
  takeReport(report: TapeReport): void {
    const times = this.#logs?.times
    for (const ms of report.appliedMs) times?.applied.add(ms)
    for (const ms of report.writeEndToApplyMs) times?.writeEndToApply.add(ms)
    for (const ms of report.applyUpdateMs) times?.applyUpdate.add(ms)
    this.#guarded(() => this.#books?.take(report))
  }

  /** Something happened that cannot: ends the run with what was received on disk. */
  broken(error: unknown): void {
    this.#fatal(brokenPromise(error))
  }

  requestSnapshot(shard: number, key: string): void {
    this.#desk?.request(shard, key)
  }

  markMoment(reason: string): void {
    this.#logs?.append(0, Buffer.from(JSON.stringify({ note: 'manual_window', reason })), FLAG_TEXT | FLAG_NOTE)
  }

  async #begin(): Promise<void> {
    const free = await new DiskWatch(this.#config).freeBytes()
    const low = lowDiskMessage(free, this.#config)
    if (low !== undefined) throw new StudioError('DISK_FULL', low)
    const files = new RunFiles(this.#config, this.#clock, this.#disk)
    this.#files = files
    this.#missingTokens = new BehindFile(files.paths.missingTokens, (error) => this.#fatal(diskRefused(error, 'write')))
    const precision = monotonicPrecision(this.#hostClock)
    files.log('monotonic_precision', precision)
    const logs = this.#openLogs(files)
    writeStudioFile(files.paths.dir, this.#config, undefined)
    const { t0MonoNs, t0WallNs } = this.#clock
    this.#emit({ kind: 'started', runDir: files.paths.dir, runId: files.runId, t0MonoNs, t0WallNs })
    if (!precision.ok) return this.#fatal(coarseClock())
    // It stands in the log, so that a replay opens the same windows.
    if (this.#config.windowExtend) logs.append(0, Buffer.from('{"note":"window_settings","extend":true}'), FLAG_TEXT | FLAG_NOTE)
    this.#timers.every(TICK_MS, () => logs.append(0, Buffer.from('{"note":"tick"}'), FLAG_TEXT | FLAG_NOTE))
    const recorder = venueRecorder(this.#config, this.#keepRest, this.#abort.signal)
    this.#world = startWorld({
      config: this.#config,
      secrets: this.#secrets,
      sink: this.#keepRest,
      signal: this.#abort.signal,
      nowRelNs: () => this.#clock.nowRelNs(),
      runId: files.runId,
      log: (type, fields) => this.#log(type, fields)
    })
    if (this.#config.durationSeconds !== null) this.#timers.after(this.#config.durationSeconds * 1000, () => this.stop('duration'))
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
      preciseFlush: process.platform === 'win32' && this.#config.captureWindowsHighResTimerEnable,
      flushed: (parts, writtenRelNs) => this.#emit({ kind: 'frames', flushId: this.#flushId++, writtenRelNs, parts }),
      faulted: (error, where) => this.#fatal(diskRefused(error, where))
    })
    this.#logs = logs
    logs.addShard()
    files.addShard(0)
    files.keepNames()
    return logs
  }

  #connect(files: RunFiles, logs: FrameLogs, universe: UniverseFacts, recorder: RestRecorder): void {
    for (let shard = logs.writers.length; shard < universe.shards.length; shard++) {
      logs.addShard()
      files.addShard(shard)
    }
    files.keepNames()
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
      fatal: (reason, message) => this.#fatal(fatal(reason, 'VENUE_UNREACHABLE', message))
    })
    this.#board = board
    this.#follow(universe, board)
    const { signal } = this.#abort
    this.#desk = new SnapshotDesk({
      transport: this.#transport,
      recorder,
      sink: this.#keepRest,
      signal,
      isOpen: (shard) => board.isOpen(shard),
      retryMs: SNAPSHOT_RETRY_MS
    })
    this.#watchBooks(board)
    this.#report(files, logs, board)
    this.#timers.every(HealthReporter.POLL_MS, () => this.#poll())
    this.#timers.every(this.#config.captureHeartbeatIntervalSeconds * 1000, () => this.#beat())
    this.#timers.every(this.#config.captureDiskUsageIntervalSeconds * 1000, () => void this.#checkDisk())
    const syncSeconds = this.#config.captureNdjsonFsyncIntervalSeconds
    if (syncSeconds !== null) this.#timers.every(syncSeconds * 1000, () => void this.#syncRecords(files))
    board.connectAll()
  }

  #follow(universe: UniverseFacts, board: ConnectionBoard): void {
    this.#universe = new LiveUniverse({
      config: this.#config,
      universe,
      clock: this.#clock,
      signal: this.#abort.signal,
      log: (type, fields) => this.#log(type, fields),
      keepPage: ({ url, body }) =>
        this.#keepRest(0, { note: 'rest', venue: 'polymarket', kind: 'markets', key: '', url, status: 200, body: true }, body),
      replaceKeys: (...change) => board.replaceKeys(...change),
      fatal: (message) => this.#fatal(fatal('CHURN_GUARD_SUSTAINED', 'VENUE_REFUSED', message))
    })
  }

  #watchBooks(board: ConnectionBoard): void {
    this.#books = new BookWatch({
      config: this.#config,
      nowRelNs: () => this.#clock.nowRelNs(),
      log: (type, fields) => this.#log(type, fields),
      resubscribe: (shard, keys) => board.connections.get(shard)?.resubscribe(keys) ?? false,
      requestBook: (shard, key) => this.#desk?.request(shard, key),
      missingChanged: () => {
        const parts = this.#parts()
        parts?.missingTokens.put(missingTokensText(parts, 'FIRST_BOOK_MISSING'))
      }
    })
  }

  #report(files: RunFiles, logs: FrameLogs, board: ConnectionBoard): void {
    this.#health = new HealthReporter({
      config: this.#config,
      files,
      logs,
      board,
      books: this.#books!,
      clock: this.#clock,
      disk: new DiskWatch(this.#config),
      emit: this.#emit,
      universe: () => ({ ...this.#universe?.metrics(), ...this.#world?.facts() })
    })
  }

  readonly #keepRest: RestSink = (shard, note, body) => {
    this.#logs?.append(shard, Buffer.from(JSON.stringify(note)), FLAG_TEXT | FLAG_NOTE)
    if (body !== undefined) this.#logs?.append(shard, body, FLAG_TEXT | FLAG_REST)
  }

  #poll(): void {
    this.#health?.poll()
    this.#board?.check()
    const waited = this.#logs?.unsyncedSeconds() ?? 0
    if (waited > this.#maxUnsyncedSeconds) this.#fatal(unsynced(waited))
  }

  #beat(): void {
    try {
      this.#health?.beat()
    } catch (error) {
      return this.#fatal(runlogRefused(error))
    }
    if (this.#health?.isStalled === true) this.#fatal(stalled(this.#config))
  }

  async #syncRecords(files: RunFiles): Promise<void> {
    try {
      await files.syncRecords()
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fatal(runlogRefused(error))
    }
  }

  #parts(): RunParts | undefined {
    const files = this.#files
    const missingTokens = this.#missingTokens
    if (files === undefined || missingTokens === undefined) return undefined
    const universe = this.#universe
    return {
      config: this.#config,
      clock: this.#clock,
      files,
      missingTokens,
      board: this.#board,
      books: this.#books,
      health: this.#health,
      shardCount: this.#logs?.writers.length ?? 0,
      confirmTokens: (shard) => universe?.confirmTokens(shard) ?? []
    }
  }

  /** Runs a job of ours; what it throws ends the run in order instead of the thread. */
  #guarded(job: () => void): void {
    try {
      job()
    } catch (error) {
      this.broken(error)
    }
  }

  async #checkDisk(): Promise<void> {
    const free = await this.#health?.checkDisk()
    const low = free === undefined ? undefined : lowDiskMessage(free, this.#config)
    if (low !== undefined) this.#fatal(fatal('LOW_DISK', 'DISK_FULL', low))
  }

  #log(type: string, fields: Parameters<RunFiles['log']>[1]): void {
    try {
      this.#files?.log(type, fields)
    } catch (error) {
      this.#fatal(runlogRefused(error))
    }
  }

  #fatal({ reason, failure, cause }: Fatal): void {
    if (this.#ending !== undefined) return
    this.#end({ reason, failure })
    const parts = this.#parts()
    if (parts === undefined) return
    this.#hasLastWords = true
    tryEach([() => this.#logs?.flush()])
    const { monoNs, wallNs } = this.#clock.nowOnDisk()
    // The disk may refuse these words too; the failure itself goes to the owner all the same.
    writeLastWords(parts, reason, failure, { fatal_mono_ns: monoNs, fatal_wall_ns_utc: wallNs, ...firstError(cause) })
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
    this.#timers.clear()
    await this.#board?.stopAll()
    const diskAnswers = ending.reason !== 'LATENCY_FATAL'
    const whole = (await this.#logs?.close(diskAnswers)) ?? true
    if (diskAnswers) await this.#missingTokens?.settled()
    const files = this.#files
    const frames = this.#logs?.writers.reduce((sum, writer) => sum + writer.writtenRecords, 0) ?? 0
    const bytes = this.#logs?.writers.reduce((sum, writer) => sum + writer.frames.writtenBytes, 0) ?? 0
    const closing = this.#closeFiles(files, ending)
    const failure = ending.failure ?? closing
    if (failure !== undefined) this.#emit({ kind: 'failed', failure })
    const discarded = this.#isNoRecording(ending)
    if (files !== undefined)
      this.#emit({ kind: 'ended', reason: ending.reason, frames, bytes, ok: whole && failure === undefined, discarded })
  }

  #closeFiles(files: RunFiles | undefined, ending: Ending): Failure | undefined {
    if (files === undefined) return undefined
    const { failure, reason } = ending
    return closeRun({
      config: this.#config,
      clock: this.#clock,
      files,
      discard: this.#isNoRecording(ending),
      lastBeat: () => this.#health?.beat(),
      tellMissing: () => {
        const parts = this.#hasLastWords ? undefined : this.#parts()
        if (parts?.missingTokens.wasPut === true) parts.missingTokens.putNow(missingTokensText(parts, 'END_OF_RUN'))
      },
      stopFields: () => captureStop(reason, failure !== undefined, this.#losses(files))
    })
  }

  /** It failed before it connected to anything. */
  #isNoRecording({ failure }: Ending): boolean {
    return failure !== undefined && this.#board === undefined && !this.#hasLastWords
  }

  #losses(files: RunFiles): LossCounts {
    const { lostRecords = 0, lostBatches = 0 } = this.#logs ?? {}
    return this.#health?.losses ?? { lostRecords, lostBatches, metricsDrops: 0, slowRunlogWrites: files.slowRunlogWrites }
  }
}
