import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { StudioPage } from './studioPage.ts'

/** Nothing else on a disk looks like it. */
const KEY = 'tapedeck-e2e-key-5f1c0d9a'
const WAIT = { timeout: 20_000, interval: 100 }

let desktop: Desktop
beforeAll(async () => {
  desktop = await launchDesktop()
})
afterAll(() => desktop.close())

type Reply = { ok: boolean; value?: { origin: string; refusal?: string }[]; failure?: { message: string } }
const call = (command: unknown): Promise<Reply> =>
  desktop.page.evaluate((asked) => (window as unknown as { studio: { call(c: unknown): Promise<never> } }).studio.call(asked), command)

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
}

/** No file of the app, and nothing that it said, has the key in any plain form. */
function expectKeyNowhere(replies: unknown): void {
  const forms = [KEY, Buffer.from(KEY).toString('base64').replace(/=+$/, ''), Buffer.from(KEY).toString('hex')]
  const files = everyFile(desktop.folder)
  expect(files.length).toBeGreaterThan(3)
  for (const form of forms) {
    expect(files.filter((path) => readFileSync(path).includes(form))).toEqual([])
    expect(JSON.stringify(replies) + desktop.errors()).not.toContain(form)
  }
}

test('the key is kept by the keychain or not at all: refused with a sentence that names the variable, and nowhere on disk', async () => {
  const before = await call({ cmd: 'secret_status' })
  expect(before).toMatchObject({ ok: true, value: [{ name: 'pws', origin: 'none' }] })
  const canKeep = before.value?.[0]?.refusal === undefined
  const set = await call({ cmd: 'secret_set', name: 'pws', value: KEY })
  expect(set.ok).toBe(canKeep)
  if (canKeep) {
    expect(set.value?.[0]?.origin).toBe('keychain')
    expect(everyFile(desktop.folder).some((path) => path.endsWith('secrets.json'))).toBe(true)
  } else {
    expect(set.failure?.message).toMatch(/never kept in clear text.*TAPEDECK_PWS_KEY/)
    expect(everyFile(desktop.folder).some((path) => path.endsWith('secrets.json'))).toBe(false)
  }
  const after = await call({ cmd: 'secret_status' })
  expectKeyNowhere([before, set, after])
  const cleared = await call({ cmd: 'secret_clear', name: 'pws' })
  expect(cleared).toMatchObject({ ok: true, value: [{ origin: 'none' }] })
  const malformed = await Promise.all(['short', `${KEY} ${KEY}`, 5].map((value) => call({ cmd: 'secret_set', name: 'pws', value })))
  expect(malformed.map(({ ok }) => ok)).toEqual([false, false, false])
  expectKeyNowhere(malformed)
})

test('the settings have a row that says where the key is, and offers to set it only where it can be kept', async () => {
  const { refusal } = (await call({ cmd: 'secret_status' })).value?.[0] ?? {}
  await desktop.page.keyboard.press(',')
  const row = desktop.page.getByTestId('secret')
  await vi.waitFor(async () => expect(await row.count()).toBe(1), WAIT)
  await row.scrollIntoViewIfNeeded()
  await new StudioPage(desktop.page).shot('settings-key')
  expect(await row.getByTestId('secret-state').textContent()).toBe('not set')
  const button = row.getByTestId('secret-set')
  expect(await button.getAttribute('aria-disabled')).toBe(String(refusal !== undefined))
  if (refusal === undefined) {
    await button.click()
    await row.getByTestId('secret-input').fill(KEY)
    await row.getByTestId('secret-keep').click()
    await vi.waitFor(async () => expect(await row.getByTestId('secret-state').textContent()).toBe('stored in the keychain'), WAIT)
    expect(await desktop.page.content()).not.toContain(KEY)
    expectKeyNowhere([])
    await row.getByTestId('secret-remove').click()
    await vi.waitFor(async () => expect(await row.getByTestId('secret-state').textContent()).toBe('not set'), WAIT)
  } else {
    expect(await row.textContent()).toContain(refusal)
  }
})
