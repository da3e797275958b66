import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCommand } from './streamCommand.ts'
import { StreamRig, TestSource } from './testStream.ts'

const rig = new StreamRig()

describe('who may connect', () => {
  test('a program with the token, in the address or as a bearer; nobody else', async () => {
    const server = await rig.start(new TestSource())
    const bare = `ws://127.0.0.1:${server.port}/stream`
    expect(await rig.connect(server.wsUrl).answered).toBe(101)
    expect(await rig.connect(bare, { authorization: `Bearer ${server.token}` }).answered).toBe(101)
    expect(await rig.connect(bare).answered).toBe(401)
    expect(await rig.connect(`${bare}?token=wrong`).answered).toBe(401)
    expect(await rig.connect(server.wsUrl, { origin: 'https://evil.example' }).answered).toBe(403)
    expect(await rig.connect(server.wsUrl, { origin: `http://127.0.0.1:${server.port}` }).answered).toBe(403)
    expect(await rig.connect(server.wsUrl, { host: 'evil.example' }).answered).toBe(403)
    expect(await rig.connect(server.wsUrl.replace('/stream', '/../stream/x')).answered).toBe(404)
  })

  test('a page that was named, and no other', async () => {
    const server = await rig.start(new TestSource(), { origins: ['https://mine.example'] })
    expect(await rig.connect(server.wsUrl, { origin: 'https://mine.example' }).answered).toBe(101)
    expect(await rig.connect(server.wsUrl, { origin: 'https://mine.example.evil' }).answered).toBe(403)
  })

  test('at most 32 at a time', async () => {
    const server = await rig.start(new TestSource())
    for (let i = 0; i < 32; i++) expect(await rig.connect(server.wsUrl).answered).toBe(101)
    expect(await rig.connect(server.wsUrl).answered).toBe(503)
  })

  test('a client without room for its clock is told so', async () => {
    const source = new TestSource()
    source.rooms = 0
    const server = await rig.start(source)
    const client = rig.connect(server.wsUrl)
    expect(await client.next('error')).toMatchObject({ code: 'BUSY' })
    expect(await client.closed).toBe(4503)
  })

  test('plain HTTP: only health and the event stream', async () => {
    const server = await rig.start(new TestSource())
    const at = (path: string, init?: RequestInit): Promise<Response> => fetch(`http://127.0.0.1:${server.port}${path}`, init)
    expect(await (await at('/health')).json()).toEqual({ ok: true, mode: 'replay', clients: 0 })
    expect((await at('/events')).status).toBe(401)
    expect((await at(`/events?token=${server.token}`, { method: 'POST' })).status).toBe(405)
    expect((await at('/etc/passwd')).status).toBe(404)
    expect((await at(`/events?token=${server.token}&channels=l2,nonsense`)).status).toBe(400)
    expect((await at(`/events?token=${server.token}&speed=fast`)).status).toBe(400)
    expect((await at(`/events?token=${server.token}&clock=mine`)).status).toBe(400)
  })
})

