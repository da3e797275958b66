import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { CATALOG_VERSION, CREATE_TABLES, TABLE_COUNT } from './schema.ts'

/** Why a fresh catalog had to replace what was there. */
export type ReplacedBecause = 'damaged' | 'other version' | 'not writable'

export interface OpenedCatalog {
  readonly db: Database.Database
  /** undefined when the file was good, or simply not there yet */
  readonly replaced: ReplacedBecause | undefined
}

/**
 * Opens the catalog file. One that cannot be used is moved aside (`<file>.old`, one is kept) and a fresh one begins;
 * where not even that works the catalog lives in memory for this session. Never throws.
 */
export function openCatalogFile(file: string): OpenedCatalog {
  const fault = unusable(file)
  if (typeof fault !== 'string') return { db: fault, replaced: undefined }
  try {
    moveAside(file)
    return { db: openOrCreate(file), replaced: fault }
  } catch {
    return { db: create(new Database(':memory:')), replaced: 'not writable' }
  }
}

/** @returns the open database, or why it cannot be used */
function unusable(file: string): Database.Database | ReplacedBecause {
  try {
    return openOrCreate(file)
  } catch (error) {
    if (error instanceof OtherVersion) return 'other version'
    return isDamage(error) ? 'damaged' : 'not writable'
  }
}

class OtherVersion extends Error {}

function openOrCreate(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true })
  const isNew = !existsSync(file)
  // A log without its database belongs to a deleted one; SQLite would try to apply it.
  if (isNew) removeSideFiles(file)
  const db = new Database(file, { timeout: 2000 })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    const version = db.pragma('user_version', { simple: true })
    if (version === 0 && tableCount(db) === 0) return create(db)
    if (version !== CATALOG_VERSION) throw new OtherVersion()
    if (tableCount(db) < TABLE_COUNT || db.pragma('quick_check', { simple: true }) !== 'ok') throw damage()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function create(db: Database.Database): Database.Database {
  // Two processes may start on the same empty folder: the second finds the tables there.
  db.transaction(() => {
    if (tableCount(db) === 0) db.exec(CREATE_TABLES)
  }).immediate()
  return db
}

function tableCount(db: Database.Database): number {
  return db.prepare<[], { n: number }>("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'").get()?.n ?? 0
}

function damage(): Error {
  return Object.assign(new Error('the catalog failed its own check'), { code: 'SQLITE_CORRUPT' })
}

/** True for SQLite's answers that mean "this file is not, or no longer, what I wrote". */
export function isDamage(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code)
  // IOERR_SHORT_READ: cut off. READONLY_DBMOVED: deleted or replaced while open. ERROR: a table is missing.
  return /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|IOERR_VNODE|READONLY_DBMOVED|SCHEMA|CONSTRAINT_CHECK|ERROR)/.test(code)
}

function moveAside(file: string): void {
  removeSideFiles(file)
  if (!existsSync(file)) return
  rmSync(`${file}.old`, { force: true, recursive: true })
  renameSync(file, `${file}.old`)
}

function removeSideFiles(file: string): void {
  for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true })
}
