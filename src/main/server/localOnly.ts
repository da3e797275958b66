import type { IncomingMessage } from 'node:http'

/**
 * Tells requests of our own page from those of other sites in the same browser. Loopback alone does not: any site may connect to it,
 * and by DNS rebinding a foreign name may point to it.
 */
export class LocalOnly {
  readonly #host: string

  /** @param authority host and port that the server listens on, for example `127.0.0.1:4100` */
  constructor(authority: string) {
    this.#host = authority
  }

  get origin(): string {
    return `http://${this.#host}`
  }

  /** The request was addressed to the server's literal address. */
  hostOk(request: IncomingMessage): boolean {
    return request.headers.host === this.#host
  }

  /** The request was made by a page that this server served. */
  originOk(request: IncomingMessage): boolean {
    return request.headers.origin === this.origin
  }
}
