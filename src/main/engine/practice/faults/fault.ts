import { z } from 'zod'

const ms = z.number().min(0).max(3_600_000)
const count = z.int().min(1).max(1_000_000)

/** Which connections a fault meets. With nothing named it meets every connection that has a subscription. */
const target = {
  /** Number of a connection, counted from 1 in the order of connecting, or `any`: the oldest one that fits. */
  connection: z.union([z.int().min(1), z.literal('any')]).optional(),
  /** A Polymarket token id, or a Binance symbol such as BTCUSDT: only connections subscribed to it. */
  token: z.string().min(1).max(100).optional(),
  venue: z.enum(['polymarket', 'binance']).optional()
}

/** One fault, as the control endpoint and a plan file take it. Unknown fields are refused, so that a typing error is seen. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop'), ...target }),
  z.strictObject({ kind: z.literal('silence'), ms, ...target }),
  z.strictObject({ kind: z.literal('gap'), count, ...target }),
  z.strictObject({ kind: z.literal('duplicate'), count: count.default(1), ...target }),
  z.strictObject({ kind: z.literal('malformed'), ...target }),
  z.strictObject({
    kind: z.literal('oversized'),
    bytes: z
      .int()
      .min(64)
      .max(256 * 1024 * 1024),
    ...target
  }),
  z.strictObject({ kind: z.literal('slowAccept'), ms, count: count.default(1) }),
  z.strictObject({
    kind: z.literal('http'),
    status: z.union([z.literal(429), z.literal(500)]),
    count: count.default(1),
    retryAfterS: z.int().min(0).max(3600).default(1)
  }),
  z.strictObject({
    kind: z.literal('relist'),
    remove: z.int().min(0).max(2000).default(0),
    add: z.int().min(0).max(2000).default(0)
  }),
  z.strictObject({ kind: z.literal('clockSkew'), ms: z.number().min(-86_400_000).max(86_400_000) }),
  z.strictObject({
    kind: z.literal('weather'),
    what: z.enum(['empty', 'late', 'html', 'huge', 'garbage', 'wrongStation', 'status']),
    api: z.enum(['metar', 'pws', 'forecast', 'any']).default('any'),
    ms: ms.default(30_000),
    status: z.union([z.literal(429), z.literal(500)]).default(500),
    retryAfterS: z.int().min(0).max(3600).default(1),
    count: count.default(1)
  })
])

/**
 * - `drop`: the socket is cut. `silence`: the connection stays open and nothing at all is sent for `ms`; what would have been sent is
 *   lost. With a token, only that token's messages are lost.
 * - `gap`: the venue's book moves on, but `count` book updates of one book are not sent. Where a book is hashed the gap lasts until
 *   the client's book must differ and a later update shows it.
 * - `duplicate`: the next `count` frames are sent twice. `malformed`: one broken JSON text. `oversized`: one frame of more than `bytes`.
 * - `slowAccept`: the next `count` upgrades wait `ms`. `http`: the next `count` REST requests fail with `status`.
 * - `relist`: the list of Polymarket's markets loses its oldest `remove` markets, and up to `add` that left before come back.
 * - `clockSkew`: from now on every stamp of the venue is `ms` off its true time (not added to an earlier skew).
 * - `weather`: the next `count` answers of a weather service are nothing, `ms` late, a web page, larger than anyone believes, cut in the
 *   middle, about another station, or refused with `status`.
 */
export type Fault = z.input<typeof faultSchema>
export type CheckedFault = z.output<typeof faultSchema>
export type WeatherFault = Extract<CheckedFault, { kind: 'weather' }>
/** Faults that meet connections. */
export type ConnectionFault = Extract<CheckedFault, { kind: 'drop' | 'silence' | 'gap' | 'duplicate' | 'malformed' | 'oversized' }>

/** A fault and when it strikes, in milliseconds after the venue started to listen. One with no connection to meet yet waits for it. */
export type PlannedFault = Fault & { readonly atMs: number }
export type FaultPlan = readonly PlannedFault[]

export const atMsSchema = z
  .number()
  .min(0)
  .max(7 * 86_400_000)

/** What one fault did to one connection or request, told when it took effect; a plain object, one NDJSON line. */
export interface InjectedFault {
  readonly event: 'fault'
  readonly kind: CheckedFault['kind']
  /** Same number on every effect of one fault. */
  readonly fault_id: number
  /** Nanoseconds since the Unix epoch, decimal text. */
  readonly at_wall_ns: string
  readonly venue?: string
  readonly connection?: number
  /** Size of the connection's subscription list. */
  readonly subscriptions?: number
  readonly token?: string
  readonly [detail: string]: unknown
}
