import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ModelSocket } from './modelSocket.ts'

const LINE = '{"ch":"nowcast_1m","station_id":"KLGA","data":{"tmax_mean_f":99,"tmax_sigma_f":1,"confidence":1}}\n'
const stop = new AbortController()

afterEach(() => stop.abort())

test('a web page that posts to the port publishes nothing, and a model does', async () => {
  const taken: string[] = []
  const started = Promise.withResolvers<number>()
  const arrived = Promise.withResolvers<void>()
  const socket = new ModelSocket({
    port: 0,
    signal: stop.signal,
    log: (_type, fields) => started.resolve(Number(fields['port'])),
    sink: (_shard, _note, body) => {
      taken.push(Buffer.from(body ?? []).toString())
      if (taken.length === 2) arrived.resolve()
    }
  })
  const port = await started.promise
  // What a page may send to any address without being asked, in one piece and in two.
  const post = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: ${LINE.length + 1}\r\n\r\n\n${LINE}`
  for (const pieces of [[post], [`\r\n `, post], [post.slice(0, 1), post.slice(1)]]) {
    const page = connect(port, '127.0.0.1')
    page.on('error', () => undefined)
    const closed = once(page, 'close')
    for (const piece of pieces) page.write(piece)
    await closed
  }
  expect(taken).toEqual([])
  const model = connect(port, '127.0.0.1')
  model.write(` \n${LINE}not JSON, and yet a line of a model\n`)
  await arrived.promise
  model.end()
  await once(model, 'close')
  expect(taken).toEqual([LINE.trimEnd(), 'not JSON, and yet a line of a model'])
  expect(socket.facts()).toMatchObject({ model: { strangers: 3 } })
})
