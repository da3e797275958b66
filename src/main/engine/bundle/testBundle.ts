import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { FrameEncoder } from './frameEncoder.ts'
import { FLAG_TEXT, framesFileName, HEADER_BYTES_V1, IDX_ENTRY_BYTES_V1, idxFileName, MAGIC_V1 } from './frameLayout.ts'
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

/** For tests: the same shard as the original system wrote it at first: without wall time, in records and index. */
export function encodeShardV1(records: readonly FixtureRecord[]): { frames: Buffer; idx: Buffer } {
  const frames: Buffer[] = []
  const idx: Buffer[] = []
  let offset = 0
  for (const { payload, monoRelNs, flags = FLAG_TEXT } of records) {
    const header = Buffer.alloc(HEADER_BYTES_V1)
    MAGIC_V1.copy(header)
    header.writeUInt16LE(1, 8)
    header.writeUInt16LE(flags, 10)
    header.writeBigUInt64LE(T0_MONO_NS + BigInt(monoRelNs), 12)
    header.writeUInt32LE(payload.length, 20)
    header.writeUInt32LE(crc32(payload), 24)
    const entry = Buffer.alloc(IDX_ENTRY_BYTES_V1)
    entry.writeBigUInt64LE(BigInt(offset), 0)
    header.copy(entry, 8, 12)
    frames.push(header, Buffer.from(payload))
    idx.push(entry)
    offset += header.length + payload.length
  }
  return { frames: Buffer.concat(frames), idx: Buffer.concat(idx) }
}

/** For tests: `count` records with numbered payloads of varying length, 1 ms apart. */
export function numberedRecords(count: number, shard = 0): FixtureRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    payload: Buffer.from(`{"shard":${shard},"n":${i},"pad":"${'x'.repeat((i * 37) % 200)}"}`),
    monoRelNs: i * 1_000_000 + shard
  }))
}

/** For tests: a run bundle in a fresh folder, by default below the system's temporary folder. */
export function writeFixtureBundle(
  shards: readonly (readonly FixtureRecord[])[],
  options: { cleanStop?: boolean; below?: string } = {}
): string {
  const dir = join(mkdtempSync(join(options.below ?? tmpdir(), 'tapedeck-bundle-')), 'run')
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
