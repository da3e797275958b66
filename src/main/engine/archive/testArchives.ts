import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'
import tar from 'tar-stream'

/** What a test puts into an archive. */
export interface TestEntry {
  readonly name: string
  readonly body?: string | Buffer
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device' | 'fifo'
  readonly linkname?: string
}

/** A small run bundle: what makes a folder one, and a shard. */
export function bundleEntries(root: string, runId = 'run-1', extra = ''): TestEntry[] {
  return [
    { name: `${root}manifest.json`, body: `{"manifest_version":1,"run_id":"${runId}"${extra}}\n` },
    { name: `${root}runlog.ndjson`, body: '{"record_type":"run_start"}\n' },
    { name: `${root}capture/`, type: 'directory' },
    { name: `${root}capture/shard_00.frames`, body: Buffer.alloc(70_000, 'frame ') },
    { name: `${root}capture/shard_00.idx`, body: Buffer.alloc(640, 1) }
  ]
}

export async function tarOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const pack = tar.pack()
  for (const { name, body, type, linkname } of entries) {
    pack.entry({ name, type: type ?? 'file', ...(linkname !== undefined && { linkname }) }, body ?? '')
  }
  pack.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export const tarGzOf = async (entries: readonly TestEntry[]): Promise<Buffer> => gzipSync(await tarOf(entries))
export const tarZstOf = async (entries: readonly TestEntry[]): Promise<Buffer> => zstdCompressSync(await tarOf(entries))

export interface ZipOptions {
  readonly stored?: boolean
  readonly encrypted?: boolean
  readonly wrongCrc?: boolean
  /** Sizes that the directory claims instead of the true ones. */
  readonly claimedBytes?: number
}

const S_IFLNK = 0o120777
const S_IFREG = 0o100644

/** Writes a zip by hand, so that it can also lie. */
export function zipOf(entries: readonly TestEntry[], options: ZipOptions = {}): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { local, central } = zipEntry(entry, offset, options)
    locals.push(local)
    directory.push(central)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, central, end])
}

function zipEntry(entry: TestEntry, offset: number, options: ZipOptions): { local: Buffer; central: Buffer } {
  const name = Buffer.from(entry.name)
  const body = Buffer.from(entry.type === 'symlink' ? (entry.linkname ?? '') : (entry.body ?? ''))
  const data = options.stored === true ? body : deflateRawSync(body)
  const facts = Buffer.alloc(26)
  facts.writeUInt16LE(20, 0)
  facts.writeUInt16LE(0x800 | (options.encrypted === true ? 1 : 0), 2)
  facts.writeUInt16LE(options.stored === true ? 0 : 8, 4)
  facts.writeUInt32LE((crc32(body) + (options.wrongCrc === true ? 1 : 0)) >>> 0, 10)
  facts.writeUInt32LE(data.length, 14)
  facts.writeUInt32LE(options.claimedBytes ?? body.length, 18)
  facts.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), facts, name, data])
  const head = Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1')
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(((entry.type === 'symlink' ? S_IFLNK : S_IFREG) << 16) >>> 0, 6)
  rest.writeUInt32LE(offset, 10)
  return { local, central: Buffer.concat([head, facts, rest, name]) }
}
