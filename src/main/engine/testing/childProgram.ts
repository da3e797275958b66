import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '../../../..')

/** A program of a test as one plain file. */
export interface ChildProgram {
  readonly path: string
  dispose(): void
}

/**
 * For tests that start many processes: the same code in one file of plain JavaScript starts in a quarter of the time.
 * @param entry the program's source, absolute
 */
export async function childProgram(entry: string): Promise<ChildProgram> {
  // Inside the repository, so that packages are found.
  const folder = join(root, '.cache', 'test-programs')
  mkdirSync(folder, { recursive: true })
  const outDir = mkdtempSync(join(folder, basename(entry, '.ts')))
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: entry, outDir, minify: false, rolldownOptions: { output: { format: 'es', entryFileNames: 'program.mjs' } } }
  })
  return { path: join(outDir, 'program.mjs'), dispose: () => rmSync(outDir, { recursive: true, force: true }) }
}
