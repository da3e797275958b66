import { join } from 'node:path'

/** Where things lie in a lake. Everything outside `station=…` is ours alone. */
export interface LakePaths {
  readonly dir: string
  readonly proofs: string
  /** Unfinished work; safe to look into only under the lock. */
  readonly work: string
}

export function lakePaths(dir: string): LakePaths {
  const work = join(dir, '.work')
  return { dir, proofs: join(dir, 'proofs'), work }
}

/** Folder of a partition below the lake, with forward slashes. */
export function partitionPath(station: string, date: string, channel: string): string {
  return `station=${fileText(station)}/date=${date}/ch=${channel}`
}

/** A text as part of a file name: nothing in it leads elsewhere. */
export function fileText(text: string): string {
  const safe = encodeURIComponent(text).replaceAll('*', '%2A')
  return /^\.+$/.test(safe) ? safe.replaceAll('.', '%2E') : safe
}

export function partName(number: number): string {
  return `part-${String(number).padStart(4, '0')}.parquet`
}

/** Path below the lake as the host spells it. */
export function inLake(dir: string, path: string): string {
  return join(dir, ...path.split('/'))
}
