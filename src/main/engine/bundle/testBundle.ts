import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FrameEncoder } from './frameEncoder.ts'
import { FLAG_TEXT, framesFileName, idxFileName } from './frameLayout.ts'
import { bundlePaths } from './manifest.ts'

export const T0_MONO_NS = 98_765_432_109_876n
export const T0_WALL_NS = 1_700_000_000_123_456_789n

export interface FixtureRecord {
  readonly payload: Uint8Array
  readonly monoRelNs: number
  readonly flags?: number
}

/** For tests: an encoded shard. Wall time runs 7 ns ahead of monotonic time. */
export function encodeShard(records: readonly FixtureRecord[]): { frames: Buffer; idx: Buffer } {
  const encoder = new FrameEncoder({ t0MonoNs: T0_MONO_NS, t0WallNs: T0_WALL_NS, batchBytes: 4096 })
  for (const record of records) encoder.append(record.payload, record.flags ?? FLAG_TEXT, record.monoRelNs, record.monoRelNs + 7)
  return { frames: Buffer.from(encoder.frames()), idx: Buffer.from(encoder.idx()) }
}

/** For tests: `count` records with numbered payloads of varying length, 1 ms apart. */
export function numberedRecords(count: number, shard = 0): FixtureRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    payload: Buffer.from(`{"shard":${shard},"n":${i},"pad":"${'x'.repeat((i * 37) % 200)}"}`),
    monoRelNs: i * 1_000_000 + shard
  }))
}

/** For tests: a run bundle in a fresh folder below the system's temporary folder. */
export function writeFixtureBundle(shards: readonly (readonly FixtureRecord[])[], options: { cleanStop?: boolean } = {}): string {
  const dir = join(mkdtempSync(join(tmpdir(), 'tapedeck-bundle-')), 'run')
  const paths = bundlePaths(dir)
  mkdirSync(paths.captureDir, { recursive: true })
  mkdirSync(paths.metricsDir)
  writeFileSync(
    paths.manifest,
    `{"manifest_version":1,"run_id":"fixture","t0_wall_ns_utc":${T0_WALL_NS},"t0_mono_ns":${T0_MONO_NS},"shards":{"count":${shards.length}}}\n`
  )
  const stop = options.cleanStop === false ? '' : '{"record_type":"capture_stop","run_id":"fixture","reason":"duration"}\n'
  writeFileSync(paths.runlog, `{"record_type":"run_start","run_id":"fixture"}\n${stop}`)
  shards.forEach((records, shard) => {
    const { frames, idx } = encodeShard(records)
    writeFileSync(join(paths.captureDir, framesFileName(shard)), frames)
    writeFileSync(join(paths.captureDir, idxFileName(shard)), idx)
  })
  return dir
}
