import { open } from 'node:fs/promises'

/** Makes the names in a folder durable. Does nothing where the system cannot open folders. */
export async function syncDir(dir: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
