import { join, resolve, sep } from 'node:path'
import type Database from 'better-sqlite3'
import type { BundleEntry } from '../../../shared/api/index.ts'
import { fromRow, toRow, type BundleRow } from './bundleRow.ts'
import { isDamage, openCatalogFile, type ReplacedBecause } from './catalogFile.ts'

export interface CatalogOptions {
  /** Folder that holds `catalog.sqlite` and `runs/`. */
  readonly dataDir: string
  /** One plain sentence each time the catalog had to be replaced by a fresh one; the owner scans again. */
  readonly onNotice?: (text: string) => void
}

const INSERT = `INSERT OR REPLACE INTO bundle VALUES (@path, @run_id, @name, @venue, @synthetic, @start_ts_ns, @duration_ns,
  @frames, @bytes, @verdict_state, @verdict_sentence, @demo)`
// Decimal text sorts as a number when shorter texts come first.
const SELECT = 'SELECT * FROM bundle ORDER BY demo, length(start_ts_ns) DESC, start_ts_ns DESC, path'

/**
 * The library's index. It holds nothing that cannot be found again by scanning, except the paths of bundles that were
 * opened from outside `<dataDir>/runs` and those that were taken out of the list. Synchronous; never on a hot path.
 * A file that is found damaged, also in the middle of a session, is moved aside and a fresh one begins: no method throws for it.
 */
export class Catalog {
  readonly #file: string
  readonly #runsDir: string
  readonly #onNotice: (text: string) => void
  #db: Database.Database
  #closed = false

  constructor(options: CatalogOptions) {
    this.#file = join(options.dataDir, 'catalog.sqlite')
    this.#runsDir = resolve(options.dataDir, 'runs') + sep
    this.#onNotice = options.onNotice ?? (() => undefined)
    this.#db = this.#open()
  }

  /** Newest first, the demo bundle last. */
  list(): BundleEntry[] {
    return this.#safely(() => this.#db.prepare<[], BundleRow>(SELECT).all().map(fromRow))
  }

  /** Adds a bundle, or replaces what was known of the same path; a forgotten one is back in the list. */
  upsert(entry: BundleEntry): void {
    this.#change(() => this.#put(entry))
  }

  /** Makes the list exactly this, in one step, as a scan found it. Remembered paths that the scan could not read stay remembered. */
  replaceAll(entries: readonly BundleEntry[]): void {
    this.#change(() => {
      this.#db.prepare('DELETE FROM bundle').run()
      for (const entry of entries) this.#put(entry)
    })
  }

  /** Takes a bundle out of the list and keeps scans from bringing it back. Its files stay. */
  forget(path: string): void {
    this.#change(() => {
      this.#db.prepare('DELETE FROM bundle WHERE path = ?').run(path)
      this.#db.prepare('DELETE FROM extra_path WHERE path = ?').run(path)
      this.#db.prepare('INSERT OR IGNORE INTO forgotten_path VALUES (?)').run(path)
    })
  }

  /** Bundles outside `<dataDir>/runs` that a scan must look at as well. */
  extraPaths(): string[] {
    return this.#paths('extra_path')
  }

  /** Bundles that a scan must leave out. */
  forgottenPaths(): string[] {
    return this.#paths('forgotten_path')
  }

  dispose(): void {
    if (this.#closed) return
    this.#closed = true
    this.#db.close()
  }

  #put(entry: BundleEntry): void {
    this.#db.prepare(INSERT).run(toRow(entry))
    this.#db.prepare('DELETE FROM forgotten_path WHERE path = ?').run(entry.path)
    const outside = !resolve(entry.path).startsWith(this.#runsDir)
    if (outside && !entry.demo) this.#db.prepare('INSERT OR IGNORE INTO extra_path VALUES (?)').run(entry.path)
  }

  #paths(table: 'extra_path' | 'forgotten_path'): string[] {
    return this.#safely(() => this.#db.prepare<[], { path: string }>(`SELECT path FROM ${table} ORDER BY path`).all()).map(
      (row) => row.path
    )
  }

  #change(work: () => void): void {
    this.#safely(() => this.#db.transaction(work).immediate())
  }

  #safely<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (this.#closed || !isDamage(error)) throw error
      this.#db.close()
      this.#db = this.#open('damaged')
      return work()
    }
  }

  #open(because?: ReplacedBecause): Database.Database {
    const { db, replaced } = openCatalogFile(this.#file)
    const reason = replaced ?? because
    if (reason !== undefined) this.#onNotice(sentence(reason, this.#file))
    return db
  }
}

function sentence(reason: ReplacedBecause, file: string): string {
  if (reason === 'not writable')
    return `The library's index cannot be written, so it is kept in memory and forgotten when Tapedeck closes. No recording is affected. ${file}`
  const what = reason === 'damaged' ? 'was damaged' : 'was written by another version of Tapedeck'
  return `The library's index ${what}. It was moved aside and is built again from the recordings; bundles opened from other folders have to be opened once more. ${file}`
}
