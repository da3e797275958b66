import { readFileSync } from 'node:fs'
import { encodeRecord, health, recordBytes, type Health } from '../../../shared/channels/index.ts'
import { bundlePaths, type OpenBundle } from '../bundle/index.ts'

const PLANT_SHARD = 0xffff
const MONO = /"hb_mono_ns":(\d+)/
/** Longest metrics file that is read; a heartbeat a second for a week. */
const MAX_BYTES = 400 * 1024 * 1024

/** A heartbeat as a `health` record: the text exactly as the plant wrote it. */
export function healthRecord(text: string, index: number, relNs: number): Uint8Array {
  const record: Health = { ch: 'health', shard: PLANT_SHARD, frameIdx: index, pos: 0, instrumentId: 0, recvRelNs: relNs, text }
  const bytes = new Uint8Array(recordBytes(health, record))
  encodeRecord(health, record, new DataView(bytes.buffer), 0)
  return bytes
}

/** What the plant observed of itself, replayed as recorded: the lines of metrics/global.ndjson at their own times. */
export class HealthReader {
  readonly #lines: { relNs: number; text: string }[]
  #next = 0

  /** @param bundle or a reader of it, whose lines are shared */
  constructor(bundle: OpenBundle | HealthReader) {
    if (bundle instanceof HealthReader) {
      this.#lines = bundle.#lines
      return
    }
    this.#lines = []
    for (const text of readLines(bundlePaths(bundle.dir).globalMetrics)) {
      const mono = MONO.exec(text)?.[1]
      if (mono !== undefined) this.#lines.push({ relNs: Number(BigInt(mono) - bundle.t0MonoNs), text })
    }
  }

  /** Records up to this time that were not handed out yet. */
  until(relNs: number): Uint8Array {
    const parts: Uint8Array[] = []
    for (; this.#next < this.#lines.length && this.#lines[this.#next]!.relNs <= relNs; this.#next++) {
      const line = this.#lines[this.#next]!
      parts.push(healthRecord(line.text, this.#next, line.relNs))
    }
    return joined(parts)
  }

  /** Goes on behind this time, with the one heartbeat that was current then. */
  seek(relNs: number): void {
    const after = this.#lines.findIndex((line) => line.relNs > relNs)
    this.#next = Math.max(0, (after < 0 ? this.#lines.length : after) - 1)
  }
}

function readLines(path: string): string[] {
  try {
    const bytes = readFileSync(path)
    return bytes.length > MAX_BYTES ? [] : bytes.toString('utf8').split('\n')
  } catch {
    // A bundle of another system, or one without metrics: there is no health to replay.
    return []
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
