import { McapIndexedReader, McapWriter } from '@mcap/core'
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { zstdCompressSync, constants } from 'node:zlib'
import type { Work } from '../measure.ts'

const CHANNELS = 8
const CHUNK_BYTES = 1024 * 1024
const ZSTD_LEVEL = 3
const STEP_NS = 5000n

export interface McapFile extends Work {
  readonly bytes: number
}

/** Writes the same payloads with @mcap/core, spread over eight channels, into a file that exists; synced at the end. */
export async function writeMcap(path: string, payloads: readonly Buffer[], records: number, zstd: boolean): Promise<McapFile> {
  const fd = openSync(path, 'r+')
  let position = 0
  const writable = {
    write: (buffer: Uint8Array): Promise<void> => {
      position += writeSync(fd, buffer, 0, buffer.length, position)
      return Promise.resolve()
    },
    position: () => BigInt(position)
  }
  const begun = performance.now()
  const compressed = { compressChunk: (data: Uint8Array) => ({ compression: 'zstd', compressedData: zstdOf(data) }) }
  const writer = new McapWriter({ writable, chunkSize: CHUNK_BYTES, ...(zstd ? compressed : {}) })
  await writer.start({ profile: '', library: 'bench' })
  const channels: number[] = []
  for (let i = 0; i < CHANNELS; i++) {
    channels.push(await writer.registerChannel({ schemaId: 0, topic: `shard${i}`, messageEncoding: 'json', metadata: new Map() }))
  }
  for (let i = 0; i < records; i++) {
    const time = BigInt(i) * STEP_NS
    const data = payloads[i % payloads.length]!
    await writer.addMessage({ channelId: channels[i % CHANNELS]!, sequence: i, logTime: time, publishTime: time, data })
  }
  await writer.end()
  fsyncSync(fd)
  const seconds = (performance.now() - begun) / 1000
  closeSync(fd)
  return { count: records, seconds, bytes: position }
}

/** Reads all messages in time order with chunk CRCs checked, and hands each payload over. */
export async function readMcap(path: string, bytes: number, take: (data: Uint8Array) => void): Promise<void> {
  const fd = openSync(path, 'r')
  const readable = {
    size: () => Promise.resolve(BigInt(bytes)),
    read: (offset: bigint, size: bigint): Promise<Uint8Array> => {
      const buffer = Buffer.allocUnsafe(Number(size))
      readSync(fd, buffer, 0, buffer.length, Number(offset))
      return Promise.resolve(buffer)
    }
  }
  const reader = await McapIndexedReader.Initialize({ readable })
  for await (const message of reader.readMessages({ validateCrcs: true })) take(message.data)
  closeSync(fd)
}

function zstdOf(data: Uint8Array): Uint8Array {
  return zstdCompressSync(data, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })
}
