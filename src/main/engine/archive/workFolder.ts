import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const PREFIX = '.unpacking-'

/** Makes the hidden folder that an archive is unpacked to; it carries our process id, so that a later run can tell it from rubbish. */
export async function makeWorkFolder(intoDir: string): Promise<string> {
  await sweep(intoDir)
  return mkdtemp(join(intoDir, `${PREFIX}${process.pid}-`))
}

/** Removes what a killed process left behind. */
async function sweep(intoDir: string): Promise<void> {
  for (const name of await readdir(intoDir)) {
    const pid = new RegExp(`^\\${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (pid !== undefined && !alive(Number(pid))) await rm(join(intoDir, name), { recursive: true, force: true })
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
