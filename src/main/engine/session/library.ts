import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { BundleEntry } from '../../../shared/api/index.ts'
import { StudioError, toFailure } from '../../../shared/errors.ts'
import { unpackBundle } from '../archive/index.ts'
import { bundlePaths, openBundle } from '../bundle/index.ts'
import { Catalog } from '../catalog/index.ts'
import { rawVerdict } from '../record/index.ts'

/** What the library shows of a bundle. Opening it repairs a torn index and states what was lost. @throws StudioError when it is none */
export async function describeBundle(path: string, demo = false): Promise<BundleEntry> {
  const bundle = await openBundle(path)
  try {
    const { studio, shards } = bundle
    const { state, sentence } = rawVerdict(bundle)
    const firsts = shards.flatMap((log) => (log.firstMonoRelNs === undefined ? [] : [log.firstMonoRelNs]))
    const lasts = shards.flatMap((log) => (log.lastMonoRelNs === undefined ? [] : [log.lastMonoRelNs]))
    const first = firsts.length === 0 ? 0 : Math.min(...firsts)
    return {
      path: resolve(path),
      runId: bundle.runId,
      name: studio?.source ?? basename(path),
      venue: studio?.venue ?? '',
      synthetic: studio?.synthetic ?? false,
      startTsNs: String(bundle.t0WallNs + BigInt(Math.trunc(first))),
      durationNs: lasts.length === 0 ? 0 : Math.max(...lasts) - first,
      frames: shards.reduce((sum, log) => sum + log.records, 0),
      bytes: shards.reduce((sum, log) => sum + log.fileBytes, 0),
      verdict: { state, sentence },
      demo
    }
  } finally {
    bundle.close()
  }
}

/** Reading a bundle checks its bytes, so one that ended cleanly and has not grown since is not read again. @returns the entry if it still holds */
async function unchanged(entry: BundleEntry | undefined): Promise<BundleEntry | undefined> {
  if (entry?.verdict.state !== 'ended') return undefined
  try {
    const { captureDir } = bundlePaths(entry.path)
    const names = (await readdir(captureDir)).filter((name) => name.endsWith('.frames'))
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(captureDir, name))).size))
    return sizes.reduce((sum, size) => sum + size, 0) === entry.bytes ? entry : undefined
  } catch {
    return undefined
  }
}

export interface LibraryOptions {
  readonly dataDir: string
  readonly demoBundle: string | undefined
  readonly onNotice: (level: 'info' | 'warning' | 'error', text: string) => void
  /** An archive is being unpacked: its name, and the share 0..1; undefined when that has ended. */
  readonly onAdding?: (name: string, share: number | undefined) => void
}

/** The bundles that the studio knows: those in `<dataDir>/runs`, those added from elsewhere, and the demo. */
export class Library {
  readonly #options: LibraryOptions
  readonly #catalog: Catalog
  readonly #unpacking = new Set<AbortController>()
  #scanned: Promise<void> | undefined

  constructor(options: LibraryOptions) {
    this.#options = options
    this.#catalog = new Catalog({
      dataDir: options.dataDir,
      onNotice: (text) => {
        options.onNotice('warning', text)
        this.#scanned = undefined
      }
    })
  }

  get runsDir(): string {
    return join(this.#options.dataDir, 'runs')
  }

  async list(): Promise<readonly BundleEntry[]> {
    await (this.#scanned ??= this.#scan())
    return this.#catalog.list()
  }

  /** Looks at the folders again. */
  async rescan(): Promise<readonly BundleEntry[]> {
    this.#scanned = undefined
    return this.list()
  }

  /** Adds a bundle folder, or unpacks an archive of one into the runs folder. @throws StudioError with what is wrong with it */
  async add(path: string): Promise<BundleEntry> {
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) throw new StudioError('BUNDLE_NOT_FOUND', `There is no file or folder at this place: ${path}`)
    const dir = found.isDirectory() ? path : await this.#unpack(path)
    const entry = await describeBundle(dir)
    this.#catalog.upsert(entry)
    return entry
  }

  /** Ends every unpacking that is under way: its `add` fails with ABORTED and leaves nothing behind. */
  cancelAdding(): void {
    for (const unpacking of this.#unpacking) unpacking.abort()
  }

  async #unpack(path: string): Promise<string> {
    const unpacking = new AbortController()
    const tell = (share: number | undefined): void => this.#options.onAdding?.(basename(path), share)
    this.#unpacking.add(unpacking)
    tell(0)
    try {
      return await unpackBundle(path, this.runsDir, { signal: unpacking.signal, onProgress: percents(tell) })
    } finally {
      this.#unpacking.delete(unpacking)
      tell(undefined)
    }
  }

  async forget(path: string): Promise<readonly BundleEntry[]> {
    this.#catalog.forget(path)
    return this.list()
  }

  dispose(): void {
    this.#catalog.dispose()
  }

  async #scan(): Promise<void> {
    const forgotten = new Set(this.#catalog.forgottenPaths())
    const names = await readdir(this.runsDir).catch(() => [])
    const paths = [
      ...names.filter((name) => !name.startsWith('.')).map((name) => resolve(this.runsDir, name)),
      ...this.#catalog.extraPaths()
    ]
    const known = new Map(this.#catalog.list().map((entry) => [entry.path, entry]))
    const entries: BundleEntry[] = []
    for (const path of new Set(paths)) {
      if (forgotten.has(path) || path === this.#options.demoBundle) continue
      const entry = (await unchanged(known.get(path))) ?? (await this.#describe(path, false))
      if (entry !== undefined) entries.push(entry)
    }
    const demo = this.#options.demoBundle === undefined ? undefined : await this.#describe(this.#options.demoBundle, true)
    this.#catalog.replaceAll(demo === undefined ? entries : [...entries, demo])
  }

  /** One broken folder must not hide the others. */
  async #describe(path: string, demo: boolean): Promise<BundleEntry | undefined> {
    try {
      return await describeBundle(path, demo)
    } catch (error) {
      const { code, message } = toFailure(error)
      if (code !== 'BUNDLE_NOT_FOUND') this.#options.onNotice('warning', message)
      return undefined
    }
  }
}

/** Passes on whole percents only: a screen needs no more. */
function percents(tell: (share: number) => void): (share: number) => void {
  let last = 0
  return (share) => {
    const percent = Math.floor(share * 100)
    if (percent <= last) return
    last = percent
    tell(share)
  }
}
