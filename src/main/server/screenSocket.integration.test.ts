import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { INITIAL_CREDIT_BYTES } from '../../shared/api/index.ts'
import { ServerRig, TOKEN } from './testServer.ts'

const rig = new ServerRig()

describe('the socket', () => {
  test.each([['none'], ['null'], ['http://evil.example'], ['app://bundle.evil'], ['http://localhost:1'], ['http://127.0.0.1:1']])(
    'from the origin %s is refused',
    async (origin) => {
      expect(await rig.connect(await rig.start(), { origin }).opened).toBe(false)
      expect(rig.engine.views).toHaveLength(0)
    }
  )

  test('by another host name or another path is refused', async () => {
    const server = await rig.start()
    expect(await rig.connect(server, { host: `evil.example:${server.port}` }).opened).toBe(false)
    expect(await rig.connect(server, { path: '/other' }).opened).toBe(false)
    expect(await rig.connect(server, { path: `/studio?token=${TOKEN}` }).opened).toBe(false)
  })

  test.each([
    ['a wrong token', JSON.stringify({ token: 'wrong' })],
    ['an empty token', JSON.stringify({ token: '' })],
    ['a token that is no text', JSON.stringify({ token: 5 })],
    ['a command instead of a token', JSON.stringify({ id: 1, command: { cmd: 'session_get' } })],
    ['garbage', '}{']
  ])('with %s is closed and reaches nothing', async (_name, first) => {
    const client = rig.connect(await rig.start())
    await client.opened
    client.socket.send(first)
    client.socket.send(JSON.stringify({ token: TOKEN }))
    expect(await client.closed).toBe(4401)
    expect(rig.engine.views).toHaveLength(0)
    expect(rig.engine.commands).toHaveLength(0)
  })

  test('that never says its token is closed', async () => {
    const client = rig.connect(await rig.start({ tokenWithinMs: 30 }))
    expect(await client.closed).toBe(4408)
  })

  test('answers commands by their ids, also those that fail', async () => {
    const server = await rig.start()
    const client = await rig.attached(server)
    rig.engine.answer = (command) =>
      Promise.resolve(
        (command as { cmd?: string } | null)?.cmd === 'session_get'
          ? { ok: true, value: 'state' }
          : { ok: false, failure: { code: 'USAGE', message: 'There is no such command.' } }
      )
    client.socket.send(JSON.stringify({ id: 7, command: { cmd: 'session_get' } }))
    client.socket.send(JSON.stringify({ id: 8, command: { cmd: 'rm -rf' } }))
    client.socket.send(JSON.stringify({ id: 9, command: null }))
    await expect.poll(() => client.texts).toHaveLength(3)
    expect(client.texts[0]).toEqual({ id: 7, reply: { ok: true, value: 'state' } })
    expect(client.texts[1]).toMatchObject({ id: 8, reply: { ok: false, failure: { code: 'USAGE' } } })
    expect(client.texts[2]).toMatchObject({ id: 9, reply: { ok: false } })
  })

  test('gets an answer even when the engine breaks its promise', async () => {
    const client = await rig.attached(await rig.start())
    rig.engine.answer = () => Promise.reject(new Error('boom'))
    client.socket.send(JSON.stringify({ id: 1, command: {} }))
    await expect.poll(() => client.texts).toHaveLength(1)
    expect(client.texts[0]).toMatchObject({ id: 1, reply: { ok: false, failure: { code: 'INTERNAL' } } })
  })

  test('with too many commands in the air is told to wait', async () => {
    const client = await rig.attached(await rig.start())
    const waiting: (() => void)[] = []
    rig.engine.answer = () => new Promise((done) => waiting.push(() => done({ ok: true, value: 1 })))
    for (let id = 0; id < 65; id++) client.socket.send(JSON.stringify({ id, command: {} }))
    await expect.poll(() => client.texts).toHaveLength(1)
    expect(client.texts[0]).toMatchObject({ id: 64, reply: { ok: false, failure: { code: 'BUSY' } } })
    for (const done of waiting) done()
    await expect.poll(() => client.texts).toHaveLength(65)
  })

  test.each([
    ['garbage', 'not json'],
    ['a message of no known kind', '{"hello":1}'],
    ['a negative grant', '{"grant":-1}'],
    ['a grant that is no number', '{"grant":"lots"}'],
    ['an id that is no number', '{"id":"1","command":{}}'],
    ['binary bytes', Buffer.from([1, 2, 3])]
  ])('that sends %s is closed, and the others stay', async (_name, bad) => {
    const server = await rig.start()
    const [good, client] = [await rig.attached(server), await rig.attached(server)]
    client.socket.send(bad)
    expect(await client.closed).toBe(4400)
    expect(rig.engine.views[1]?.closed).toBe(true)
    expect(rig.engine.views[0]?.closed).toBe(false)
    expect(good.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('that sends more than 1 MiB at once is closed', async () => {
    const client = await rig.attached(await rig.start())
    client.socket.send(JSON.stringify({ id: 1, command: 'x'.repeat(1024 * 1024) }))
    expect(await client.closed).toBe(1009)
    await expect.poll(() => rig.engine.views[0]?.closed).toBe(true)
    expect(rig.engine.commands).toHaveLength(0)
  })

  test('closes its view when the screen goes away', async () => {
    const client = await rig.attached(await rig.start())
    client.socket.close()
    await expect.poll(() => rig.engine.views[0]?.closed).toBe(true)
  })

  test('is told when the studio closes', async () => {
    const server = await rig.start()
    const client = await rig.attached(server)
    await Promise.all([server.close(), server.close()])
    expect(await client.closed).toBe(1001)
    expect(rig.engine.views[0]?.closed).toBe(true)
  })
})

describe('credit', () => {
  test('a screen that grants nothing gets its first credit and no more; grants let the rest through, in order', async () => {
    const client = await rig.attached(await rig.start())
    const [view] = rig.engine.views
    view?.want(200)
    const frameBytes = 64 * 1024 + 8
    const first = Math.ceil(INITIAL_CREDIT_BYTES / frameBytes)
    await expect.poll(() => client.frames).toHaveLength(first)
    client.socket.send(JSON.stringify({ id: 1, command: {} }))
    await expect.poll(() => client.texts).toHaveLength(1)
    expect(client.frames).toHaveLength(first)
    client.socket.send(JSON.stringify({ grant: 10 * frameBytes }))
    await expect.poll(() => client.frames.length).toBe(first + 10)
    expect(client.frames.every((frame) => frame.length === frameBytes)).toBe(true)
  })

  test('claiming more than was sent gives no more', async () => {
    const client = await rig.attached(await rig.start())
    const [view] = rig.engine.views
    client.socket.send(JSON.stringify({ grant: 1e15 }))
    client.socket.send(JSON.stringify({ id: 1, command: {} }))
    await expect.poll(() => client.texts).toHaveLength(1)
    expect(view?.creditBytes).toBe(INITIAL_CREDIT_BYTES)
    view?.want(10)
    await expect.poll(() => client.frames).toHaveLength(10)
    client.socket.send(JSON.stringify({ grant: 1e15 }))
    client.socket.send(JSON.stringify({ id: 2, command: {} }))
    await expect.poll(() => client.texts).toHaveLength(2)
    expect(view?.creditBytes).toBe(INITIAL_CREDIT_BYTES)
  })

  test('two screens have credit of their own', async () => {
    const server = await rig.start()
    const [slow, quick] = [await rig.attached(server), await rig.attached(server)]
    quick.socket.on('message', (data, isBinary) => {
      if (isBinary) quick.socket.send(JSON.stringify({ grant: (data as Buffer).length }))
    })
    for (const view of rig.engine.views) view.want(200)
    await expect.poll(() => quick.frames).toHaveLength(200)
    const most = Math.ceil(INITIAL_CREDIT_BYTES / (64 * 1024))
    expect(slow.frames.length).toBeLessThanOrEqual(most)
  })

  test('a screen that reads nothing at all holds no more than its credit in memory', async () => {
    const client = await rig.attached(await rig.start())
    client.socket.pause()
    const [view] = rig.engine.views
    for (let i = 0; i < 50; i++) view?.want(100)
    expect(view?.creditBytes).toBeLessThanOrEqual(0)
    expect(view?.creditBytes).toBeGreaterThan(-65 * 1024)
    expect(view?.closed).toBe(false)
  })
})

describe('a notice of the door', () => {
  const notice = { kind: 'notice', level: 'warning', text: 'The file could not be opened.' } as const
  const textOf = (frame: Buffer | undefined): unknown => JSON.parse(frame?.subarray(8).toString() ?? '')

  test('reaches every screen, and is kept for the first when there is none', async () => {
    const server = await rig.start()
    server.notify(notice)
    const first = await rig.attached(server)
    await expect.poll(() => first.frames).toHaveLength(1)
    expect(first.frames[0]?.[0]).toBe(3)
    expect(textOf(first.frames[0])).toEqual(notice)
    const second = await rig.attached(server)
    server.notify(notice)
    await expect.poll(() => second.frames).toHaveLength(1)
    await expect.poll(() => first.frames).toHaveLength(2)
  })
})
