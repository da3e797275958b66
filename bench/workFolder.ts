import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** Where inputs are kept and scratch files written; git-ignored, may be deleted at any time. @returns the path of `name` in it */
export function inWorkFolder(name: string): string {
  const folder = join(root, '.cache', 'bench')
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}

/** @returns the path of a file or folder of the repository */
export function inRepository(...parts: string[]): string {
  return join(root, ...parts)
}
