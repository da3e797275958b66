import { z } from 'zod'

import type { Connection } from './connection.ts'
import type { Hub } from './hub.ts'

const MAX_STREAMS = 1024
const id = z.union([z.int(), z.string().max(36), z.null()])
const request = z.discriminatedUnion('method', [
  z.object({ method: z.literal('SUBSCRIBE'), params: z.array(z.string().min(1).max(100)).min(1), id }),
  z.object({ method: z.literal('UNSUBSCRIBE'), params: z.array(z.string().min(1).max(100)).min(1), id }),
  z.object({ method: z.literal('LIST_SUBSCRIPTIONS'), id }),
  z.object({ method: z.literal('SET_PROPERTY'), params: z.tuple([z.literal('combined'), z.boolean()]), id }),
  z.object({ method: z.literal('GET_PROPERTY'), params: z.tuple([z.literal('combined')]), id })
])
type Request = z.output<typeof request>

/** The spot streams: subscribed by the address or by messages, combined or raw. */
export class BinanceSocket {
  readonly #hub: Hub
  readonly #subscribed: (connection: Connection) => void
  readonly #refused: (connection: Connection, reason: string) => void

  constructor(hub: Hub, subscribed: (connection: Connection) => void, refused: (connection: Connection, reason: string) => void) {
    this.#hub = hub
    this.#subscribed = subscribed
    this.#refused = refused
  }

  /** Subscribes a new connection to the streams of its address. @param streams any number, also none */
  open(connection: Connection, streams: readonly string[]): void {
    for (const stream of streams.slice(0, MAX_STREAMS)) this.#hub.subscribe(connection, stream)
    if (streams.length > 0) this.#subscribed(connection)
  }

  receive(connection: Connection, data: Buffer, isBinary: boolean): void {
    const text = data.toString()
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch (error) {
      return this.#refuse(connection, 3, `Invalid JSON: ${error instanceof Error ? error.message : 'not readable'}`, null)
    }
    const result = isBinary ? undefined : request.safeParse(json)
    if (!result?.success) {
      const given = id.safeParse((json as { id?: unknown } | null)?.id)
      return this.#refuse(
        connection,
        2,
        `Invalid request: ${result ? z.prettifyError(result.error).replace(/\s*\n\s*/g, ' ') : 'a text message was expected'}`,
        given.data ?? null
      )
    }
    this.#answer(connection, result.data)
  }

  #answer(connection: Connection, message: Request): void {
    const reply = (value: unknown): void => connection.send(JSON.stringify({ result: value, id: message.id }))
    switch (message.method) {
      case 'SUBSCRIBE':
        if (connection.subscriptions.size + message.params.length > MAX_STREAMS) {
          return this.#refuse(connection, 2, `Invalid request: at most ${MAX_STREAMS} streams a connection`, message.id)
        }
        for (const stream of message.params) this.#hub.subscribe(connection, stream)
        reply(null)
        return this.#subscribed(connection)
      case 'UNSUBSCRIBE':
        for (const stream of message.params) this.#hub.unsubscribe(connection, stream)
        return reply(null)
      case 'LIST_SUBSCRIPTIONS':
        return reply([...connection.subscriptions])
      case 'SET_PROPERTY':
        connection.combined = message.params[1]
        return reply(null)
      case 'GET_PROPERTY':
        return reply(connection.combined)
    }
  }

  #refuse(connection: Connection, code: number, reason: string, requestId: Request['id']): void {
    connection.send(JSON.stringify({ error: { code, msg: reason }, id: requestId }))
    this.#refused(connection, reason)
  }
}
