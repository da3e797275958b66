import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'

/** The file and the folder that make a folder a run bundle. */
const MANIFEST = 'manifest.json'
const CAPTURE = 'capture'

/**
 * Finds the one run bundle in an unpacked archive, at whatever depth.
 * @throws StudioError BUNDLE_FOREIGN when there is none, or more than one
 */
export async function bundleRoot(dir: string, archivePath: string): Promise<string> {
  const found = await bundlesIn(dir)
  const [only] = found
  if (only === undefined) {
    throw new StudioError(
      'BUNDLE_FOREIGN',
      `The archive holds no run bundle: expected a folder with ${MANIFEST} and ${CAPTURE}/ inside. Nothing was added. ${archivePath}`
    )
  }
  if (found.length > 1) {
    const names = found.slice(0, 3).map((path) => basename(path))
    throw new StudioError(
      'BUNDLE_FOREIGN',
      `The archive holds ${found.length} run bundles (${names.join(', ')}${found.length > 3 ? ', …' : ''}). Unpack it and add them one at a time; nothing was added. ${archivePath}`
    )
  }
  return only
}

async function bundlesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  const isBundle = entries.some((e) => e.isFile() && e.name === MANIFEST) && entries.some((e) => e.isDirectory() && e.name === CAPTURE)
  if (isBundle) return [dir]
  const found: string[] = []
  for (const entry of entries) if (entry.isDirectory()) found.push(...(await bundlesIn(join(dir, entry.name))))
  return found
}
