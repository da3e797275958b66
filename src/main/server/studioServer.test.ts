import { symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startStudioServer, type StudioServer } from './index.ts'
import { ask, ServerRig, TOKEN } from './testServer.ts'

const rig = new ServerRig()

describe('the page', () => {
  test('comes with the security headers, its content type, and without the token', async () => {
    const server = await rig.start()
    const page = await ask(server, '/')
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.body).not.toContain(TOKEN)
    const script = await ask(server, '/assets/index-1.js')
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
    for (const { headers } of [page, script, await ask(server, '/nothing')]) {
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'")
      expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${server.port};`)
      expect(headers['cross-origin-opener-policy']).toBe('same-origin')
      expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
      expect(headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/#token=${TOKEN}`)
  })

  test.each([
    ['/..%2fsecret.json', 403],
    ['/%2e%2e/secret.json', 403],
    ['/../secret.json', 403],
    ['/assets/../../secret.json', 403],
    ['/..%5csecret.json', 403],
    ['/index.html%00', 404],
    ['/%', 400],
    ['/link.json', 404],
    ['/linked/secret.json', 404],
    ['/assets', 404],
    ['/assets/', 404],
    ['/missing.js', 404]
  ])('asked for %s it answers %i', async (path, status) => {
    symlinkSync(join(rig.dir, 'secret.json'), join(rig.dir, 'renderer/link.json'))
    symlinkSync(rig.dir, join(rig.dir, 'renderer/linked'))
    const answer = await ask(await rig.start(), path)
    expect(answer.status).toBe(status)
    expect(answer.body).not.toContain('secret')
  })

  test('only GET and HEAD are answered', async () => {
    const server = await rig.start()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await ask(server, '/', { method })).status).toBe(405)
    const head = await ask(server, '/', { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '' })
  })

  test('a request that came by another name is refused, whatever it asks for', async () => {
    const server = await rig.start()
    for (const host of ['evil.example', `localhost:${server.port}`, `127.0.0.1:${server.port + 1}`, '127.0.0.1']) {
      for (const path of ['/', '/health', '/upload']) expect((await ask(server, path, { headers: { Host: host } })).status).toBe(403)
    }
  })

  test('health is told', async () => {
    expect(JSON.parse((await ask(await rig.start(), '/health')).body)).toEqual({ ok: true })
  })

  test('bytes that are no HTTP at all do not hurt', async () => {
    const server = await rig.start()
    await new Promise<void>((done) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(Buffer.alloc(5000, 0xff)))
      socket.on('error', () => undefined)
      socket.on('close', () => done())
      socket.resume()
    })
    expect((await ask(server, '/health')).status).toBe(200)
  })
})

describe('the port', () => {
  test('in use is one sentence that says what to do', async () => {
    const { port } = await rig.start()
    await expect(rig.start({ port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`Port ${port} is already in use`)
    })
  })

  test('a token is drawn for every start', async () => {
    const make = (): Promise<StudioServer> => startStudioServer({ engine: rig.engine, rendererDir: rig.dir, dataDir: rig.dir, port: 0 })
    const [one, two] = [await make(), await make()]
    rig.servers.push(one, two)
    expect(one.token).not.toBe(two.token)
    expect(one.token).toMatch(/^[\w-]{32}$/)
  })
})
