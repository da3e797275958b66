import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { shardOfFileName } from './frameLayout.ts'

export interface FrameFiles {
  readonly shard: number
  readonly framesPath: string
  readonly idxPath: string
}

/** @returns the frame logs of a `capture/` folder with the paths of their indexes (which may not exist), ascending by shard */
export function frameFilesOf(captureDir: string): FrameFiles[] {
  const files: FrameFiles[] = []
  for (const name of readdirSync(captureDir)) {
    const shard = shardOfFileName(name)
    if (shard === undefined) continue
    files.push({ shard, framesPath: join(captureDir, name), idxPath: join(captureDir, name.replace(/\.frames$/, '.idx')) })
  }
  return files.toSorted((a, b) => a.shard - b.shard)
}
