import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { CaptureConfig } from './config.ts'

const GB = 1e9

/** Free space of the disk that holds the data folder. */
export class DiskWatch {
  readonly #dir: string

  constructor(config: CaptureConfig) {
    this.#dir = resolve(config.dataDir)
  }

  /** @returns free bytes, undefined where the system does not say. The folder itself may not exist yet. */
  async freeBytes(): Promise<number | undefined> {
    let dir = this.#dir
    while (!existsSync(dir) && dirname(dir) !== dir) dir = dirname(dir)
    try {
      const stats = await statfs(dir)
      return stats.bavail * stats.bsize
    } catch {
      return undefined
    }
  }
}

/** @returns the sentence to say when less is free than the settings ask for */
export function lowDiskMessage(freeBytes: number | undefined, config: CaptureConfig): string | undefined {
  if (freeBytes === undefined || config.minFreeDiskGb === null || freeBytes >= config.minFreeDiskGb * GB) return undefined
  const found = `${(freeBytes / GB).toFixed(1)} GB`
  return `Only ${found} are free on the disk, but recording needs at least ${config.minFreeDiskGb} GB (min_free_disk_gb). Free some space. Folder: ${resolve(config.dataDir)}`
}
