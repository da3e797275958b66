import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ramFolder } from '../testing/ramFolder.ts'
import { lockLake } from './lakeLock.ts'
import { faultyLakeDisk } from './testFaultyLakeDisk.ts'

const module = join(import.meta.dirname, 'lakeLock.ts')
const CODE = `const { lockLake } = await import(process.argv[1]); lockLake(process.argv[2]); process.stdout.write('held'); setInterval(() => {}, 1000)`

let lakeDir = ''
beforeEach(() => {
  lakeDir = mkdtempSync(join(ramFolder(), 'tapedeck-lake-lock-'))
})
afterEach(() => rmSync(lakeDir, { recursive: true }))

const marks = (): string[] => readdirSync(lakeDir).filter((name) => name.startsWith('.lock'))

test('one compaction or retention at a time; who is refused leaves nothing behind', () => {
  const lock = lockLake(lakeDir)
  expect(() => lockLake(lakeDir)).toThrow(`at work on this lake (process ${process.pid})`)
  expect(marks()).toHaveLength(1)
  lock.release()
  lock.release()
  expect(marks()).toEqual([])
  lockLake(lakeDir).release()
})

test('another process holds the lake while it lives; once it is killed, what it left counts for nothing and goes', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CODE, module, lakeDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(() => lockLake(lakeDir)).toThrow(`process ${child.pid}`)
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
  lockLake(lakeDir).release()
  expect(marks()).toEqual([])
})

test.runIf(process.platform === 'linux')('another program with the number of a killed compaction does not hold the lake', () => {
  // Whoever started this test is alive.
  writeFileSync(join(lakeDir, `.lock.${process.ppid}.${process.ppid}.another-machine_1.0.0`), '')
  lockLake(lakeDir).release()
  expect(marks()).toEqual([])
})

test.runIf(process.platform === 'linux')('a thread that was ended in the middle holds nothing, though its process lives', async () => {
  const code = `import(${JSON.stringify(module)}).then(({ lockLake }) => {
    lockLake(${JSON.stringify(lakeDir)})
    setInterval(() => require('node:worker_threads').parentPort.postMessage('held'), 20)
  })`
  const worker = new Worker(code, { eval: true })
  await once(worker, 'message')
  expect(() => lockLake(lakeDir)).toThrow('at work on this lake')
  await worker.terminate()
  lockLake(lakeDir).release()
  expect(marks()).toEqual([])
})

test('a mark that the disk refused to remove holds nobody up', () => {
  const { disk } = faultyLakeDisk((call) => call === 'remove', 'EIO')
  lockLake(lakeDir, disk).release()
  expect(marks()).toHaveLength(1)
  lockLake(lakeDir).release()
})
