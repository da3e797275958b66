import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseBigJson, type BigJson } from '../bundle/index.ts'

/** Where an operator may have kept what `capture-verify` printed, in the order of looking. */
const NAMES = ['verify_summary.json', 'capture_verify.json', 'capture_verify_summary.json'] as const

/** A kept result of `capture-verify`. `summary` is null when the file holds no JSON. */
export type VerifySummary = { readonly present: false } | { readonly present: true; readonly path: string; readonly summary: BigJson }

export function readVerifySummary(dir: string): VerifySummary {
  const path = NAMES.map((name) => join(dir, name)).find((candidate) => existsSync(candidate))
  return path === undefined ? { present: false } : { present: true, path, summary: parsed(path) }
}

/** @returns records with a wrong CRC by a kept result, null where it does not say */
export function crcMismatches(verify: VerifySummary): number | null {
  if (!verify.present) return null
  const summary = objectOf(verify.summary)
  const count = objectOf(summary['totals'])['crc_mismatch'] ?? summary['crc_mismatch']
  return typeof count === 'number' && Number.isFinite(count) ? count : null
}

function parsed(path: string): BigJson {
  try {
    return parseBigJson(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

function objectOf(value: BigJson | undefined): Readonly<Record<string, BigJson | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, BigJson | undefined>>)
    : {}
}
