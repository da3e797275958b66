import { readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import { syncDir } from './syncDir.ts'

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/**
 * Moves an unpacked bundle to its place, `<intoDir>/<run id>`.
 * @returns the place; when the very same run is there already, that one
 * @throws StudioError BUNDLE_EXISTS when another run has the place
 */
export async function installBundle(root: string, intoDir: string, archivePath: string): Promise<string> {
  const manifest = await readFile(join(root, 'manifest.json'))
  const name = runName(manifest, root, archivePath)
  const place = join(intoDir, name)
  try {
    if ((await manifestAt(place)) === undefined) {
      await rename(root, place)
      await syncDir(intoDir)
      return place
    }
  } catch (error) {
    // Another import may have taken the place in between.
    if (!['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code))) throw error
  }
  if ((await manifestAt(place))?.equals(manifest)) return place
  throw new StudioError(
    'BUNDLE_EXISTS',
    `Another run with the id ${name} is in the library already, so the archive was not added. Rename or move that folder, then add the archive again. ${place}`
  )
}

async function manifestAt(dir: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(dir, 'manifest.json'))
  } catch {
    return undefined
  }
}

/** The run id, when the manifest has a usable one; opening the bundle tells what is wrong with a bad manifest. */
function runName(manifest: Buffer, root: string, archivePath: string): string {
  const candidates = [runIdOf(manifest), basename(root), basename(archivePath).replace(/(\.(zip|tar|tgz|tzst|gz|zst))+$/i, '')]
  return candidates.find((name): name is string => name !== undefined && SAFE_NAME.test(name)) ?? 'imported-run'
}

function runIdOf(manifest: Buffer): string | undefined {
  try {
    const parsed = JSON.parse(manifest.toString('utf8')) as { run_id?: unknown } | null
    return typeof parsed?.run_id === 'string' ? parsed.run_id : undefined
  } catch {
    return undefined
  }
}
