/**
 * Byte layout of the frame log (`shard_NN.frames` and `shard_NN.idx`), little endian, no padding.
 * Record v2: magic 8, version u16, flags u16, rx_mono_ns u64, rx_wall_ns_utc u64, payload_len u32, payload_crc32 u32, payload.
 * Record v1: the same without rx_wall_ns_utc. Index entry: offset u64, rx_mono_ns u64, (v2: rx_wall_ns_utc u64), payload_len u32, crc u32.
 */
export type FrameVersion = 1 | 2

export const MAGIC_V1 = Buffer.from('PMCAPv01', 'latin1')
export const MAGIC_V2 = Buffer.from('PMCAPv02', 'latin1')
/** Both magics begin with these four bytes, read as a little-endian u32. */
export const MAGIC_WORD_0 = 0x41434d50
export const MAGIC_V1_WORD_1 = 0x31307650
export const MAGIC_V2_WORD_1 = 0x32307650

export const HEADER_BYTES_V1 = 28
export const HEADER_BYTES_V2 = 36
export const IDX_ENTRY_BYTES_V1 = 24
export const IDX_ENTRY_BYTES_V2 = 32

/** Largest payload that a reader accepts; a longer length field is taken as damage. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024 + 1024

/** Flag bits of a record. The first three are the format's own; REST and NOTE are Tapedeck's provenance flags. */
export const FLAG_TEXT = 1
export const FLAG_BINARY = 2
export const FLAG_DECODED = 4
/** The payload is an HTTP response body exactly as received. */
export const FLAG_REST = 8
/** The payload is JSON written by the capture plant, not received from a venue. */
export const FLAG_NOTE = 16

/** @returns bytes of a record's header */
export function headerBytes(version: FrameVersion): number {
  return version === 2 ? HEADER_BYTES_V2 : HEADER_BYTES_V1
}

/** @returns bytes of one index entry */
export function idxEntryBytes(version: FrameVersion): number {
  return version === 2 ? IDX_ENTRY_BYTES_V2 : IDX_ENTRY_BYTES_V1
}

/** File name of a shard's frame log inside `capture/`. */
export function framesFileName(shard: number): string {
  return `shard_${String(shard).padStart(2, '0')}.frames`
}

/** File name of a shard's index inside `capture/`. */
export function idxFileName(shard: number): string {
  return `shard_${String(shard).padStart(2, '0')}.idx`
}

/** @returns the shard number after the last `_` of a `.frames` file name, undefined for any other name */
export function shardOfFileName(name: string): number | undefined {
  const match = /_(\d+)\.frames$/.exec(name)
  return match === null ? undefined : Number(match[1])
}
