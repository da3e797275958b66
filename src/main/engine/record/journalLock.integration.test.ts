import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ramFolder } from '../testing/ramFolder.ts'
import { withJournalLock } from './journalLock.ts'

const module = fileURLToPath(new URL('./journalLock.ts', import.meta.url))
const CODE = `const { withJournalLock } = await import(process.argv[1])
await withJournalLock(process.argv[2], () => new Promise(() => { process.stdout.write('held'); setInterval(() => {}, 1000) }))`

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(ramFolder(), 'tapedeck-lock-'))
})
afterEach(() => rmSync(root, { recursive: true }))

async function holder(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CODE, module, root], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

test('of many that come at once each gets its turn, one at a time, and nothing stays behind', async () => {
  let inside = 0
  const turns: number[] = []
  const take = (n: number): Promise<void> =>
    withJournalLock(root, async () => {
      inside++
      expect(inside).toBe(1)
      await wait(2)
      turns.push(n)
      inside--
    })
  await Promise.all(Array.from({ length: 12 }, (_, n) => take(n)))
  expect(turns.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n))
  expect(readdirSync(root)).toEqual([])
})

test('another process is waited for while it lives; once it is killed, what it left counts for nothing and goes', async () => {
  const child = await holder()
  let isInside = false
  const turn = withJournalLock(root, () => Promise.resolve(void (isInside = true)))
  await wait(150)
  expect(isInside).toBe(false)
  await killed(child)
  await turn
  expect(isInside).toBe(true)
  expect(readdirSync(root)).toEqual([])
})

test('all that a killed process left goes', async () => {
  const child = await holder()
  const [name] = readdirSync(root)
  await killed(child)
  writeFileSync(join(root, `${name}0`), '')
  await withJournalLock(root, () => Promise.resolve())
  expect(readdirSync(root)).toEqual([])
})

test('a thread that was ended in the middle holds nothing, though its process lives', async () => {
  const worker = new Worker(
    `import(${JSON.stringify(module)}).then(({ withJournalLock }) =>
    withJournalLock(${JSON.stringify(root)}, () => new Promise(() => setInterval(() => require('node:worker_threads').parentPort.postMessage('held'), 20))))`,
    { eval: true }
  )
  await once(worker, 'message')
  let isInside = false
  const turn = withJournalLock(root, () => Promise.resolve(void (isInside = true)))
  await wait(150)
  expect(isInside).toBe(false)
  await worker.terminate()
  await turn
  expect(readdirSync(root)).toEqual([])
})
