import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StudioError } from '../../shared/errors.ts'

/** The folder of Tapedeck itself, be this module source, an entry or a chunk of a build. */
export function appRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(dir, 'package.json'))) {
    const parent = dirname(dir)
    if (parent === dir)
      throw new StudioError('FILE_FAILED', `Tapedeck's own folder was expected around its program, but its package.json is missing.`)
    dir = parent
  }
  return dir
}

export function appVersion(): string {
  return (JSON.parse(readFileSync(join(appRoot(), 'package.json'), 'utf8')) as { version: string }).version
}
