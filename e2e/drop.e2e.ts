import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import tar from 'tar-stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { SessionState } from '../src/shared/api/index.ts'
import { launchDesktop, type Desktop } from './launchDesktop.ts'

const DEMO = fileURLToPath(new URL('../resources/demo', import.meta.url))
const WAIT = { timeout: 60_000, interval: 100 }

let desktop: Desktop
beforeAll(async () => {
  desktop = await launchDesktop()
})
afterAll(() => desktop?.close())

/** A copy of the demo bundle under a run id of its own. */
function bundle(runId: string): string {
  const dir = join(desktop.folder, 'dropped', runId)
  cpSync(DEMO, dir, { recursive: true })
  const manifest = join(dir, 'manifest.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"run_id":"[^"]*"/, `"run_id":"${runId}"`))
  return dir
}

async function tarOf(dir: string, inside: string): Promise<Buffer> {
  const pack = tar.pack()
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const path = join(dir, name)
    if (statSync(path).isFile()) pack.entry({ name: `${inside}/${name}` }, readFileSync(path))
  }
  pack.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Drags a path over the window as the window system does, so that the page gets a file with a real path. @param before the drop, if it comes to one */
async function drag(path: string, before?: () => Promise<void>): Promise<void> {
  const session = await desktop.page.context().newCDPSession(desktop.page)
  const send = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> =>
    session.send('Input.dispatchDragEvent', { type, x: 640, y: 400, data: { items: [], files: [path], dragOperationsMask: 1 } })
  const overlay = desktop.page.getByTestId('drop-overlay')
  await send('dragEnter')
  // A pointer tells all the time where it is, also to a window that has just come up.
  await vi.waitFor(async () => {
    await send('dragOver')
    expect(await overlay.isVisible()).toBe(true)
  }, WAIT)
  await send('dragOver')
  if (before === undefined) await desktop.page.mouse.move(300, 300)
  else {
    await before()
    await send('drop')
  }
  await overlay.waitFor({ state: 'detached', timeout: 20_000 })
  await session.detach()
}

const drop = (path: string): Promise<void> => drag(path, async () => undefined)

async function session(): Promise<SessionState> {
  const call = (): Promise<{ value: SessionState }> =>
    (window as unknown as { studio: { call(c: unknown): Promise<{ value: SessionState }> } }).studio.call({ cmd: 'session_get' })
  return (await desktop.page.evaluate(call)).value
}

test('a dropped folder opens where it lies', async () => {
  const dir = bundle('dropped-folder')
  await drop(dir)
  await vi.waitFor(async () => expect(await session()).toMatchObject({ mode: 'replay', path: dir, runId: 'dropped-folder' }), WAIT)
})

test('a drag that does not end in a drop adds nothing, and leaves nothing on the screen', async () => {
  const before = await session()
  await drag(bundle('not-dropped'))
  expect(await session()).toMatchObject({ mode: before.mode, path: before.path })
})

test('what lies under the pointer may go during a drag: the drop arrives all the same', async () => {
  const { page } = desktop
  await page.evaluate(() => {
    const block = document.body.appendChild(document.createElement('div'))
    block.id = 'beneath'
    block.style.cssText = 'position:fixed;inset:0;z-index:20'
  })
  const dir = bundle('under-the-pointer')
  await drag(dir, () => page.evaluate(() => document.getElementById('beneath')!.remove()))
  await vi.waitFor(async () => expect(await session()).toMatchObject({ mode: 'replay', path: dir }), WAIT)
})

test.each([
  ['tar.gz', gzipSync],
  ['tar.zst', zstdCompressSync]
] as const)('a dropped .%s opens from the library', async (ending, pack) => {
  const runId = `dropped-${ending.replace('.', '-')}`
  const archive = join(desktop.folder, `some name.${ending}`)
  writeFileSync(archive, pack(await tarOf(bundle(runId), 'a folder')))
  await drop(archive)
  const path = join(desktop.folder, 'data', 'runs', runId)
  await vi.waitFor(async () => expect(await session()).toMatchObject({ mode: 'replay', path, runId }), WAIT)
  expect(existsSync(join(path, 'manifest.json'))).toBe(true)
})

test('a dropped file that is no recording is said on the screen, and what was open stays open', async () => {
  const before = await session()
  const file = join(desktop.folder, 'holiday.jpg')
  writeFileSync(file, 'this is no recording')
  await drop(file)
  await desktop.page
    .getByText(/Expected the folder of a run bundle/)
    .first()
    .waitFor({ timeout: 20_000 })
  expect(await session()).toMatchObject({ mode: before.mode, path: before.path })
})
