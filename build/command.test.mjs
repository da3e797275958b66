import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { runCommand } from './command.mjs'
import { requireSha512 } from './electronBinary.mjs'

const folder = mkdtempSync(join(tmpdir(), 'command-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a program gives its output and exit code', async () => {
  expect(await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({ code: 3, output: 'out\nerr\n', timedOut: false })
})

test('a program that does not exist has exit code 127, as in a shell', async () => {
  expect(await runCommand('no-such-program', [])).toMatchObject({ code: 127, timedOut: false })
})

test('a program killed by a signal has 128 plus its number', async () => {
  expect(await runCommand('sh', ['-c', 'kill -9 $$'])).toMatchObject({ code: 137 })
})

test('at the time limit a program ends together with what it started', async () => {
  // The inner sleep holds the output open: this would wait for it if it lived on.
  expect(await runCommand('sh', ['-c', 'sleep 600 & wait'], { timeoutMs: 300 })).toMatchObject({ timedOut: true })
})

/** Runs a small program over handOver and gives what a shell would see. */
function handedOver(script) {
  const path = join(folder, 'outer.mjs')
  const command = pathToFileURL(join(import.meta.dirname, 'command.mjs')).href
  writeFileSync(
    path,
    `import { handOver } from ${JSON.stringify(command)}\nprocess.exitCode = await handOver('sh', ['-c', ${JSON.stringify(script)}])\n`
  )
  return spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 15_000, killSignal: 'SIGKILL' })
}

test('handing over keeps output and exit code', () => {
  expect(handedOver('echo hello; exit 2')).toMatchObject({ status: 2, stdout: 'hello\n' })
})

test('a signal to the one that handed over reaches the program, and its own exit code counts', () => {
  expect(handedOver('trap "echo bye; exit 4" TERM; kill -TERM $PPID; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; done')).toMatchObject({
    status: 4,
    stdout: 'bye\n'
  })
})

test('a package with other bytes than expected is refused', () => {
  const path = join(folder, 'package.tgz')
  writeFileSync(path, 'abc')
  const abc = '3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=='
  expect(() => requireSha512(path, abc)).not.toThrow()
  writeFileSync(path, 'abd')
  expect(() => requireSha512(path, abc)).toThrow(/expected sha512 3a81/)
})
