import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { framesFileName, HEADER_BYTES_V2, idxFileName, IDX_ENTRY_BYTES_V2 } from '../bundle/index.ts'
import type { RunRecord } from './runFiles.ts'

/** More than this of the newest records is not set aside, however many records it is. */
const MAX_BYTES = 64 * 1024 * 1024
const DECODED_HEADERS = 10

/** The newest records of a shard, as they are in its log: a valid `.frames` file, with the headers of the very last ones for people. */
export interface LastFrames {
  readonly bytes: Uint8Array
  readonly headers: readonly RunRecord[]
}

/**
 * Reads the end of a shard's log, by its index. The log itself is the ring: nothing is copied while recording.
 * @param records how many at most
 * @throws the operating system's error
 */
export function lastFrames(captureDir: string, shard: number, records: number): LastFrames {
  const idx = tailOf(join(captureDir, idxFileName(shard)), records * IDX_ENTRY_BYTES_V2, IDX_ENTRY_BYTES_V2)
  const path = join(captureDir, framesFileName(shard))
  const fd = openSync(path, 'r')
  try {
    const size = fstatSync(fd).size
    const offsets: number[] = []
    for (let at = 0; at + IDX_ENTRY_BYTES_V2 <= idx.length; at += IDX_ENTRY_BYTES_V2) offsets.push(Number(idx.readBigUInt64LE(at)))
    const first = offsets.find((offset) => size - offset <= MAX_BYTES) ?? size
    const bytes = Buffer.alloc(Math.max(0, size - first))
    const got = readSync(fd, bytes, 0, bytes.length, first)
    return { bytes: bytes.subarray(0, got), headers: headersOf(bytes.subarray(0, got)) }
  } finally {
    closeSync(fd)
  }
}

function tailOf(path: string, bytes: number, unit: number): Buffer {
  const fd = openSync(path, 'r')
  try {
    const size = fstatSync(fd).size
    const whole = size - (size % unit)
    const from = Math.max(0, whole - bytes)
    const buffer = Buffer.alloc(whole - from)
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, from))
  } finally {
    closeSync(fd)
  }
}

function headersOf(bytes: Buffer): RunRecord[] {
  const headers: RunRecord[] = []
  for (let at = 0; at + HEADER_BYTES_V2 <= bytes.length; at += HEADER_BYTES_V2 + bytes.readUInt32LE(at + 28)) {
    headers.push({
      schema_version: bytes.readUInt16LE(at + 8),
      flags: bytes.readUInt16LE(at + 10),
      rx_mono_ns: bytes.readBigUInt64LE(at + 12),
      rx_wall_ns_utc: bytes.readBigUInt64LE(at + 20),
      payload_len: bytes.readUInt32LE(at + 28),
      payload_crc32: bytes.readUInt32LE(at + 32)
    })
    if (headers.length > DECODED_HEADERS) headers.shift()
  }
  return headers
}
