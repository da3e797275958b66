// Places in the repository. Plain Node 20, no packages: used before the install.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository root, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Downloads and notes of the build scripts; can be deleted at any time. */
export const cacheDir = join(root, '.cache')

/** The folder of installed commands; its `node` is Node 22. */
export const binDir = join(root, 'node_modules', '.bin')

/** Node 22 from the lockfile, whatever the machine's own Node is. */
export const node22 = join(binDir, process.platform === 'win32' ? 'node.exe' : 'node')
