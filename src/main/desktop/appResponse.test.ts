import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appResponse } from './appResponse.ts'

let dir = ''
const ask = (url: string, method = 'GET') => appResponse({ url, method }, join(dir, 'renderer'))

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-app-'))
  mkdirSync(join(dir, 'renderer/assets'), { recursive: true })
  mkdirSync(join(dir, 'renderer-evil'))
  writeFileSync(join(dir, 'renderer/index.html'), '<!doctype html>')
  writeFileSync(join(dir, 'renderer/assets/a.wasm'), 'wasm')
  writeFileSync(join(dir, 'secret.js'), 'secret')
  writeFileSync(join(dir, 'renderer-evil/x.js'), 'secret')
  symlinkSync(join(dir, 'secret.js'), join(dir, 'renderer/link.js'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('the page and its files come with their types and the security headers', async () => {
  const page = await ask('app://bundle/')
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect((await ask('app://bundle/assets/a.wasm')).headers.get('content-type')).toBe('application/wasm')
  for (const response of [page, await ask('app://bundle/assets/a.wasm'), await ask('app://bundle/missing.js')]) {
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';.* connect-src 'self';/
    )
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  }
})

test.each([
  ['app://bundle/..%2fsecret.js', 403],
  ['app://bundle/../secret.js', 403],
  ['app://bundle/%2e%2e/secret.js', 403],
  ['app://bundle/..%5csecret.js', 403],
  ['app://bundle/..%2frenderer-evil/x.js', 403],
  ['app://bundle/secret.js%00', 404],
  ['app://bundle/link.js', 404],
  ['app://bundle/missing.js', 404],
  ['app://bundle/%', 400],
  ['app://other/index.html', 404],
  ['app://bundle.evil/index.html', 404],
  ['app://bundle', 404]
])('%s is refused with %i', async (url, status) => {
  const response = await ask(url)
  expect(response.status).toBe(status)
  expect(await response.text()).toBe('')
})

test('only GET is answered', async () => {
  for (const method of ['POST', 'PUT', 'HEAD']) expect((await ask('app://bundle/', method)).status).toBe(405)
})
