// Holds the import table: fails with file and line, what is imported, and why it is refused.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Finding } from './layers/finding.ts'
import { checkGlobals } from './layers/globalRules.ts'
import { checkImports } from './layers/importRules.ts'
import { checkLockfile } from './layers/lockfileRules.ts'
import { readSource } from './layers/sourceFile.ts'
import { debt as ownDebt, type Debt } from './layers/table.ts'

/**
 * Checks every TypeScript file below `<root>/src`, and the lockfile when there is one.
 * @param today YYYY-MM-DD, decides which debt is still let pass
 * @returns what is refused, in the order of the files
 */
export function checkLayers(root: string, today: string, debt: readonly Debt[] = ownDebt): Finding[] {
  const findings = filesBelow(root, 'src').flatMap((file) => checkFile(root, file))
  const lockfile = join(root, 'package-lock.json')
  if (existsSync(lockfile)) findings.push(...checkLockfile(readFileSync(lockfile, 'utf8')))
  const open = debt.filter((entry) => entry.until >= today)
  const idle = debt.filter((entry) => !findings.some((finding) => covers(entry, finding)))
  return [
    ...findings.filter((finding) => !open.some((entry) => covers(entry, finding))),
    ...idle.map((entry) => ({ file: entry.file, line: 1, rule: 'debt', message: `the debt "${entry.rule}" is paid: take it off the list` }))
  ]
}

function covers(entry: Debt, finding: Finding): boolean {
  return entry.file === finding.file && entry.rule === finding.rule
}

function checkFile(root: string, file: string): Finding[] {
  const facts = readSource(file, readFileSync(join(root, file), 'utf8'))
  return [...checkImports(file, facts.imports), ...checkGlobals(file, facts)]
}

function filesBelow(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesBelow(root, path)
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

function main(): void {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const findings = checkLayers(root, new Date().toISOString().slice(0, 10))
  for (const { file, line, rule, message } of findings) console.error(`${file}:${line}: ${rule}: ${message}`)
  console.log(`layers: ${findings.length} refused`)
  process.exitCode = findings.length > 0 ? 1 : 0
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()
