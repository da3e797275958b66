import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { WebSocket } from 'ws'
import { startStudioServer, type StudioServer, type StudioServerOptions } from './index.ts'
import { TestEngine } from './testEngine.ts'

export const TOKEN = 'the-right-token'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

export interface Client {
  readonly socket: WebSocket
  readonly texts: unknown[]
  readonly frames: Buffer[]
  readonly closed: Promise<number>
  readonly opened: Promise<boolean>
}

interface ConnectOptions {
  readonly path?: string
  /** 'none' sends no origin at all. */
  readonly origin?: string
  readonly host?: string
}

/** A folder, an engine and real servers and sockets for one test file; all of it new for every test. */
export class ServerRig {
  dir = ''
  engine = new TestEngine()
  readonly servers: StudioServer[] = []
  readonly #sockets: WebSocket[] = []

  constructor() {
    beforeEach(() => {
      this.dir = mkdtempSync(join(tmpdir(), 'tapedeck-server-'))
      this.engine = new TestEngine()
      mkdirSync(join(this.dir, 'renderer/assets'), { recursive: true })
      writeFileSync(join(this.dir, 'renderer/index.html'), '<!doctype html><title>Tapedeck</title>')
      writeFileSync(join(this.dir, 'renderer/assets/index-1.js'), 'export {}')
      writeFileSync(join(this.dir, 'secret.json'), '{"secret":true}')
    })
    afterEach(async () => {
      for (const socket of this.#sockets.splice(0)) socket.terminate()
      for (const server of this.servers.splice(0)) await server.close()
      rmSync(this.dir, { recursive: true, force: true })
    })
  }

  async start(over: Partial<StudioServerOptions> = {}): Promise<StudioServer> {
    const { engine, dir } = this
    const server = await startStudioServer({
      engine,
      rendererDir: join(dir, 'renderer'),
      dataDir: join(dir, 'data'),
      port: 0,
      token: TOKEN,
      ...over
    })
    this.servers.push(server)
    return server
  }

  connect(server: StudioServer, { path = '/studio', origin, host }: ConnectOptions = {}): Client {
    const own = `http://127.0.0.1:${server.port}`
    const headers = { ...(origin !== 'none' && { Origin: origin ?? own }), ...(host !== undefined && { Host: host }) }
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers })
    this.#sockets.push(socket)
    const texts: unknown[] = []
    const frames: Buffer[] = []
    socket.on('message', (data: Buffer, isBinary) => void (isBinary ? frames.push(data) : texts.push(JSON.parse(data.toString()))))
    const opened = new Promise<boolean>((done) => {
      socket.once('open', () => done(true))
      socket.once('error', () => done(false))
    })
    const closed = new Promise<number>((done) => socket.once('close', (code) => done(code)))
    return { socket, texts, frames, closed, opened }
  }

  async attached(server: StudioServer): Promise<Client> {
    const client = this.connect(server)
    await client.opened
    const before = this.engine.views.length
    client.socket.send(JSON.stringify({ token: TOKEN }))
    await expect.poll(() => this.engine.views.length).toBe(before + 1)
    return client
  }
}

interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** A request with exactly this path and these headers: fetch would tidy both. */
export function ask(server: StudioServer, path: string, { method = 'GET', headers = {}, body }: AskOptions = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      response.on('error', fail)
    })
    request.on('error', fail)
    request.end(body)
  })
}
