import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import type { JsonRecord } from '../../../shared/gates/index.ts'
import { parseBigJson } from './bigJson.ts'

const CHUNK_BYTES = 1024 * 1024
/** A longer line is no record of ours: it is passed over, so that memory stays bounded whatever a file holds. */
const MAX_LINE_BYTES = 4 * 1024 * 1024
const NEWLINE = 10

/** What a file of one JSON object a line held. */
export interface NdjsonCounts {
  readonly exists: boolean
  readonly records: number
  /** Lines that are no JSON object. */
  readonly unreadable: number
  /** The last line has no end and is no JSON object: it was cut off while it was written. */
  readonly tornEnd: boolean
}

export interface NdjsonScanOptions {
  readonly signal?: AbortSignal | undefined
  readonly onBytes?: ((bytes: number) => void) | undefined
}

/**
 * Reads a file of one JSON object a line, with bounded memory. Lines that are none are counted, never an error.
 * @param visit called for each record with its parsed form (integers beyond 2^53 are rounded, see `exactInteger`) and its text
 * @throws StudioError FILE_FAILED for what is no file, the operating system's error, the signal's reason; a missing file is an empty one
 */
export async function scanNdjson(
  path: string,
  visit: (record: JsonRecord, line: string) => void,
  options: NdjsonScanOptions = {}
): Promise<NdjsonCounts> {
  const fd = openOrUndefined(path)
  if (fd === undefined) return { exists: false, records: 0, unreadable: 0, tornEnd: false }
  const lines = new LineSplitter(visit)
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      const bytes = readSync(fd, chunk, 0, chunk.length, null)
      if (bytes === 0) break
      lines.push(chunk.subarray(0, bytes))
      options.onBytes?.(bytes)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { exists: true, ...lines.end() }
  } finally {
    closeSync(fd)
  }
}

/** @returns the integer of a record's field exactly, undefined where it is none or does not fit 64 bits */
export function exactInteger(record: JsonRecord, line: string, key: string): bigint | undefined {
  const value = record[key]
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 2 ** 64) return undefined
  if (Number.isSafeInteger(value)) return BigInt(value)
  const exact = (parseBigJson(line) as JsonRecord)[key]
  return typeof exact === 'bigint' ? exact : undefined
}

class LineSplitter {
  readonly #visit: (record: JsonRecord, line: string) => void
  /** Start of a line whose end has not been read yet. */
  #parts: Buffer[] = []
  #partBytes = 0
  #tooLong = false
  #records = 0
  #unreadable = 0

  constructor(visit: (record: JsonRecord, line: string) => void) {
    this.#visit = visit
  }

  /** @param bytes may be used again by the caller */
  push(bytes: Buffer): void {
    let from = 0
    for (;;) {
      const end = bytes.indexOf(NEWLINE, from)
      if (end < 0) break
      this.#line(bytes.subarray(from, end))
      from = end + 1
    }
    this.#keep(bytes.subarray(from))
  }

  end(): { records: number; unreadable: number; tornEnd: boolean } {
    const before = this.#unreadable
    if (this.#partBytes > 0 || this.#tooLong) this.#line(Buffer.alloc(0))
    const tornEnd = this.#unreadable > before
    return { records: this.#records, unreadable: before, tornEnd }
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return
    if (this.#partBytes + rest.length > MAX_LINE_BYTES) {
      this.#tooLong = true
      this.#parts = []
      this.#partBytes = 0
    }
    if (this.#tooLong) return
    this.#parts.push(Buffer.from(rest))
    this.#partBytes += rest.length
  }

  #line(rest: Buffer): void {
    const tooLong = this.#tooLong || this.#partBytes + rest.length > MAX_LINE_BYTES
    const text = tooLong ? '' : (this.#partBytes === 0 ? rest : Buffer.concat([...this.#parts, rest])).toString('utf8')
    this.#parts = []
    this.#partBytes = 0
    this.#tooLong = false
    if (!tooLong && text.trim() === '') return
    const record = tooLong ? undefined : recordOf(text)
    if (record === undefined) {
      this.#unreadable += 1
      return
    }
    this.#records += 1
    this.#visit(record, text)
  }
}

function recordOf(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined
  } catch {
    return undefined
  }
}

/** Looks before it opens: to open a pipe would wait for ever. */
function openOrUndefined(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (!stats.isFile()) throw new StudioError('FILE_FAILED', `A file is expected here, but this is something else: ${path}`)
  return openSync(path, 'r')
}
