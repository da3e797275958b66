// One process at a time in a piece of work, over all processes of this checkout. Plain Node 20, no packages.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from './paths.mjs'

const POLL_MS = 100
const LIMIT_MS = 15 * 60_000

/**
 * Runs `work` while holding a lock file; waits for another process that holds it, and takes over from one that died.
 * @template T @param {string} name @param {() => T | Promise<T>} work @returns {Promise<T>}
 */
export async function onlyOne(name, work) {
  mkdirSync(cacheDir, { recursive: true })
  const path = join(cacheDir, `${name}.lock`)
  const endMs = Date.now() + LIMIT_MS
  while (!take(path)) {
    if (Date.now() > endMs) throw new Error(`another process has been busy with "${name}" for too long; if none is running, delete ${path}`)
    await new Promise((done) => setTimeout(done, POLL_MS))
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!ownerAlive(path)) putAside(path)
  return false
}

/** Takes a dead owner's lock away. Of several that see it only one may: what another has taken meanwhile is put back. */
function putAside(path) {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
    if (ownerAlive(aside)) renameSync(aside, path)
    else rmSync(aside)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function ownerAlive(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    // An empty file is one that its owner is about to fill.
    if (pid > 0) process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
