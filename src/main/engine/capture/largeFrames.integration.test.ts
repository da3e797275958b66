import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { FLAG_TEXT, openBundle, verifyRun } from '../bundle/index.ts'
import type { CaptureEvent } from '../threads/captureMessages.ts'
import { captureConfig } from './config.ts'
import { CapturePlant } from './plant.ts'
import { QUICK } from './testPlant.ts'

const LIMIT_BYTES = 64 * 1024 * 1024
const WAIT = { timeout: 40_000, interval: 20 }
/** The whole frame in its pieces, joined, in the batch, and in the copy for the tape, with twice as much again for what is not collected yet. */
const MEMORY_BYTES = 12 * LIMIT_BYTES
/** A plant that kept one copy of each would hold more. */
const FRAMES = 12

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** A venue with one connection at a time, and the bytes below its WebSocket. */
interface RawVenue {
  readonly url: string
  readonly sockets: WebSocket[]
  /** Writes bytes as they are, past the WebSocket library. */
  raw(bytes: Uint8Array): void
}

async function startRawVenue(): Promise<RawVenue> {
  const server = createServer()
  const accepting = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const sockets: WebSocket[] = []
  let write: (bytes: Uint8Array) => void = () => undefined
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    accepting.handleUpgrade(request, stream, head, (socket) => {
      socket.on('error', () => socket.terminate())
      const number = sockets.push(socket)
      socket.on('message', (data: Buffer) => socket.send(data.toString() === 'PING' ? 'PONG' : `{"connection":${number}}`))
      write = (bytes) => void stream.write(bytes)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    for (const socket of sockets) socket.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, raw: (bytes) => write(bytes) }
}

interface Recording {
  readonly dir: () => string
  readonly end: () => Promise<CaptureEvent | undefined>
  readonly runlog: (type: string) => Record<string, unknown>[]
  readonly peakBytes: () => number
}

/** A plant that keeps nothing of what it hands on, so that the memory is its own. */
async function record(url: string): Promise<Recording> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-large-'))
  open.push(() => Promise.resolve(rmSync(dataDir, { recursive: true })))
  let dir = ''
  let last: CaptureEvent | undefined
  const config = captureConfig({
    ...QUICK,
    dataDir,
    clobWsUrl: url,
    tokenIds: ['1'],
    wsShards: 1,
    wsReconnectMax: null,
    wsPingTimeoutSeconds: 30,
    captureBackpressureFatalMs: 600_000
  })
  const emit = (event: CaptureEvent): void => {
    if (event.kind === 'started') dir = event.runDir
    if (event.kind !== 'frames') last = event
  }
  const plant = new CapturePlant({ config, emit })
  const running = plant.run()
  const used = (): number => process.memoryUsage().arrayBuffers
  const before = used()
  let peak = 0
  const sampling = setInterval(() => (peak = Math.max(peak, used() - before)), 10)
  open.push(async () => {
    clearInterval(sampling)
    plant.stop('test over')
    await running
  })
  await expect.poll(() => dir, WAIT).not.toBe('')
  const runlog = (type: string): Record<string, unknown>[] =>
    readFileSync(join(dir, 'runlog.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((entry) => entry['record_type'] === type)
  const end = async (): Promise<CaptureEvent | undefined> => {
    plant.stop('stop')
    await running
    return last
  }
  return { dir: () => dir, end, runlog, peakBytes: () => peak }
}

interface KeptText {
  readonly bytes: number
  /** Of the short ones, which show that it went on. */
  readonly text: string
}

async function textsIn(dir: string): Promise<KeptText[]> {
  const bundle = await openBundle(dir, { readOnly: true })
  const reader = bundle.openReader(0, { onDamage: 'throw' })
  const texts: KeptText[] = []
  while (reader.next()) {
    if (reader.flags !== FLAG_TEXT) continue
    const bytes = reader.payloadEnd - reader.payloadStart
    texts.push({ bytes, text: bytes < 100 ? reader.payload().toString() : '' })
  }
  reader.close()
  bundle.close()
  return texts
}

test('frames of exactly 64 MB are kept whole, one after the other, in bounded memory', async () => {
  const venue = await startRawVenue()
  const running = await record(venue.url)
  await expect.poll(() => venue.sockets.length, WAIT).toBe(1)
  const large = Buffer.alloc(LIMIT_BYTES, 0x78)
  for (let i = 0; i < FRAMES; i++) {
    await new Promise<void>((resolve) => venue.sockets[0]?.send(large, { binary: false }, () => resolve()))
    venue.sockets[0]?.send(`{"after":${i}}`)
  }
  await expect.poll(() => statSync(join(running.dir(), 'capture', 'shard_00.frames')).size, WAIT).toBeGreaterThan(FRAMES * LIMIT_BYTES)
  const told = async (): Promise<string[]> =>
    (await textsIn(running.dir())).flatMap(({ text }) => (text.startsWith('{"after"') ? [text] : []))
  await expect.poll(told, WAIT).toEqual(Array.from({ length: FRAMES }, (_, i) => `{"after":${i}}`))
  expect(await running.end()).toMatchObject({ kind: 'ended', ok: true })
  expect((await textsIn(running.dir())).filter(({ bytes }) => bytes === LIMIT_BYTES)).toHaveLength(FRAMES)
  expect(running.runlog('reconnect')).toEqual([])
  expect(verifyRun(running.dir()).ok).toBe(true)
  expect(running.peakBytes()).toBeLessThan(MEMORY_BYTES)
}, 120_000)

/** Headers as a server sends them: unmasked, with a 64-bit length. */
function frameHeader(firstByte: number, length: bigint): Buffer {
  const header = Buffer.alloc(10)
  header.writeUInt16BE((firstByte << 8) | 127, 0)
  header.writeBigUInt64BE(length, 2)
  return header
}

const FINAL_TEXT = 0x81
const FIRST_TEXT = 0x01
const NEXT_PART = 0x00

test.each([
  ['one byte over 64 MB', (venue: RawVenue) => venue.raw(frameHeader(FINAL_TEXT, BigInt(LIMIT_BYTES) + 1n))],
  ['a petabyte', (venue: RawVenue) => venue.raw(frameHeader(FINAL_TEXT, 2n ** 50n))],
  ['a length beyond all numbers', (venue: RawVenue) => venue.raw(frameHeader(FINAL_TEXT, 2n ** 63n - 1n))],
  [
    'parts of a megabyte without end',
    (venue: RawVenue) => {
      const part = Buffer.alloc(1024 * 1024, 0x78)
      for (let i = 0; i < 66; i++) {
        venue.raw(frameHeader(i === 0 ? FIRST_TEXT : NEXT_PART, BigInt(part.length)))
        venue.raw(part)
      }
    }
  ]
])(
  'a message of %s is refused with a record that says so, and the recording goes on',
  async (_what, send) => {
    const venue = await startRawVenue()
    const running = await record(venue.url)
    await expect.poll(() => venue.sockets.length, WAIT).toBe(1)
    send(venue)
    await expect.poll(() => running.runlog('reconnect').length, WAIT).toBe(1)
    await expect.poll(() => venue.sockets.length, WAIT).toBe(2)
    await expect.poll(async () => (await textsIn(running.dir())).map(({ text }) => text), WAIT).toContain('{"connection":2}')
    expect(await running.end()).toMatchObject({ kind: 'ended', ok: true })
    const [reconnect] = running.runlog('reconnect')
    expect(reconnect).toMatchObject({ trigger: 'exception', close_code: 1006 })
    expect(String(reconnect?.['close_reason'])).toMatch(/WS_ERR_UNSUPPORTED_(MESSAGE|DATA_PAYLOAD)_LENGTH/)
    expect((await textsIn(running.dir())).every(({ bytes }) => bytes < 100)).toBe(true)
    expect(running.runlog('capture_stop')).toMatchObject([{ quality_ok: true, loss_total: 0 }])
    expect(verifyRun(running.dir()).ok).toBe(true)
    expect(running.peakBytes()).toBeLessThan(MEMORY_BYTES)
  },
  90_000
)
