import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

interface Ended {
  code: number | null
  out: string
  err: string
}

/** Runs a program of ours; `head` closes its output after the first bytes, as `| head` does. */
function run(
  file: string,
  args: readonly string[],
  { env = {}, head = false }: { env?: Record<string, string>; head?: boolean } = {}
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [here(file), ...args], { env: { ...process.env, NO_COLOR: '1', ...env } })
    let [out, err] = ['', '']
    child.stdout.on('data', (bytes) => {
      out += String(bytes)
      if (head) child.stdout.destroy()
    })
    child.stderr.on('data', (bytes) => (err += String(bytes)))
    child.on('error', fail)
    child.on('close', (code) => done({ code, out, err }))
  })
}

test.concurrent.each([
  ['ok', 0, ''],
  ['finding', 1, ''],
  ['fails', 1, 'tapedeck: The bundle is damaged. /a/b\n'],
  ['usage', 2, 'tapedeck: Give a run or a folder.\n'],
  ['config', 2, 'tapedeck: shards: expected 1 to 64, found 0.\n'],
  ['bug', 1, 'tapedeck: Something unexpected went wrong inside Tapedeck: x is not a function\n'],
  ['stopped', 1, 'tapedeck: Stopped before the end.\n'],
  ['later', 1, 'tapedeck: The disk is full.\n'],
  ['broken', 1, 'tapedeck: Something unexpected went wrong inside Tapedeck: Cannot find module\n']
])('a command that ends with %s exits with %i and says one sentence', async (name, code, err) => {
  expect(await run('testCommands.ts', [name])).toMatchObject({ code, err })
})

test.concurrent.each([
  [[], /Usage: tapedeck/],
  [['nonsense'], /unknown command 'nonsense'/],
  [['ok', '--wrong'], /unknown option '--wrong'/],
  [['ok', '--n'], /argument missing/],
  [['--wrong'], /unknown option '--wrong'/]
])('what is not understood exits with 2: %j', async (args, words) => {
  const { code, err } = await run('testCommands.ts', args)
  expect(code).toBe(2)
  expect(err).toMatch(words)
  expect(err).not.toContain('    at ')
})

test.concurrent.each([[['--help']], [['-h']], [['help']]])('help is printed for %j, with every command in it', async (args) => {
  const { code, out } = await run('testCommands.ts', args)
  expect(code).toBe(0)
  for (const words of ['Usage: tapedeck', 'finding', 'ends with finding', 'broken', 'Exit codes: 0 ok']) expect(out).toContain(words)
})

test.concurrent.each([[['ok', '--help']], [['help', 'ok']]])('help of one command is printed for %j', async (args) => {
  const { code, out } = await run('testCommands.ts', args)
  expect(code).toBe(0)
  expect(out).toContain('Usage: tapedeck ok')
  expect(out).toContain('--n <number>')
})

test.concurrent('the stack is shown on demand only', async () => {
  const { code, err } = await run('testCommands.ts', ['bug'], { env: { TAPEDECK_DEBUG: '1' } })
  expect(code).toBe(1)
  expect(err).toContain('    at ')
})

test.concurrent('an output that is closed early is no error', async () => {
  expect(await run('testCommands.ts', ['endless'], { head: true })).toMatchObject({ code: 0, err: '' })
  expect(await run('testCommands.ts', ['orderly'], { head: true })).toMatchObject({ code: 0, err: 'ended in order\n' })
})

test.concurrent('the program itself prints its version and its help', async () => {
  expect(await run('../cli.ts', ['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
  expect((await run('../cli.ts', ['--help'])).out).toContain('studio')
})
