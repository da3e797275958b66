// Installs the packages when they are missing or not those of the lockfile. Plain Node 20, no packages; run it as often as you like.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runCommand } from './command.mjs'
import { onlyOne } from './onlyOne.mjs'
import { node22, root } from './paths.mjs'

const stampPath = join(root, 'node_modules', '.tapedeck-stamp')
const MINUTE_MS = 60_000
const INSTALL_LIMIT_MS = 15 * MINUTE_MS
const NATIVE_CHECK = "new (require('better-sqlite3'))(':memory:').close(); process.stdout.write(process.version)"

/**
 * Makes sure that node_modules is what package-lock.json says and that it works.
 * @param {(line: string) => void} [say] gets one line for each step that did something
 * @throws {Error} with a plain sentence when the install fails
 */
export async function bootstrap(say = console.log) {
  const wanted = lockStamp()
  if (installedStamp() === wanted) return
  await onlyOne('install', async () => {
    // Another process may have done it while this one waited.
    if (installedStamp() === wanted) return
    if (installedByHand() && existsSync(node22)) say('packages: already those of the lockfile')
    else {
      say('packages: installing, this takes a minute the first time')
      await timed('packages installed', say, install)
    }
    await timed('packages checked', say, verify)
    writeFileSync(stampPath, wanted)
  })
}

/** Names what an install depends on: the lockfile, the platform, and the native interface. */
function lockStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex')
}

function installedStamp() {
  return existsSync(stampPath) ? readFileSync(stampPath, 'utf8') : undefined
}

/** True when `npm install` was run by hand and left exactly the versions of the lockfile: no reason to do it again. */
function installedByHand() {
  const hidden = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const have = JSON.parse(readFileSync(hidden, 'utf8')).packages
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const same = ([path, entry]) => path === '' || entry.optional || have[path]?.version === entry.version
  return Object.entries(want).every(same) && Object.keys(have).every((path) => want[path] !== undefined)
}

/** Install scripts are not run: better-sqlite3 brings its binaries, and its script would want a compiler. Only Node 22 needs its own. */
async function install() {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  const limits = { env: machineEnv(), timeoutMs: INSTALL_LIMIT_MS }
  const { code, output, timedOut } = await runCommand('npm', args, limits)
  if (code !== 0) {
    const why = timedOut ? `did not end within ${INSTALL_LIMIT_MS / MINUTE_MS} minutes` : `ended with exit code ${code}`
    throw new Error(`"npm ci" ${why}. It needs npm, and a package registry that it can reach. It said:\n${complaints(output)}`)
  }
  const folder = join(root, 'node_modules', 'node')
  const placed = await runCommand('node', ['installArchSpecificPackage.js'], { ...limits, cwd: folder })
  // npm links only programs that exist, so node_modules/.bin has no node yet.
  const linked = await runCommand('npm', ['rebuild', 'node', '--ignore-scripts'], limits)
  if (placed.code !== 0 || linked.code !== 0) {
    throw new Error(`Node 22 could not be installed. It said:\n${complaints(placed.output + linked.output)}`)
  }
}

/** The environment without this checkout's own Node, which npm puts first and the install takes away under our feet. */
function machineEnv() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return { ...process.env, PATH: folders.filter((folder) => !folder.endsWith(join('node_modules', '.bin'))).join(delimiter) }
}

async function verify() {
  const { code, output } = await runCommand(node22, ['-e', NATIVE_CHECK])
  if (code !== 0) throw new Error(`the installed packages do not work on this machine:\n${lastLines(output)}`)
  if (!output.startsWith('v22.')) throw new Error(`expected Node 22 in node_modules/.bin, found ${output}`)
}

/** What npm says of a failure, without its warnings and its list of options. */
function complaints(output) {
  const lines = output.split('\n').filter((line) => line.startsWith('npm error') && line.trim() !== 'npm error')
  return lines.length > 0 ? lines.slice(0, 5).join('\n') : lastLines(output)
}

async function timed(name, say, work) {
  const startMs = Date.now()
  await work()
  say(`${name}: ${((Date.now() - startMs) / 1000).toFixed(1)} s`)
}

/** The end of a program's output, enough to see why it failed. */
export function lastLines(output, count = 20) {
  return output.trimEnd().split('\n').slice(-count).join('\n')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const startMs = Date.now()
  try {
    await bootstrap()
    console.log(`ready: ${((Date.now() - startMs) / 1000).toFixed(1)} s`)
  } catch (error) {
    console.error(`bootstrap: ${error.message}`)
    process.exitCode = 1
  }
}
