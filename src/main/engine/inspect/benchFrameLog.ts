import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import {
  bundlePaths,
  FrameEncoder,
  framesFileName,
  IDX_ENTRY_BYTES_V2,
  idxFileName,
  MANIFEST_VERSION,
  stringifyBigJson,
  writeStudioFacts,
  type BigJson
} from '../bundle/index.ts'
import { hostClock, type Clock } from '../clock.ts'
import type { ScanOptions } from './scanOptions.ts'
import { Series } from './series.ts'
import { breathe } from './slicePlan.ts'

/** As a capture does it: what has gathered is written out at this size. */
const BATCH_BYTES = 256 * 1024

export interface BenchRecord {
  readonly payload: Uint8Array
  /** See frameLayout. */
  readonly flags: number
}

export interface BenchOptions extends ScanOptions {
  /** Folder in which the run is made, below `runs/`. */
  readonly dataDir: string
  readonly runId?: string | undefined
  /** What is written, in order, `multiplier` times. */
  readonly records: readonly BenchRecord[]
  readonly multiplier: number
  readonly venue: 'polymarket' | 'binance'
  /** Name of the records' source for people; they count as synthetic. */
  readonly source: string
  readonly clock?: Clock
}

/** Keys as printed. Times in nanoseconds; quantiles are nearest rank. */
export interface BenchResult {
  readonly run_id: string
  readonly frames: number
  /** Payloads, headers and index entries. */
  readonly bytes_written: number
  /** From the start of the run to the end of the last sync. */
  readonly elapsed_ns: number
  readonly msgs_per_sec: number
  readonly bytes_per_sec: number
  /** How long a write of a batch took; from the stamp of a record to the end of its write. */
  readonly write_ns_p99: number
  readonly ingest_ns_p99: number
}

/**
 * Writes records into a new run as a capture does, as fast as it can, and measures it. The run is a bundle like any other.
 * @throws StudioError BUNDLE_EXISTS; the operating system's error; the signal's reason
 */
export async function benchFrameLog(options: BenchOptions): Promise<BenchResult> {
  const clock = options.clock ?? hostClock
  const [t0WallNs, t0MonoNs] = [clock.wallNs(), clock.monoNs()]
  const runId = options.runId ?? `bench-${randomBytes(4).toString('hex')}`
  const dir = newRun(options.dataDir, runId)
  const paths = bundlePaths(dir)
  const head = { manifest_version: MANIFEST_VERSION, run_id: runId, t0_wall_ns_utc: t0WallNs, t0_mono_ns: t0MonoNs }
  writeFileSync(paths.manifest, `${stringifyBigJson({ ...head, ...manifestRest(options) })}\n`)
  writeStudioFacts(dir, { synthetic: true, venue: options.venue, source: options.source, fingerprint: undefined, stoppedWallNs: undefined })
  const log = new BenchLog(paths.captureDir, clock, t0MonoNs, t0WallNs)
  try {
    for (let round = 0; round < options.multiplier; round++) {
      for (const { payload, flags } of options.records) log.append(payload, flags)
      await breathe(options.signal)
      options.onProgress?.((round + 1) / options.multiplier)
    }
    log.sync()
  } finally {
    log.close()
  }
  const result = { run_id: runId, ...log.result() }
  writeTexts(dir, result, { t0WallNs, t0MonoNs, endMonoNs: t0MonoNs + BigInt(result.elapsed_ns) })
  return result
}

function newRun(dataDir: string, runId: string): string {
  const dir = join(dataDir, 'runs', runId)
  mkdirSync(join(dataDir, 'runs'), { recursive: true })
  try {
    mkdirSync(dir)
  } catch (cause) {
    throw new StudioError('BUNDLE_EXISTS', `A run with the id ${runId} exists already; nothing was overwritten. Folder: ${dir}`, { cause })
  }
  const { captureDir, metricsDir } = bundlePaths(dir)
  mkdirSync(captureDir)
  mkdirSync(metricsDir)
  return dir
}

function manifestRest({ source, multiplier }: BenchOptions): Record<string, BigJson> {
  return {
    capture_schema_version: 2,
    payload_source: 'text',
    payload_encoder: 'utf-8',
    fixtures_dir: null,
    fixtures_multiplier: multiplier,
    fixtures: source,
    shards: { count: 1 }
  }
}

