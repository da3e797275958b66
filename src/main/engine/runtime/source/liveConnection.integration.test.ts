import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { captureConfig } from '../../capture/index.ts'
import { hostClock } from '../../clock.ts'
import { binanceTransport, polymarketTransport } from '../../feeds/index.ts'
import { LiveConnection } from './liveConnection.ts'

let server: WebSocketServer | undefined
afterEach(() => new Promise((resolve) => server?.close(resolve)))

test('the form of the subscription changes with every attempt to connect; silence after it counts as not confirmed', async () => {
  const messages: Record<string, unknown>[] = []
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      if (data.toString() !== 'PING') messages.push(JSON.parse(data.toString()) as Record<string, unknown>)
    })
  })
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = captureConfig({ captureConfirmTimeoutSeconds: 0.5, wsReconnectBackoffSeconds: 0.01 })
  let missed = 0
  let reconnectsLeft = 3
  const closed: string[] = []
  const begun = hostClock.monoNs()
  await new Promise<void>((ended) => {
    const connection = new LiveConnection({
      shard: 0,
      keys: ['1', '2'],
      transport: polymarketTransport({ wsUrl: url, clobBaseUrl: url, maxTokens: 200, maxBytes: 4096 }),
      config,
      nowNs: () => Number(hostClock.monoNs() - begun),
      owner: {
        message: () => undefined,
        opened: () => undefined,
        closed: (_shard, { trigger }) => closed.push(trigger),
        confirmMissed: () => missed++,
        mayReconnect: () => reconnectsLeft-- > 0,
        ended: () => {
          clearInterval(timer)
          ended()
        }
      }
    })
    const timer = setInterval(() => connection.check(), 5)
    connection.connect()
  })
  await expect.poll(() => messages).toHaveLength(4)
  expect(messages.map(({ type, ...rest }) => [type, Object.keys(rest)[0]])).toEqual([
    ['market', 'assets_ids'],
    ['MARKET', 'assets_ids'],
    ['market', 'assetsIds'],
    ['market', 'assets_ids']
  ])
  expect([missed, closed]).toEqual([4, Array.from({ length: 4 }, () => 'confirm_timeout')])
})

test('a Binance connection is renewed without a break: the old one goes when the new one has brought data', async () => {
  const told: string[] = []
  let connections = 0
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    const number = ++connections
    const sending = setInterval(() => socket.send(`{"from":${number},"at":"a message with data"}`), 10)
    socket.on('close', () => clearInterval(sending))
  })
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const begun = hostClock.monoNs()
  await new Promise<void>((ended) => {
    const connection = new LiveConnection({
      shard: 0,
      keys: ['BTCUSDT'],
      transport: binanceTransport({ wsUrl: url, restUrl: url, streams: ['trade'], renewAfterSeconds: 1 }),
      config: captureConfig({}),
      nowNs: () => Number(hostClock.monoNs() - begun),
      owner: {
        message: (_shard, payload) => {
          const from = `data of ${(JSON.parse(payload.toString()) as { from: number }).from}`
          if (told.at(-1) !== from) told.push(from)
        },
        opened: () => told.push('opened'),
        closed: (_shard, { trigger, overlap }) => {
          told.push(`closed ${trigger} ${overlap ?? false}`)
          connection.end()
        },
        confirmMissed: () => told.push('not confirmed'),
        mayReconnect: () => {
          told.push('reconnect')
          return false
        },
        ended: () => {
          clearInterval(timer)
          ended()
        }
      }
    })
    const timer = setInterval(() => connection.check(), 5)
    connection.connect()
  })
  const firstOfSecond = told.indexOf('data of 2')
  expect(told.slice(0, 3)).toEqual(['opened', 'data of 1', 'opened'])
  expect(firstOfSecond).toBeGreaterThan(2)
  expect(told.indexOf('closed refresh true')).toBeGreaterThan(firstOfSecond)
  expect(told).not.toContain('reconnect')
})
