import { expect, test } from 'vitest'
import { INITIAL_CREDIT_BYTES, type FrameSink } from '../../shared/api/index.ts'
import type { Engine } from '../engine/index.ts'
import type { RelayPort } from './frameRelay.ts'
import { Pages } from './pages.ts'

class TestPort implements RelayPort {
  readonly sent: Uint8Array[] = []
  closed = false
  started = false
  #onMessage: (event: { data: unknown }) => void = () => undefined
  #onClose: () => void = () => undefined

  postMessage(message: unknown): void {
    expect(this.closed).toBe(false)
    this.sent.push(message as Uint8Array)
  }
  on(event: 'message' | 'close', listener: (event: { data: unknown }) => void): void {
    if (event === 'message') this.#onMessage = listener
    else this.#onClose = () => listener({ data: undefined })
  }
  start(): void {
    this.started = true
  }
  close(): void {
    this.closed = true
  }
  say(data: unknown): void {
    this.#onMessage({ data })
  }
  breakOff(): void {
    this.#onClose()
  }
}

function studio() {
  const views: { sink: FrameSink; credit: number; closed: boolean }[] = []
  const attachView = (sink: FrameSink) => {
    const view = { sink, credit: INITIAL_CREDIT_BYTES, closed: false }
    views.push(view)
    return { grant: (bytes: number) => void (view.credit += bytes), close: () => void (view.closed = true) }
  }
  return { views, pages: new Pages({ attachView } as unknown as Engine) }
}

test('frames reach the page without what lies around them in memory, and grants come back', () => {
  const { views, pages } = studio()
  const port = new TestPort()
  pages.open({}, port)
  expect(port.started).toBe(true)
  const big = new Uint8Array(1_000_000).fill(7)
  views[0]?.sink.send(big.subarray(10, 20))
  expect(port.sent[0]).toEqual(new Uint8Array(10).fill(7))
  expect(port.sent[0]?.buffer.byteLength).toBe(10)
  port.say({ grant: 10 })
  expect(views[0]?.credit).toBe(INITIAL_CREDIT_BYTES + 10)
})

test('a page grants back what it was sent and no more, and nonsense counts for nothing', () => {
  const { views, pages } = studio()
  const port = new TestPort()
  pages.open({}, port)
  views[0]?.sink.send(new Uint8Array(100))
  for (const data of [null, 'x', {}, { grant: 'all' }, { grant: -1 }, { grant: Number.NaN }]) port.say(data)
  expect(views[0]?.credit).toBe(INITIAL_CREDIT_BYTES)
  port.say({ grant: Number.POSITIVE_INFINITY })
  expect(views[0]?.credit).toBe(INITIAL_CREDIT_BYTES + 100)
})

test('a page that asks again loses its old frames; other pages keep theirs', () => {
  const { views, pages } = studio()
  const [page, other] = [{}, {}]
  const ports = [new TestPort(), new TestPort(), new TestPort()] as const
  pages.open(page, ports[0])
  pages.open(other, ports[1])
  pages.open(page, ports[2])
  expect(views.map((view) => view.closed)).toEqual([true, false, false])
  expect(ports.map((port) => port.closed)).toEqual([true, false, false])
  views[0]?.sink.send(new Uint8Array(5))
  ports[0].say({ grant: 5 })
  expect(ports[0].sent).toHaveLength(0)
  pages.closeAll()
  expect(views.map((view) => view.closed)).toEqual([true, true, true])
})

test('a page that goes away closes its view, once', () => {
  const { views, pages } = studio()
  const [page, port] = [{}, new TestPort()]
  pages.open(page, port)
  port.breakOff()
  expect(views[0]?.closed).toBe(true)
  pages.close(page)
  pages.close(page)
})

test('a notice of the door waits for the first page, and does not touch the credit', () => {
  const { views, pages } = studio()
  pages.notify({ kind: 'notice', level: 'error', text: 'No.' })
  const port = new TestPort()
  pages.open({}, port)
  const frame = port.sent[0]
  expect(frame?.[0]).toBe(3)
  expect(JSON.parse(new TextDecoder().decode(frame?.subarray(8)))).toEqual({ kind: 'notice', level: 'error', text: 'No.' })
  port.say({ grant: frame?.length })
  expect(views[0]?.credit).toBe(INITIAL_CREDIT_BYTES)
})
