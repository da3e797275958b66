import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { StudioServer } from './index.ts'
import { ask, ServerRig, TOKEN } from './testServer.ts'

const rig = new ServerRig()

describe('an upload', () => {
  const headersFor = (server: StudioServer): Record<string, string> => ({
    Origin: `http://127.0.0.1:${server.port}`,
    'x-tapedeck-token': TOKEN
  })
  const leftovers = (): string[] => (existsSync(join(rig.dir, 'data/uploads')) ? readdirSync(join(rig.dir, 'data/uploads')) : [])

  test('reaches the library as a file with the bytes that were sent, answers what the library says, and is removed', async () => {
    const server = await rig.start()
    const body = Buffer.alloc(300_000, 'tar')
    let seen: { path: string; bytes: Buffer } | undefined
    rig.engine.answer = (command) => {
      const { path } = command as { path: string }
      seen = { path, bytes: readFileSync(path) }
      return Promise.resolve({ ok: false, failure: { code: 'BUNDLE_FOREIGN', message: 'No bundle.' } })
    }
    const reply = await ask(server, '/upload?name=..%2F..%2Fmy%20run.tar.gz', { method: 'POST', headers: headersFor(server), body })
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.body)).toEqual({ ok: false, failure: { code: 'BUNDLE_FOREIGN', message: 'No bundle.' } })
    expect(rig.engine.commands).toEqual([{ cmd: 'library_add', path: seen?.path }])
    expect(seen?.path.startsWith(join(rig.dir, 'data/uploads/'))).toBe(true)
    expect(seen?.path.endsWith('/my_run.tar.gz')).toBe(true)
    expect(seen?.bytes.equals(body)).toBe(true)
    expect(leftovers()).toEqual([])
  })

  test('without the token, with a wrong one, or from another page is refused', async () => {
    const server = await rig.start()
    const good = headersFor(server)
    for (const headers of [
      {},
      { Origin: good['Origin']! },
      { ...good, 'x-tapedeck-token': 'x' },
      { ...good, Origin: 'http://evil.example' }
    ]) {
      expect((await ask(server, '/upload?name=a', { method: 'POST', headers, body: Buffer.from('x') })).status).toBe(403)
    }
    expect((await ask(server, '/upload?name=a', { headers: good })).status).toBe(405)
    expect(rig.engine.commands).toEqual([])
  })

  test('larger than the disk has room for is refused, announced or not, and nothing is kept', async () => {
    const server = await rig.start({ freeBytes: () => Promise.resolve(256 * 2 ** 20 + 1000) })
    const body = Buffer.alloc(50_000)
    for (const extra of [{}, { 'Transfer-Encoding': 'chunked' }]) {
      const reply = await ask(server, '/upload?name=a', { method: 'POST', headers: { ...headersFor(server), ...extra }, body })
      expect(JSON.parse(reply.body)).toMatchObject({ ok: false, failure: { code: 'DISK_FULL' } })
    }
    expect(rig.engine.commands).toEqual([])
    expect(leftovers()).toEqual([])
  })

  test('broken off in the middle leaves nothing behind', async () => {
    const server = await rig.start()
    const request = httpRequest({
      host: '127.0.0.1',
      port: server.port,
      path: '/upload?name=a',
      method: 'POST',
      headers: { ...headersFor(server), 'Content-Length': '1000000' }
    })
    request.on('error', () => undefined)
    request.write(Buffer.alloc(1000))
    await expect.poll(() => leftovers()).toHaveLength(1)
    request.destroy()
    await expect.poll(() => leftovers()).toEqual([])
    expect(rig.engine.commands).toEqual([])
  })

  test('that a killed process left behind is cleared at the next start, a young one is not', async () => {
    mkdirSync(join(rig.dir, 'data/uploads/old.tmp'), { recursive: true })
    mkdirSync(join(rig.dir, 'data/uploads/young.tmp'))
    utimesSync(join(rig.dir, 'data/uploads/old.tmp'), 1000, 1000)
    await rig.start()
    expect(leftovers()).toEqual(['young.tmp'])
  })
})
