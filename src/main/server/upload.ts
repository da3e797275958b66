import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { CommandReply } from '../../shared/api/index.ts'
import { StudioError, toFailure } from '../../shared/errors.ts'
import type { Engine } from '../engine/index.ts'

/** Stays free on the disk, so that a running recording is not starved by an upload. */
const RESERVE_BYTES = 256 * 1024 * 1024
/** An upload that is still there after this long belongs to a process that was killed. */
const LEFTOVER_MS = 24 * 3600_000

/** Takes an archive that was dropped on the page, hands it to the library, and removes the copy. */
export class Uploads {
  readonly #engine: Engine
  readonly #dir: string
  readonly #freeBytes: (() => Promise<number>) | undefined

  /** @param freeBytes given by tests only */
  constructor(engine: Engine, dataDir: string, freeBytes?: () => Promise<number>) {
    this.#engine = engine
    this.#dir = join(dataDir, 'uploads')
    this.#freeBytes = freeBytes
  }

  /** The answer is that of `library_add`; a failed upload is a failure like any other. Never rejects. */
  async receive(request: IncomingMessage, name: string): Promise<CommandReply<'library_add'>> {
    const folder = join(this.#dir, `${randomUUID()}.tmp`)
    try {
      await mkdir(folder, { recursive: true })
      const path = join(folder, safeName(name))
      await this.#store(request, path)
      return await this.#engine.call({ cmd: 'library_add', path })
    } catch (error) {
      return { ok: false, failure: toFailure(error) }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** Removes what a killed process left behind. */
  async sweep(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#dir).catch(() => [])) {
      const path = join(this.#dir, name)
      const changedMs = await stat(path).then(
        (s) => s.mtimeMs,
        () => nowMs
      )
      if (nowMs - changedMs > LEFTOVER_MS) await rm(path, { recursive: true, force: true })
    }
  }

  async #store(request: IncomingMessage, path: string): Promise<void> {
    const limit = Math.max(0, (await this.#free()) - RESERVE_BYTES)
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
    const file = await open(path, 'wx', 0o600)
    let bytes = 0
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > limit) throw tooLarge(limit)
        await file.writeFile(chunk)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
      throw new StudioError('ABORTED', 'The upload was broken off; nothing was kept.', { cause: error })
    } finally {
      await file.close()
    }
  }

  async #free(): Promise<number> {
    if (this.#freeBytes !== undefined) return this.#freeBytes()
    const { bavail, bsize } = await statfs(this.#dir)
    return bavail * bsize
  }
}

function tooLarge(limit: number): StudioError {
  const room = `${Math.floor(limit / 2 ** 20)} MiB`
  return new StudioError(
    'DISK_FULL',
    `The file does not fit on the disk, where there is room for ${room}. Free some space and try again; nothing was kept.`
  )
}

/** Keeps a dropped file's name recognisable in messages, and harmless as a name. */
function safeName(name: string): string {
  const kept = name
    .slice(-100)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._]+/, '')
  return kept === '' ? 'upload' : kept
}
