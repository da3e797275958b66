import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeFolder } from './removeFolder.ts'
import { startStudio, type StudioCommand } from './studioCommand.ts'

let folder = ''
let studio: StudioCommand
let browser: Browser
let page: Page

beforeAll(async () => {
  const executablePath = process.env['TAPEDECK_CHROMIUM']
  if (executablePath === undefined) throw new Error('TAPEDECK_CHROMIUM is not set: run these tests with "node build/test.mjs e2eWeb"')
  const args = (process.env['TAPEDECK_CHROMIUM_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-web-'))
  studio = await startStudio(join(folder, 'data'))
  browser = await chromium.launch({ executablePath, args, headless: true })
  page = await browser.newPage()
  await page.goto(studio.url)
})

afterAll(async () => {
  await browser?.close()
  await studio?.stop()
  removeFolder(folder)
})

test('the page is isolated, runs only its own files and holds no secret', async () => {
  const facts = await page.evaluate(async () => {
    await new Promise((done) => setTimeout(done))
    let evaluated = 'ran'
    try {
      // oxlint-disable-next-line no-eval -- what is tested is that it cannot run
      ;(0, eval)('1')
    } catch {
      evaluated = 'refused'
    }
    const outside = await fetch('http://127.0.0.1:9/').then(
      () => 'loaded',
      () => 'refused'
    )
    return { isolated: crossOriginIsolated, evaluated, outside, html: await (await fetch('/')).text() }
  })
  expect(facts).toMatchObject({ isolated: true, evaluated: 'refused', outside: 'refused' })
  expect(facts.html).not.toContain(new URL(studio.url).hash.slice('#token='.length))
})

/** Opens a socket from the page and says its token; gives the first answer, or how it was closed. */
const speak = (token: string): Promise<string> =>
  page.evaluate(
    (given) =>
      new Promise<string>((done) => {
        const socket = new WebSocket(`ws://${location.host}/studio`)
        socket.binaryType = 'arraybuffer'
        socket.addEventListener('open', () => {
          socket.send(JSON.stringify({ token: given }))
          socket.send(JSON.stringify({ id: 1, command: { cmd: 'session_get' } }))
        })
        socket.addEventListener('message', ({ data }) => {
          if (typeof data === 'string') done(data)
        })
        socket.addEventListener('close', ({ code }) => done(`closed ${code}`))
      }),
    token
  )

test('the page speaks to the studio with the token of its address, and not without', async () => {
  const token = new URL(studio.url).hash.slice('#token='.length)
  expect(JSON.parse(await speak(token))).toMatchObject({ id: 1, reply: { ok: true } })
  expect(await speak('wrong')).toBe('closed 4401')
})

test('another site in the same browser is refused', async () => {
  const other = await browser.newPage()
  await other.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
  await other.goto('http://evil.example/')
  const { host } = new URL(studio.url)
  const refused = await other.evaluate(
    (studioHost) =>
      new Promise<string>((done) => {
        const socket = new WebSocket(`ws://${studioHost}/studio`)
        socket.addEventListener('open', () => done('opened'))
        socket.addEventListener('error', () => done('refused'))
      }),
    host
  )
  expect(refused).toBe('refused')
  await other.close()
})
