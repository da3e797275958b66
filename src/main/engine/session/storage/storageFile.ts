import { readFileSync, renameSync } from 'node:fs'
import { z } from 'zod'
import { STORAGE_DEFAULTS, type StorageSettings } from '../../../../shared/api/index.ts'
import { publishFile } from '../../bundle/index.ts'
import { storageForm } from '../commandSchema.ts'

const STORAGE_VERSION = 1
const form = z.object({ storage_version: z.literal(STORAGE_VERSION), storage: storageForm })

/**
 * Reads what was chosen. A file that cannot be understood is moved aside (`<file>.old`), and the defaults hold. Never throws.
 * @returns `fault`: what was wrong with the file, for people
 */
export function readStorageFile(file: string): { readonly settings: StorageSettings; readonly fault: string | undefined } {
  try {
    return { settings: form.parse(JSON.parse(readFileSync(file, 'utf8'))).storage, fault: undefined }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { settings: STORAGE_DEFAULTS, fault: undefined }
    return {
      settings: STORAGE_DEFAULTS,
      fault: `What was chosen for storage is damaged or from another version, so the defaults hold and nothing is deleted by itself.${keptAside(file)}`
    }
  }
}

/** Writes the file whole or not at all. */
export function writeStorageFile(file: string, settings: StorageSettings): void {
  publishFile(file, `${JSON.stringify({ storage_version: STORAGE_VERSION, storage: settings }, null, 2)}\n`)
}

function keptAside(file: string): string {
  try {
    renameSync(file, `${file}.old`)
    return ` It was kept as ${file}.old`
  } catch {
    return ''
  }
}