describe('what is said', () => {
  test('a greeting, the state, events unchanged, and control messages apart', async () => {
    const source = new TestSource()
    const server = await rig.start(source)
    const client = rig.connect(server.wsUrl)
    await client.next('replay_state')
    source.tell({ text: '{"schema_version":1,"ch":"tape_trades"}' })
    client.send('ping')
    await client.next('pong')
    expect(client.messages()[0]).toMatchObject({ type: 'hello', protocol: 1, run_id: 'r', mode: 'replay', clock: 'own' })
    expect(client.texts).toContain('{"schema_version":1,"ch":"tape_trades"}')
  })

  test('commands are carried out and acknowledged by their id', async () => {
    const source = new TestSource()
    const server = await rig.start(source)
    const client = rig.connect(server.wsUrl)
    await client.next('replay_state')
    client.send({ cmd: 'seek', id: 1, ts_utc: '2023-11-14T22:13:30.000000+00:00' })
    client.send({ cmd: 'jump', id: 'x', kind: 'metar', direction: -1 })
    client.send({ cmd: 'loop', id: 3, loop: { from_rel_ns: 1, to_rel_ns: 2 } })
    client.send({ cmd: 'subscribe', id: 4, channels: ['l2'], tokens: ['a'] })
    client.send({ cmd: 'seek', id: 5 })
    client.send({ cmd: 'nonsense', id: 6 })
    client.send({ cmd: 'speed', id: 'y', speed: 'fast' })
    client.send({ cmd: 'state', id: 8 })
    await expect.poll(() => client.texts.some((text) => text.includes('"id":8'))).toBe(true)
    const answers = client.messages().filter(({ type }) => type === 'ack' || type === 'error')
    expect(answers).toMatchObject([
      { id: 1 },
      { id: 'x', value: { moved: true } },
      { id: 3 },
      { id: 4 },
      { id: 5, code: 'USAGE' },
      { id: 6, code: 'USAGE' },
      { id: 'y', code: 'USAGE' },
      { id: 8 }
    ])
    expect(source.deeds).toEqual([
      { cmd: 'seek', relNs: 10e9 },
      { cmd: 'jump', kind: 'metar', direction: -1 },
      { cmd: 'loop', loop: { fromRelNs: 1, toRelNs: 2, preRollNs: 0 } }
    ])
    expect(source.subscriptions.at(-1)).toEqual({ channels: ['l2'], mode: 'light', tokens: ['a'], stations: [] })
  })

  test('a client that is silent hears that the server is there', async () => {
    const server = await rig.start(new TestSource(), { silentMs: 30 })
    const client = rig.connect(server.wsUrl)
    expect(await client.next('heartbeat')).toEqual({ type: 'heartbeat', t: 7 })
  })

  test('another clock is taken on demand', async () => {
    const source = new TestSource()
    const server = await rig.start(source)
    const client = rig.connect(server.wsUrl)
    await client.next('replay_state')
    client.send({ cmd: 'clock', clock: 'shared' })
    await client.next('ack')
    expect(
      client
        .messages()
        .filter(({ type }) => type === 'replay_state')
        .at(-1)
    ).toMatchObject({ clock: { kind: 'shared' } })
    expect(source.sinks.size).toBe(1)
  })

  test('the event stream over HTTP has the same events, plays at once, and ends with its connection', async () => {
    const source = new TestSource()
    const server = await rig.start(source)
    const stop = new AbortController()
    const response = await fetch(`${server.sseUrl}&channels=tape&speed=10&from_rel_ns=5`, { signal: stop.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('replay_state')) text += (await reader.read()).value ?? ''
    source.tell({ text: '{"x":1}' })
    while (!text.includes('"x":1')) text += (await reader.read()).value ?? ''
    expect(text).toContain('data: {"x":1}\n\n')
    expect(text).toContain('event: control\ndata: {"type":"hello"')
    expect(source.deeds).toEqual([{ cmd: 'speed', speed: 10 }, { cmd: 'seek', relNs: 5 }, { cmd: 'play' }])
    stop.abort()
    await expect.poll(() => source.sinks.size).toBe(0)
  })
})

describe('hostile input', () => {
  test('anything at all is a command or refused in one sentence', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => JSON.stringify({ cmd: 'seek', ...value }))
        ),
        (text) => {
          try {
            expect(readCommand(text)).toHaveProperty('cmd')
          } catch (error) {
            expect(error).toMatchObject({ code: 'USAGE' })
            expect((error as Error).message.length).toBeLessThanOrEqual(300)
          }
        }
      ),
      { numRuns: 2000 }
    )
  })

  test.each([
    '',
    'x'.repeat(1000),
    '{',
    'null',
    '[]',
    '{"cmd":"load","path":"/etc/passwd"}',
    '{"cmd":"__proto__"}',
    '{"cmd":["play"]}',
    '{"cmd":"seek","rel_ns":1e400}',
    '{"cmd":"seek","rel_ns":"5"}',
    '{"cmd":"seek","ts_utc":"yesterday"}',
    '{"cmd":"speed","speed":-1}',
    '{"cmd":"speed","speed":1e9}',
    '{"cmd":"subscribe","channels":["frame_raw"]}',
    `{"cmd":"subscribe","tokens":[${'"a",'.repeat(4000)}"a"]}`,
    '{"cmd":"jump","kind":"constructor"}'
  ])('message %# that is no command is answered and the stream goes on', async (text) => {
    const source = new TestSource()
    const server = await rig.start(source)
    const client = rig.connect(server.wsUrl)
    await client.next('replay_state')
    client.send(text)
    expect(await client.next('error')).toMatchObject({ code: 'USAGE' })
    client.send('ping')
    await client.next('pong')
    expect(source.deeds).toEqual([])
  })

  test('bytes, huge messages and floods close that connection only', async () => {
    const source = new TestSource()
    const server = await rig.start(source)
    const good = rig.connect(server.wsUrl)
    await good.next('replay_state')
    const [bytes, huge, flood] = [rig.connect(server.wsUrl), rig.connect(server.wsUrl), rig.connect(server.wsUrl)]
    await Promise.all([bytes, huge, flood].map((client) => client.next('replay_state')))
    bytes.socket.send(Buffer.from([1, 2, 3]))
    huge.send('x'.repeat(70_000))
    for (let i = 0; i < 1000; i++) flood.send('ping')
    expect([await bytes.closed, await huge.closed, await flood.closed]).toEqual([4400, 1009, 4429])
    good.send('ping')
    await good.next('pong')
    expect(source.sinks.size).toBe(1)
  })

  test('what is no HTTP, or breaks off, harms nobody', async () => {
    const server = await rig.start(new TestSource())
    for (const text of [
      '\0\0\0',
      'GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\r\n',
      'GET http://[::bad HTTP/1.1\r\n\r\n'
    ]) {
      await new Promise<void>((done) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.end(text))
        socket.on('error', () => undefined)
        socket.on('data', () => undefined)
        socket.on('close', () => done())
      })
    }
    const client = rig.connect(server.wsUrl)
    await client.next('replay_state')
  })
})

