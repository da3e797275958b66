import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { onlyOne } from './onlyOne.mjs'
import { cacheDir } from './paths.mjs'

const name = `test-${process.pid}`
const lock = join(cacheDir, `${name}.lock`)
afterEach(() => rmSync(lock, { force: true }))

test('pieces of work with one name do not overlap', async () => {
  let inside = 0
  const work = async () => {
    inside += 1
    expect(inside).toBe(1)
    await new Promise((done) => setTimeout(done, 20))
    inside -= 1
  }
  await Promise.all([onlyOne(name, work), onlyOne(name, work), onlyOne(name, work)])
  expect(existsSync(lock)).toBe(false)
})

test('the lock of a process that died is taken over', async () => {
  await onlyOne(name, () => 1)
  writeFileSync(lock, String(spawnSync('true').pid))
  expect(await onlyOne(name, () => 'done')).toBe('done')
})

test('work that fails gives the lock back', async () => {
  await expect(onlyOne(name, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(lock)).toBe(false)
})
