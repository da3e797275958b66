import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import {
  bundlePaths,
  fsyncDir,
  MANIFEST_VERSION,
  publishFile,
  releaseReserve,
  removeCaptureLock,
  stringifyBigJson,
  writeCaptureLock,
  type BigJson,
  type BundlePaths
} from '../bundle/index.ts'
import type { PolymarketUniverse, ShardKeys } from '../feeds/index.ts'
import { configOnDisk, type CaptureConfig } from './config.ts'
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

  /** Appends a record to runlog.ndjson. */
  log(recordType: string, fields: RunRecord): void {
    this.#runlog.append(line({ record_type: recordType, run_id: this.runId, ...fields }))
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
    publishFile(this.paths.manifest, `${stringifyBigJson({ ...this.#manifestHead(), ...this.#manifestUniverse(universe) })}\n`)
  }

  /** fatal.json: why the run had to end. */
  writeFatal(reason: string, message: string, recentHeartbeats: readonly string[]): void {
    const text = `{"fatal_reason":${JSON.stringify(reason)},"fatal_message":${stringifyBigJson(message)},"run_id":${JSON.stringify(this.runId)},"recent_heartbeats":[${recentHeartbeats.join(',')}]}`
    publishFile(this.paths.fatal, `${text}\n`)
  }

  /** Makes every file durable, removes the lock and closes. Safe to call twice. */
  close(): void {
    for (const file of [this.#runlog, this.#globalMetrics, ...this.#shardMetrics.values()]) {
      file.syncNow()
      file.close()
    }
    removeCaptureLock(this.paths.dir)
    for (const dir of [this.paths.captureDir, this.paths.metricsDir, this.paths.dir]) fsyncDir(dir)
  }

  /** Closes without any promise, after a failure of the disk. */
  abandon(): void {
    this.#runlog.close()
    this.#globalMetrics.close()
    for (const file of this.#shardMetrics.values()) file.close()
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

  #manifestHead(): Record<string, BigJson> {
    return {
      manifest_version: MANIFEST_VERSION,
      run_id: this.runId,
      t0_wall_ns_utc: this.#clock.t0WallNs,
      t0_mono_ns: this.#clock.t0MonoNs,
      capture_schema_version: 2,
      payload_source: 'text',
      payload_encoder: 'utf-8',
      venue: this.#config.venue,
      universe_mode: this.#config.venue === 'polymarket' ? 'active-binary' : 'symbols',
      monotonic_ns_source: 'process.hrtime',
      git_commit: null,
      environment: { node: process.version, platform: `${process.platform}-${process.arch}`, hostname: hostname() },
      config: configOnDisk(this.#config)
    }
  }

  #manifestUniverse(universe: UniverseFacts | undefined): Record<string, BigJson> {
    const plans = universe?.shards ?? []
    const markets = universe?.polymarket?.markets ?? []
    const keys = plans.flatMap((plan) => plan.keys).toSorted()
    const now = this.#clock.nowOnDisk()
    const { wsSubscribeMaxTokens, wsSubscribeMaxBytes, captureMaxMarkets } = this.#config
    return {
      pinned_tokens: keys,
      pinned_markets: markets.map((market) => ({ id: market.id, token_ids: [...market.tokenIds] })),
      initial_universe: {
        universe_version: 1,
        market_ids: markets.map((market) => market.id),
        token_ids: keys,
        created_wall_ns_utc: now.wallNs,
        created_mono_ns: now.monoNs,
        selection: { max_markets: captureMaxMarkets }
      },
      shards: {
        count: Math.max(1, plans.length),
        assignments: Object.fromEntries(plans.map((plan) => [String(plan.shard), { token_ids: plan.keys }]))
      },
      subscribe_caps: { max_tokens: wsSubscribeMaxTokens, max_bytes: wsSubscribeMaxBytes }
    }
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
