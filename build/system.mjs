// Programs and libraries of the operating system: on Debian, as root, installs what is missing; elsewhere says what to run. Plain Node 20, no packages.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { lastLines } from './bootstrap.mjs'
import { runCommand } from './command.mjs'
import { onlyOne } from './onlyOne.mjs'

const APT_LIMIT_MS = 10 * 60_000

// What Electron links against, and the Debian package that has it; where releases differ, the newer name comes second.
const windowLibraries = {
  'libgtk-3.so.0': ['libgtk-3-0', 'libgtk-3-0t64'],
  'libnss3.so': ['libnss3'],
  'libasound.so.2': ['libasound2', 'libasound2t64'],
  'libgbm.so.1': ['libgbm1'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0', 'libatk-bridge2.0-0t64'],
  'libcups.so.2': ['libcups2', 'libcups2t64'],
  'libdrm.so.2': ['libdrm2']
}
const testPrograms = { Xvfb: 'xvfb', xauth: 'xauth' }
const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/**
 * Makes sure that a window can be opened (`window`) or that the end-to-end tests can run (`tests`).
 * @param {'window' | 'tests'} need @param {(line: string) => void} [say]
 * @returns {Promise<boolean>} true when everything is there
 */
export async function systemPackages(need, say = console.log) {
  if (process.platform !== 'linux') return true
  let missing = await missingPackages(need)
  if (missing.length === 0) return true
  const line = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    say(`system: missing ${missing.join(', ')}. On Debian or Ubuntu run:\n  sudo sh -c '${line}'`)
    return false
  }
  const startMs = Date.now()
  const output = await onlyOne('apt', async () => {
    const updated = await apt('update', '-q')
    // Only now is it known which names there are.
    missing = await missingPackages(need)
    say(`system: installing ${missing.join(' ')}`)
    return updated + (await apt('install', '-q', '-y', '--no-install-recommends', ...missing))
  })
  missing = await missingPackages(need)
  if (missing.length > 0) say(`system: could not install ${missing.join(', ')}:\n${lastLines(output, 10)}\nTry it by hand:\n  ${line}`)
  else say(`system packages: ${((Date.now() - startMs) / 1000).toFixed(1)} s`)
  return missing.length === 0
}

async function missingPackages(need) {
  const { code, output } = await runCommand(existsSync('/sbin/ldconfig') ? '/sbin/ldconfig' : 'ldconfig', ['-p'])
  const wanted = code === 0 ? Object.entries(windowLibraries).filter(([file]) => !output.includes(`\t${file} `)) : []
  const missing = await Promise.all(wanted.map(([, names]) => nameHere(names)))
  if (need === 'window') return missing
  for (const [program, name] of Object.entries(testPrograms)) if (findProgram(program) === undefined) missing.push(name)
  if (findChromium() === undefined) missing.push('chromium')
  return missing
}

/** The name that this release of the system has a package for. Before the lists are fetched none may be known: then the first one. */
async function nameHere(names) {
  if (names.length === 1 || findProgram('apt-cache') === undefined) return names[0]
  for (const name of names) {
    const { code, output } = await runCommand('apt-cache', ['policy', name])
    if (code === 0 && /Candidate: (?!\(none\))/.test(output)) return name
  }
  return names[0]
}

async function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return (await runCommand('apt-get', args, { env, timeoutMs: APT_LIMIT_MS })).output
}

/** @returns {string | undefined} the path of a program in PATH or the usual folders */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** @returns {string | undefined} Chromium or Chrome; TAPEDECK_CHROMIUM names another one */
export function findChromium() {
  const named = process.env.TAPEDECK_CHROMIUM
  if (named && existsSync(named)) return named
  return chromiumNames.map(findProgram).find((path) => path !== undefined)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = (await systemPackages('tests')) ? 0 : 1
}