function writeTexts(dir: string, result: BenchResult, times: { t0WallNs: bigint; t0MonoNs: bigint; endMonoNs: bigint }): void {
  const { run_id, ...rest } = result
  const { t0WallNs, t0MonoNs, endMonoNs } = times
  const line = (type: string, fields: Record<string, BigJson>): string => `${stringifyBigJson({ record_type: type, run_id, ...fields })}\n`
  const paths = bundlePaths(dir)
  const heartbeat = { hb_wall_ns_utc: t0WallNs + (endMonoNs - t0MonoNs), hb_mono_ns: endMonoNs }
  const quality = { quality_status: 'ok', quality_ok: true, quality_reasons: [] }
  writeFileSync(
    paths.runlog,
    line('run_start', { ts_wall_ns_utc: t0WallNs, ts_mono_ns: t0MonoNs }) +
      line('heartbeat', heartbeat) +
      line('capture_stop', { reason: 'bench', ...quality })
  )
  writeFileSync(paths.globalMetrics, line('heartbeat', { ...heartbeat, ...rest }))
  writeFileSync(join(paths.metricsDir, 'shard_00.ndjson'), line('heartbeat', { shard_id: 0, ...heartbeat, ...rest }))
}

/** One shard's frame log and index, with a stopwatch on every write. */
class BenchLog {
  readonly #clock: Clock
  readonly #t0MonoNs: bigint
  readonly #encoder: FrameEncoder
  readonly #frames: number
  readonly #idx: number
  readonly #writeNs = new Series()
  readonly #ingestNs = new Series()
  #stamps: number[] = []
  #lastRelNs = -1
  #elapsedNs = 0

  constructor(captureDir: string, clock: Clock, t0MonoNs: bigint, t0WallNs: bigint) {
    this.#clock = clock
    this.#t0MonoNs = t0MonoNs
    this.#encoder = new FrameEncoder({ t0MonoNs, t0WallNs })
    this.#frames = openSync(join(captureDir, framesFileName(0)), 'wx')
    this.#idx = openSync(join(captureDir, idxFileName(0)), 'wx')
  }

  append(payload: Uint8Array, flags: number): void {
    // Receive times rise strictly, as in a capture.
    this.#lastRelNs = Math.max(this.#nowRelNs(), this.#lastRelNs + 1)
    this.#stamps.push(this.#lastRelNs)
    this.#encoder.append(payload, flags, this.#lastRelNs, this.#lastRelNs)
    if (this.#encoder.bytes >= BATCH_BYTES) this.#flush()
  }

  /** Writes out the rest and makes everything durable. */
  sync(): void {
    this.#flush()
    fsyncSync(this.#frames)
    fsyncSync(this.#idx)
    this.#elapsedNs = this.#nowRelNs()
  }

  close(): void {
    closeSync(this.#frames)
    closeSync(this.#idx)
  }

  result(): Omit<BenchResult, 'run_id'> {
    const frames = this.#encoder.nextIdx
    const bytes = this.#encoder.nextOffset + frames * IDX_ENTRY_BYTES_V2
    const seconds = Math.max(this.#elapsedNs, 1) / 1e9
    return {
      frames,
      bytes_written: bytes,
      elapsed_ns: this.#elapsedNs,
      msgs_per_sec: frames / seconds,
      bytes_per_sec: bytes / seconds,
      write_ns_p99: this.#writeNs.stats().p99 ?? 0,
      ingest_ns_p99: this.#ingestNs.stats().p99 ?? 0
    }
  }

  #flush(): void {
    if (this.#encoder.records === 0) return
    const begunNs = this.#nowRelNs()
    writeAll(this.#frames, this.#encoder.frames())
    writeAll(this.#idx, this.#encoder.idx())
    const endedNs = this.#nowRelNs()
    this.#writeNs.add(endedNs - begunNs)
    for (const stamp of this.#stamps) this.#ingestNs.add(endedNs - stamp)
    this.#stamps = []
    this.#encoder.clear()
  }

  #nowRelNs(): number {
    return Number(this.#clock.monoNs() - this.#t0MonoNs)
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
}
