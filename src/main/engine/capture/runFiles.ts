import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import {
  bundlePaths,
  publishFile,
  releaseReserve,
  removeCaptureLock,
  stringifyBigJson,
  writeCaptureLock,
  type BigJson,
  type BundlePaths
} from '../bundle/index.ts'
import type { PolymarketUniverse, ShardKeys } from '../feeds/index.ts'
import { manifestHead, manifestUniverse } from './manifestFields.ts'
import type { CaptureConfig } from './config.ts'
import { LogFile, type Disk } from './logFile.ts'
import type { ReceiveClock } from './receiveClock.ts'

export type RunRecord = Readonly<Record<string, BigJson | undefined>>

export interface UniverseFacts {
  readonly shards: readonly ShardKeys[]
  readonly polymarket: PolymarketUniverse | undefined
}

/** The files of a run bundle beside the frame logs: manifest, run log, metrics, lock, and fatal.json. */
export class RunFiles {
  readonly runId: string
  /** Records of the run log whose writing took longer than the settings allow. */
  slowRunlogWrites = 0
  readonly paths: BundlePaths
  readonly #config: CaptureConfig
  readonly #clock: ReceiveClock
  readonly #disk: Disk
  readonly #runlog: LogFile
  readonly #globalMetrics: LogFile
  readonly #shardMetrics = new Map<number, LogFile>()

  /**
   * Creates the run's folder.
   * @throws StudioError BUNDLE_EXISTS when the run id is taken; the operating system's errors
   */
  constructor(config: CaptureConfig, clock: ReceiveClock, disk: Disk) {
    this.#config = config
    this.#clock = clock
    this.#disk = disk
    this.runId = config.runId ?? newRunId(clock.t0WallNs)
    const dir = join(resolve(config.dataDir), 'runs', this.runId)
    this.paths = bundlePaths(dir)
    if (existsSync(dir))
      throw new StudioError(
        'BUNDLE_EXISTS',
        `A run with the id ${this.runId} exists already; nothing was overwritten. Choose another run id. Folder: ${dir}`
      )
    mkdirSync(this.paths.captureDir, { recursive: true })
    mkdirSync(this.paths.metricsDir)
    writeCaptureLock(dir)
    this.#runlog = new LogFile(disk, this.paths.runlog)
    this.#globalMetrics = new LogFile(disk, this.paths.globalMetrics)
    this.writeManifest(undefined)
    this.log('run_start', { ts_wall_ns_utc: clock.t0WallNs, ts_mono_ns: clock.t0MonoNs })
  }

  /** Opens the metrics file of a shard. */
  addShard(shard: number): void {
    const path = join(this.paths.metricsDir, `shard_${String(shard).padStart(2, '0')}.ndjson`)
    this.#shardMetrics.set(shard, new LogFile(this.#disk, path))
  }

  /** Makes the names of all files and folders durable: without its name a file is lost, however safe its bytes are. */
  keepNames(): void {
    const { dir, captureDir, metricsDir } = this.paths
    for (const folder of [captureDir, metricsDir, dir, dirname(dir), dirname(dirname(dir))]) this.#disk.syncFolder(folder)
  }

  /** Appends a record to runlog.ndjson. A write that takes too long is counted; the record is there all the same. */
  log(recordType: string, fields: RunRecord): void {
    const begun = this.#clock.nowRelNs()
    this.#runlog.append(line({ record_type: recordType, run_id: this.runId, ...fields }))
    const tookNs = (this.#clock.nowRelNs() - begun) / this.#clock.speed
    if (tookNs > this.#config.captureRunlogEnqueueTimeoutSeconds * 1e9) this.slowRunlogWrites += 1
  }

  /** Makes run log and metrics durable while recording. @throws the operating system's error */
  async syncRecords(): Promise<void> {
    await Promise.all([this.#runlog, ...this.#metricsFiles()].filter((file) => file.dirty).map((file) => file.sync()))
  }

  #metricsFiles(): LogFile[] {
    return [this.#globalMetrics, ...this.#shardMetrics.values()]
  }

  /** Appends to metrics/global.ndjson. @returns the line without its end */
  globalHeartbeat(fields: RunRecord): string {
    const bytes = line({ record_type: 'heartbeat', run_id: this.runId, ...fields })
    this.#globalMetrics.append(bytes)
    return bytes.toString('latin1', 0, bytes.length - 1)
  }

  shardHeartbeat(shard: number, fields: RunRecord): void {
    this.#shardMetrics.get(shard)?.append(line({ record_type: 'heartbeat', run_id: this.runId, shard_id: shard, ...fields }))
  }

  /** Writes manifest.json in one step; before discovery the universe is not known. */
  writeManifest(universe: UniverseFacts | undefined): void {
    const head = manifestHead(this.runId, this.#config, this.#clock)
    publishFile(this.paths.manifest, `${stringifyBigJson({ ...head, ...manifestUniverse(universe, this.#config, this.#clock) })}\n`)
  }

  /** fatal.json: why the run had to end. */
  writeFatal(reason: string, message: string, recentHeartbeats: readonly string[], firstError: RunRecord): void {
    const first = Object.entries(firstError).map(([key, value]) => `,${JSON.stringify(key)}:${stringifyBigJson(value ?? null)}`)
    const text = `{"fatal_reason":${JSON.stringify(reason)},"fatal_message":${stringifyBigJson(message)},"run_id":${JSON.stringify(this.runId)},"recent_heartbeats":[${recentHeartbeats.join(',')}]${first.join('')}}`
    publishFile(this.paths.fatal, `${text}\n`)
  }

  /** Puts a file of bytes into the bundle in one step. */
  writeBytes(name: string, bytes: Uint8Array): void {
    publishFile(join(this.paths.dir, name), bytes)
  }

  /** Makes every file durable, removes the lock and closes. Safe to call twice. */
  close(): void {
    this.#runlog.syncNow()
    if (this.#config.captureNdjsonFsyncOnClose) for (const file of this.#metricsFiles()) file.syncNow()
    for (const file of [this.#runlog, ...this.#metricsFiles()]) file.close()
    removeCaptureLock(this.paths.dir)
    this.keepNames()
  }

  /** Closes without any promise, after a failure of the disk. */
  abandon(): void {
    for (const file of [this.#runlog, ...this.#metricsFiles()]) file.close()
    removeCaptureLock(this.paths.dir)
  }

  /** Removes the whole run, for one that never received a byte. */
  discard(): void {
    this.abandon()
    rmSync(this.paths.dir, { recursive: true, force: true })
  }

  /** Frees the space that was kept for the last words of a run on a full disk. */
  releaseReserve(): void {
    releaseReserve(this.paths.dir)
  }
}

function line(fields: RunRecord): Buffer {
  return Buffer.from(`${stringifyBigJson(fields)}\n`, 'latin1')
}

/** `YYYYMMDDTHHMMSSZ-<8 hex>` */
function newRunId(wallNs: bigint): string {
  const iso = new Date(Number(wallNs / 1_000_000n)).toISOString()
  return `${iso.slice(0, 19).replace(/[-:]/g, '')}Z-${randomBytes(4).toString('hex')}`
}
