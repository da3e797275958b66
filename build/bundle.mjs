// Builds main, preload and renderer into out/, only when something they are made of changed. Plain Node 20, no packages.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bootstrap, lastLines } from './bootstrap.mjs'
import { runCommand } from './command.mjs'
import { onlyOne } from './onlyOne.mjs'
import { node22, root } from './paths.mjs'

const outDir = join(root, 'out')
const stampPath = join(outDir, '.stamp')
const BUILD_LIMIT_MS = 5 * 60_000
const single = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json']

/**
 * Makes sure that out/ is built from the sources as they are now.
 * @param {(line: string) => void} [say] @param {{ force?: boolean }} [options]
 * @throws {Error} with the builder's own words when the sources do not build
 */
export async function bundle(say = console.log, { force = false } = {}) {
  if (!force && builtStamp() === sourceStamp()) return
  await onlyOne('build', async () => {
    const stamp = sourceStamp()
    if (!force && builtStamp() === stamp) return
    const startMs = Date.now()
    await build()
    mkdirSync(outDir, { recursive: true })
    writeFileSync(stampPath, stamp)
    say(`build: ${((Date.now() - startMs) / 1000).toFixed(1)} s`)
  })
}

async function build() {
  const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const { code, output } = await runCommand(node22, [cli, 'build', '--logLevel', 'warn'], { timeoutMs: BUILD_LIMIT_MS })
  if (code !== 0) throw new Error(`the sources do not build:\n${lastLines(output, 40)}`)
}

function builtStamp() {
  try {
    return readFileSync(stampPath, 'utf8')
  } catch {
    // Not built yet.
    return undefined
  }
}

/** Changes when a source file is added, removed or written. Reads no file: sizes and times are enough, and take milliseconds. */
function sourceStamp() {
  const hash = createHash('sha256')
  for (const path of [...single, ...filesBelow('src')]) {
    const { size, mtimeMs } = statSync(join(root, path), { throwIfNoEntry: false }) ?? { size: -1, mtimeMs: 0 }
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/** Tests and their fixtures are no part of what is built. */
function filesBelow(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : filesBelow(path)
    return /\.test\.tsx?$/.test(entry.name) ? [] : [path]
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await bootstrap()
    await bundle(console.log, { force: true })
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
