import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ArchiveEntry } from './archiveEntry.ts'
import { EntryNames, entryNames, isClutter } from './entryPath.ts'
import { syncDir } from './syncDir.ts'
import type { UnpackBudget } from './unpackBudget.ts'

/** Writes entries below `dir` and makes them durable. Every entry is checked before a byte of it is written. */
export async function writeEntries(
  entries: AsyncIterable<ArchiveEntry>,
  dir: string,
  budget: UnpackBudget,
  signal: AbortSignal
): Promise<void> {
  const claimed = new EntryNames()
  const folders = new Set<string>([dir])
  for await (const entry of entries) {
    signal.throwIfAborted()
    const names = entryNames(entry.path)
    budget.declare(entry.sizeBytes)
    if (names.length === 0 || isClutter(names)) continue
    claimed.claim(names, entry.type)
    const folder = join(dir, ...(entry.type === 'directory' ? names : names.slice(0, -1)))
    await mkdir(folder, { recursive: true })
    for (let f = folder; f.length > dir.length; f = dirname(f)) folders.add(f)
    if (entry.type === 'file') await writeFile(join(dir, ...names), entry, signal)
  }
  for (const folder of folders) await syncDir(folder)
}

async function writeFile(path: string, entry: ArchiveEntry, signal: AbortSignal): Promise<void> {
  // wx: never through or over something that is there already.
  const file = await open(path, 'wx', 0o644)
  try {
    for await (const chunk of entry.read()) {
      signal.throwIfAborted()
      await file.writeFile(chunk)
    }
    await file.datasync()
  } finally {
    await file.close()
  }
}
