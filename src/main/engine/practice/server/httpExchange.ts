import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** An answer that a route decided on. `body` is the text as sent. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** How long it is held back. */
  readonly delayMs?: number
}

export function jsonAnswer(status: number, value: unknown, headers?: Readonly<Record<string, string>>): HttpAnswer {
  return { status, body: JSON.stringify(value), ...(headers && { headers }) }
}

export function textAnswer(body: string): HttpAnswer {
  return { status: 200, body }
}

/** The same answer, or that the asker has it already. */
export function unlessKnown(request: IncomingMessage, answer: HttpAnswer): HttpAnswer {
  const { etag } = answer.headers ?? {}
  if (etag === undefined || request.headers['if-none-match'] !== etag) return answer
  return { ...answer, status: 304, body: '' }
}

export async function send(response: ServerResponse, answer: HttpAnswer): Promise<void> {
  if (answer.delayMs !== undefined) await sleep(answer.delayMs, undefined, { ref: false })
  const body = Buffer.from(answer.body)
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length, ...answer.headers })
  response.end(body)
}

/** @returns the body as text, or `too large`, in which case the rest is not read and the connection should close */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<{ text: string } | 'too large'> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return 'too large'
    chunks.push(chunk)
  }
  return { text: Buffer.concat(chunks).toString() }
}
