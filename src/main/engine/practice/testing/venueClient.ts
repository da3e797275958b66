import { WebSocket } from 'ws'

/** A test's end of one WebSocket: keeps every text it received, in order, and waits for more within a bound. */
export class VenueClient {
  readonly frames: string[] = []
  readonly ws: WebSocket
  pings = 0
  closedWith: number | undefined
  #changed: () => void = () => undefined

  private constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data, isBinary) => {
      this.frames.push(isBinary ? '<binary>' : (data as Buffer).toString())
      this.#changed()
    })
    ws.on('ping', () => {
      this.pings++
      this.#changed()
    })
    ws.on('close', (code) => {
      this.closedWith = code
      this.#changed()
    })
    ws.on('error', () => undefined)
  }

  /** @throws when the upgrade is refused, with the status in the message */
  static async connect(url: string, options: { autoPong?: boolean; headers?: Record<string, string> } = {}): Promise<VenueClient> {
    const ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: 512 * 1024 * 1024, ...options })
    const client = new VenueClient(ws)
    await new Promise<void>((resolve, reject) => {
      ws.once('open', () => resolve())
      ws.once('error', reject)
    })
    return client
  }

  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Waits until the condition holds, at most 15 s. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = setTimeout(() => this.#changed(), 15_000)
    const start = performance.now()
    while (!condition()) {
      if (performance.now() - start >= 14_990)
        throw new Error(`waited in vain for ${what}; ${this.frames.length} frames so far, last: ${this.frames.at(-1)?.slice(0, 200)}`)
      await new Promise<void>((resolve) => (this.#changed = resolve))
    }
    clearTimeout(deadline)
  }

  /** @returns the first frame at or after `from` that fits, waiting for it */
  async frame(fits: (text: string) => boolean, what: string, from = 0): Promise<string> {
    await this.until(() => this.frames.slice(from).some(fits), what)
    return this.frames.slice(from).find(fits)!
  }

  close(): void {
    this.ws.terminate()
  }
}

/** Waits until the condition holds, at most 15 s, looking every few milliseconds. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`waited in vain for ${what}`)
}