test('a slow client on a clock that does not wait gets the newest books, and is told what it did not get', async () => {
  const source = Object.assign(new TestSource(), { facts: { ...new TestSource().facts, mode: 'live' as const } })
  const server = await rig.start(source)
  const client = rig.connect(server.wsUrl)
  await client.next('replay_state')
  client.socket.pause()
  const pad = 'x'.repeat(64 * 1024)
  for (let i = 0; i < 400; i++) {
    source.tell({ ch: 'l2_snap_1s', text: `{"ch":"l2_snap_1s","n":${i},"pad":"${pad}"}` })
    source.tell({ ch: 'tape_trades', text: `{"ch":"tape_trades","n":${i}}` })
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  client.socket.resume()
  const lag = await client.next('lagging')
  expect((lag['conflated'] as Record<string, number>)['l2_snap_1s']).toBeGreaterThan(10)
  const last = (ch: string): unknown => client.messages().findLast((message) => message['ch'] === ch)?.['n']
  await expect.poll(() => last('l2_snap_1s')).toBe(399)
  expect([last('l2_snap_1s'), last('tape_trades')]).toEqual([399, 399])
  // Nothing but books was left out.
  expect(client.messages().filter((message) => message['ch'] === 'tape_trades')).toHaveLength(400)
  expect(client.messages().filter((message) => message['ch'] === 'l2_snap_1s').length).toBeLessThan(390)
})

test('at the end of a recording a client that is behind gets its tail before the connection is closed', async () => {
  const source = Object.assign(new TestSource(), { facts: { ...new TestSource().facts, mode: 'live' as const } })
  const server = await rig.start(source, { finishMs: 20_000 })
  const client = rig.connect(server.wsUrl)
  await client.next('replay_state')
  client.socket.pause()
  const pad = 'x'.repeat(64 * 1024)
  for (let n = 0; n < 400; n++) source.tell({ text: `{"ch":"tape_trades","n":${n},"pad":"${pad}"}` })
  const closing = server.close()
  client.socket.resume()
  await closing
  expect(await client.closed).toBe(1001)
  const trades = client.messages().filter((message) => message['ch'] === 'tape_trades')
  expect(trades.map(({ n }) => n)).toEqual(Array.from({ length: 400 }, (_, n) => n))
})
