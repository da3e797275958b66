import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { removeFolder } from './removeFolder.ts'
import { cliCommand, startStudio, type StudioCommand } from './studioCommand.ts'

let folder = ''
const running: StudioCommand[] = []
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tapedeck-studio-'))))
afterEach(async () => {
  for (const studio of running.splice(0)) if (studio.child.exitCode === null) await studio.stop('SIGKILL')
  removeFolder(folder)
})

async function studio(...args: string[]): Promise<StudioCommand> {
  const started = await startStudio(join(folder, 'data'), args)
  running.push(started)
  return started
}

function cli(...args: string[]): { code: number | null; out: string; err: string } {
  const { node, cli: path } = cliCommand()
  const { status, stdout, stderr } = spawnSync(node, [path, ...args], { encoding: 'utf8', timeout: 60_000 })
  return { code: status, out: stdout, err: stderr }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'browser mode prints its address alone on the first line, serves, and ends with 0 on %s',
  async (signal) => {
    const { url, output, stop } = await studio()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}$/)
    expect(output()).toBe(`${url}\n`)
    const health = await fetch(new URL('/health', url))
    expect(await health.json()).toEqual({ ok: true })
    const page = await fetch(url)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await stop(signal)).toBe(0)
  }
)

test('a port in use is one sentence and exit code 1', async () => {
  const { url } = await studio()
  const { port } = new URL(url)
  const second = cli('studio', '--port', port, '--data-dir', join(folder, 'other'))
  expect(second).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^tapedeck: Port \d+ is already in use.*\n$/) })
})

test('a file that is no recording is said, and the studio stays', async () => {
  const file = join(folder, 'holiday.jpg')
  writeFileSync(file, 'this is no recording')
  const { url, errors, stop } = await studio('--open', file)
  await vi.waitFor(() => expect(errors()).toMatch(/^tapedeck: .*holiday\.jpg\n$/), { timeout: 20_000 })
  expect((await fetch(new URL('/health', url))).ok).toBe(true)
  expect(await stop()).toBe(0)
})

test.each([
  [['studio', '--port', '70000'], 2],
  [['studio', '--port', 'x'], 2],
  [['studio', '--nonsense'], 2],
  [['nonsense'], 2],
  [[], 2],
  [['--help'], 0],
  [['studio', '--help'], 0],
  [['--version'], 0]
])('%j exits with %i', (args, code) => {
  const ended = cli(...args)
  expect(ended.code).toBe(code)
  expect(ended.err).not.toMatch(/\n\s+at /)
})
