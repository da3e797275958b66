import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { parseBigJson, type BigJson } from './bigJson.ts'

const TAIL_BYTES = 256 * 1024

export type LogRecord = { readonly [key: string]: BigJson | undefined }

/**
 * Reads the last whole records of an NDJSON file, oldest first, from at most its last 256 KiB. Lines that are no JSON object (a torn end) are left out.
 * @returns an empty list where the file is missing
 */
export function readNdjsonTail(path: string): LogRecord[] {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return []
  }
  try {
    const size = fstatSync(fd).size
    const from = Math.max(0, size - TAIL_BYTES)
    const bytes = Buffer.alloc(size - from)
    const got = readSync(fd, bytes, 0, bytes.length, from)
    const lines = bytes.toString('utf8', 0, got).split('\n')
    if (from > 0) lines.shift()
    return lines.flatMap(parseLine)
  } finally {
    closeSync(fd)
  }
}

function parseLine(line: string): LogRecord[] {
  if (line.trim() === '') return []
  try {
    const value = parseBigJson(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? [value as LogRecord] : []
  } catch {
    return []
  }
}
