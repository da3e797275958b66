import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..')

/** Folder of the real recordings, which are not part of the repository. The environment variable TAPEDECK_REAL_DATA overrides it. */
function realDataFolder(): string {
  return process.env['TAPEDECK_REAL_DATA'] ?? join(repositoryRoot, '..', 'shared', 'data')
}

let announced = false

/**
 * Finds a file or folder of the real recordings; for tests and benches only.
 * @param rel path inside the data folder, for example `binance/btcusdt_20240808.gz`
 * @returns the absolute path, or undefined where it is absent (said once on stderr, so that a skip is never silent)
 */
export function realDataPath(rel: string): string | undefined {
  const path = join(realDataFolder(), rel)
  if (existsSync(path) && statSync(path).size > 0) return path
  if (!announced)
    process.stderr.write(
      `REAL DATA MISSING: ${rel} was not found, tests on real recordings are SKIPPED. Set TAPEDECK_REAL_DATA to the data folder.\n`
    )
  announced = true
  return undefined
}
