import { describe, expect, test } from 'vitest'
import { type SocketLike, webSocketTransport } from './webSocketTransport.ts'

class FakeSocket implements SocketLike {
  binaryType: BinaryType = 'blob'
  readonly sent: string[] = []
  closed = false
  readonly #listeners = new Map<string, (event: { data: unknown; code: number }) => void>()

  send(data: string): void {
    this.sent.push(data)
  }

  close(): void {
    this.closed = true
  }

  addEventListener(type: string, listener: (event: { data: unknown; code: number }) => void): void {
    this.#listeners.set(type, listener)
  }

  fire(type: 'open' | 'close' | 'error' | 'message', data?: unknown, code = 1006): void {
    this.#listeners.get(type)?.({ data, code })
  }
}

describe('browser transport', () => {
  test('the token is the first message, whatever was asked before the socket opened', () => {
    const socket = new FakeSocket()
    const transport = webSocketTransport(socket, 'secret')
    void transport.call<'session_get'>({ cmd: 'session_get' })
    socket.fire('open')
    expect(socket.sent).toEqual(['{"token":"secret"}', '{"id":1,"command":{"cmd":"session_get"}}'])
  })

  test('answers find their question in any order', async () => {
    const socket = new FakeSocket()
    const transport = webSocketTransport(socket, '')
    socket.fire('open')
    const first = transport.call<'library_list'>({ cmd: 'library_list' })
    const second = transport.call<'library_rescan'>({ cmd: 'library_rescan' })
    socket.fire('message', '{"id":2,"reply":{"ok":true,"value":[2]}}')
    socket.fire('message', '{"id":1,"reply":{"ok":true,"value":[1]}}')
    expect(await first).toEqual({ ok: true, value: [1] })
    expect(await second).toEqual({ ok: true, value: [2] })
  })

  test('binary messages are frames, grants go back', () => {
    const socket = new FakeSocket()
    const transport = webSocketTransport(socket, '')
    const frames: Uint8Array[] = []
    transport.onFrame((frame) => frames.push(frame))
    socket.fire('open')
    socket.fire('message', new Uint8Array([1, 2, 3]).buffer)
    transport.grant(3)
    expect(frames).toEqual([new Uint8Array([1, 2, 3])])
    expect(socket.sent.at(-1)).toBe('{"grant":3}')
    expect(socket.binaryType).toBe('arraybuffer')
  })

  test('a lost connection is told once and answers every open question', async () => {
    const socket = new FakeSocket()
    const transport = webSocketTransport(socket, '')
    const reasons: string[] = []
    transport.onClosed((reason) => reasons.push(reason))
    const open = transport.call<'session_get'>({ cmd: 'session_get' })
    socket.fire('error')
    socket.fire('close')
    expect(reasons).toHaveLength(1)
    expect(await open).toMatchObject({ ok: false, failure: { code: 'ABORTED' } })
    expect(await transport.call<'session_get'>({ cmd: 'session_get' })).toMatchObject({ ok: false })
  })

  test('a page that the studio does not know is told to open the new address', () => {
    const socket = new FakeSocket()
    const transport = webSocketTransport(socket, 'old')
    const reasons: string[] = []
    transport.onClosed((reason) => reasons.push(reason))
    socket.fire('open')
    socket.fire('close', undefined, 4401)
    expect(reasons.join()).toContain('Open the address')
  })

  test('closing it on purpose is not told as a loss', () => {
    const socket = new FakeSocket()
    const transport = webSocketTransport(socket, '')
    let told = false
    transport.onClosed(() => {
      told = true
    })
    transport.close()
    socket.fire('close')
    expect([socket.closed, told]).toEqual([true, false])
  })
})
