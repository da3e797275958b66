import { z } from 'zod'

import type { PolymarketFace } from '../source.ts'
import type { Connection } from './connection.ts'
import type { Hub } from './hub.ts'

/** What the real venue answers to anything that it does not understand. */
const REFUSAL = 'INVALID OPERATION'
const MAX_TOKENS = 10_000

const tokens = z.array(z.string().max(100)).max(MAX_TOKENS)
const message = z
  .object({
    assets_ids: tokens.optional(),
    /** Another spelling that some clients send. */
    assetsIds: tokens.optional(),
    type: z
      .string()
      .regex(/^market$/i)
      .optional(),
    operation: z.enum(['subscribe', 'unsubscribe']).optional(),
    initial_dump: z.boolean().optional(),
    custom_feature_enabled: z.boolean().optional()
  })
  .refine((value) => value.assets_ids !== undefined || value.assetsIds !== undefined)

/** The market channel: subscribe in any of the known forms, dynamic operations, text PING, and the initial array of books. */
export class PolymarketSocket {
  readonly #hub: Hub
  readonly #face: PolymarketFace
  readonly #subscribed: (connection: Connection) => void
  readonly #refused: (connection: Connection, reason: string) => void

  constructor(
    hub: Hub,
    face: PolymarketFace,
    subscribed: (connection: Connection) => void,
    refused: (connection: Connection, reason: string) => void
  ) {
    this.#hub = hub
    this.#face = face
    this.#subscribed = subscribed
    this.#refused = refused
  }

  receive(connection: Connection, data: Buffer, isBinary: boolean): void {
    const text = data.toString()
    if (text === 'PING') return connection.send('PONG')
    const request = isBinary ? undefined : parsed(text)
    if (!request) return this.#refuse(connection, 'a text message like {"assets_ids":["<token id>"],"type":"market"} was expected')
    // The opening form may be sent once; later changes name their operation.
    if (request.operation === undefined && connection.greeted)
      return this.#refuse(connection, 'a second subscription needs "operation":"subscribe"')
    connection.greeted = true
    const ids = (request.assets_ids ?? request.assetsIds ?? []).filter((id) => this.#face.hasToken(id))
    if (request.operation === 'unsubscribe') {
      for (const id of ids) this.#hub.unsubscribe(connection, id)
      return
    }
    for (const id of ids) this.#hub.subscribe(connection, id)
    if (ids.length === 0) connection.send('[]')
    else if (request.initial_dump !== false) connection.send(this.#face.dump([...new Set(ids)]))
    this.#subscribed(connection)
  }

  #refuse(connection: Connection, reason: string): void {
    connection.send(REFUSAL)
    this.#refused(connection, reason)
  }
}

function parsed(text: string): z.output<typeof message> | undefined {
  try {
    const result = message.safeParse(JSON.parse(text))
    return result.success ? result.data : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
