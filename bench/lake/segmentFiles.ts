import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import type { TextBuffer } from '../../src/main/engine/record/index.ts'

/** Writes closed segments and their manifests. */
export class SegmentFiles {
  readonly #dir: string
  readonly #manifests = new Map<string, { path: string }[]>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Makes a segment of the lines in `out`, and empties it. Times in seconds of the run. */
  write(channel: string, fromS: number, toS: number, lines: number, out: TextBuffer): void {
    const packed = zstdCompressSync(out.bytes.subarray(0, out.length), { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    out.length = 0
    const path = `ch=${channel}/date=2026-11-20/segment_20261120_140000_${fromS * 1e9}.jsonl.zst`
    mkdirSync(dirname(join(this.#dir, path)), { recursive: true })
    writeFileSync(join(this.#dir, path), packed)
    const rows = this.#manifests.get(channel) ?? []
    this.#manifests.set(channel, rows)
    rows.push({
      path,
      ...times(fromS, toS),
      lines,
      bytes: packed.length,
      sha256: createHash('sha256').update(packed).digest('hex'),
      created_at: '2026-11-20T15:00:00Z',
      pending: false
    } as { path: string })
  }

  paths(channel: string): string[] {
    return (this.#manifests.get(channel) ?? []).map(({ path }) => path)
  }

  end(): void {
    for (const [channel, rows] of this.#manifests) writeFileSync(join(this.#dir, `ch=${channel}`, 'manifest.json'), JSON.stringify(rows))
  }
}

function times(fromS: number, toS: number): object {
  return { start_t: fromS * 1e9, end_t: toS * 1e9 }
}
