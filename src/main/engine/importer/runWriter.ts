import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import {
  bundlePaths,
  FLAG_NOTE,
  FLAG_REST,
  FLAG_TEXT,
  FrameEncoder,
  framesFileName,
  fsyncDir,
  idxFileName,
  writeStudioFacts,
  type StudioFacts
} from '../bundle/index.ts'

export interface RunWriterOptions {
  readonly dir: string
  readonly runId: string
  readonly t0WallNs: bigint
  readonly shards: number
  readonly facts: Omit<StudioFacts, 'fingerprint' | 'stoppedWallNs'>
}

interface Shard {
  readonly encoder: FrameEncoder
  readonly frames: number
  readonly idx: number
}

const BATCH_BYTES = 512 * 1024
const ascii = new TextEncoder()

/** Writes a run bundle from data that did not come over a socket just now: an imported recording, a demo, a test. Times are given, never read. */
export class RunWriter {
  readonly dir: string
  readonly #options: RunWriterOptions
  readonly #shards: Shard[]
  #lastRelNs = -1
  #closed = false

  /** @throws StudioError BUNDLE_EXISTS when the folder exists already */
  constructor(options: RunWriterOptions) {
    this.#options = options
    this.dir = options.dir
    const paths = bundlePaths(options.dir)
    try {
      mkdirSync(join(options.dir, '..'), { recursive: true })
      mkdirSync(options.dir)
    } catch (cause) {
      throw new StudioError(
        'BUNDLE_EXISTS',
        `The folder for the new run exists already or cannot be made. Choose another one: ${options.dir}`,
        { cause }
      )
    }
    mkdirSync(paths.captureDir)
    mkdirSync(paths.metricsDir)
    this.#shards = Array.from({ length: options.shards }, (_, shard) => this.#openShard(paths.captureDir, shard))
    writeFileSync(paths.manifest, `${this.#manifest()}\n`)
    writeFileSync(paths.runlog, this.#logLine('run_start', 0))
    writeFileSync(paths.globalMetrics, '')
  }

  get venue(): StudioFacts['venue'] {
    return this.#options.facts.venue
  }

  /** A received socket message. Times are ns since the origin; they must not go back. */
  message(shard: number, text: string | Uint8Array, relNs: number): void {
    this.#append(shard, text, FLAG_TEXT, relNs)
  }

  note(shard: number, note: object, relNs: number): void {
    this.#append(shard, JSON.stringify(note), FLAG_TEXT | FLAG_NOTE, relNs)
  }

  /** A REST answer: its note, then its body. */
  rest(shard: number, note: { kind: string; key: string; url: string }, body: string, relNs: number): void {
    this.note(shard, { note: 'rest', venue: this.#options.facts.venue, ...note, status: 200, body: true }, relNs)
    this.#append(shard, body, FLAG_TEXT | FLAG_REST, relNs)
  }

  /** Ends the run cleanly. May be called twice. */
  close(fingerprint?: StudioFacts['fingerprint']): void {
    if (this.#closed) return
    this.#closed = true
    for (const shard of this.#shards) {
      this.#flush(shard)
      for (const fd of [shard.frames, shard.idx]) {
        fsyncSync(fd)
        closeSync(fd)
      }
    }
    const end = Math.max(0, this.#lastRelNs)
    const paths = bundlePaths(this.dir)
    const stop = JSON.stringify({
      record_type: 'capture_stop',
      run_id: this.#options.runId,
      reason: 'import',
      quality_status: 'ok',
      quality_ok: true,
      quality_reasons: []
    })
    writeFileSync(paths.runlog, `${stop}\n`, { flag: 'a' })
    writeStudioFacts(this.dir, { ...this.#options.facts, fingerprint, stoppedWallNs: this.#options.t0WallNs + BigInt(end) })
    fsyncDir(paths.captureDir)
  }

  /** Ends a run that could not be written to its end: nothing of it stays. */
  abandon(): void {
    if (this.#closed) return
    this.#closed = true
    for (const shard of this.#shards) for (const fd of [shard.frames, shard.idx]) closeSync(fd)
    rmSync(this.dir, { recursive: true, force: true })
  }

  #openShard(folder: string, shard: number): Shard {
    return {
      encoder: new FrameEncoder({ t0MonoNs: 0n, t0WallNs: this.#options.t0WallNs }),
      frames: openSync(join(folder, framesFileName(shard)), 'w'),
      idx: openSync(join(folder, idxFileName(shard)), 'w')
    }
  }

  #append(shard: number, payload: string | Uint8Array, flags: number, relNs: number): void {
    const target = this.#shards[shard]
    if (target === undefined) throw new Error(`broken promise: shard ${shard} was not declared`)
    // Receive times rise strictly over all shards, as in a capture.
    const at = Math.max(Math.round(relNs), this.#lastRelNs + 1)
    this.#lastRelNs = at
    target.encoder.append(typeof payload === 'string' ? ascii.encode(payload) : payload, flags, at, at)
    if (target.encoder.bytes > BATCH_BYTES) this.#flush(target)
  }

  #flush(shard: Shard): void {
    if (shard.encoder.records === 0) return
    writeSync(shard.frames, shard.encoder.frames())
    writeSync(shard.idx, shard.encoder.idx())
    shard.encoder.clear()
  }

  #manifest(): string {
    const { runId, t0WallNs, shards } = this.#options
    const assignments = Object.fromEntries(Array.from({ length: shards }, (_, i) => [String(i), { token_ids: [], groups: [] }]))
    const rest = JSON.stringify({
      capture_schema_version: 2,
      payload_source: 'text',
      payload_encoder: 'utf-8',
      shards: { count: shards, assignments }
    })
    return `{"manifest_version":1,"run_id":${JSON.stringify(runId)},"t0_wall_ns_utc":${t0WallNs},"t0_mono_ns":0,${rest.slice(1)}`
  }

  #logLine(type: string, relNs: number): string {
    return `{"record_type":"${type}","run_id":${JSON.stringify(this.#options.runId)},"ts_wall_ns_utc":${this.#options.t0WallNs + BigInt(relNs)},"ts_mono_ns":${relNs}}\n`
  }
}
