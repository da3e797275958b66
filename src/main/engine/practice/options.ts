import { z } from 'zod'

import { StudioError } from '../../../shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { FastClock } from '../fastClock.ts'
import type { FaultPlan, InjectedFault } from './faults/fault.ts'
import { checkFaultPlan } from './faults/faultText.ts'
import { plainIssues } from './plainIssues.ts'
import { weatherSchema, type WeatherOptions } from './weather/weatherService.ts'

export type PracticeSource =
  | {
      readonly kind: 'generator'
      /** Any whole number; equal seeds invent equal markets and messages. */
      readonly seed: number
      /** 1 to 2000 Polymarket markets, or Binance symbols where `venue` is binance. With `both`, Binance has three symbols. */
      readonly markets: number
      /** Mean number of distinct messages a second, 0.1 to 100,000. */
      readonly messagesPerSecond: number
      /** Which protocols have data; polymarket unless told otherwise. */
      readonly venue?: 'polymarket' | 'binance' | 'both'
      /** So many of the Polymarket markets begin and end every `seconds`, 2 to 86,400, with an end that the list of markets tells. */
      readonly rounds?: { readonly seconds: number; readonly markets: number }
    }
  | {
      readonly kind: 'recorded'
      /** Binance or Polymarket recordings, told apart by their first line; files of one venue follow one another. */
      readonly files: readonly string[]
      /** 1 to 100 times the recorded pace. */
      readonly speed: number
      /** At the end: false stays connected and quiet; true closes every connection (code 1012) and starts again with the next subscriber. */
      readonly loop?: boolean
    }

export interface PracticeOptions {
  /** Loopback only; anything else is refused. */
  readonly host?: '127.0.0.1'
  /** 0 (the default) takes any free port. */
  readonly port?: number
  readonly source: PracticeSource
  /** Serves the three weather services too. */
  readonly weather?: WeatherOptions
  readonly faults?: FaultPlan
  readonly clock?: Clock
  /** The whole venue lives by this clock in place of the host's: its stamps, its pace, its weather. `pingMs` and `idleMs` too count in its time. */
  readonly fastClock?: FastClock
  /** Told of faults, connections and the end of a recording, as it happens. Every event is one plain object. */
  readonly onEvent?: (event: PracticeEvent) => void
  /** Period of the Binance server's WebSocket pings; 20,000 as the real venue. A client that misses three is cut. */
  readonly pingMs?: number
  /** A Polymarket client that says nothing (not even PING) for this long is cut; 30,000. */
  readonly idleMs?: number
}

/** What the practice venue tells; instants are nanoseconds since the Unix epoch as decimal text. */
export type PracticeEvent =
  | InjectedFault
  | {
      readonly event: 'connection_open' | 'subscribed'
      readonly at_wall_ns: string
      readonly venue: string
      readonly connection: number
      readonly subscriptions: number
    }
  | {
      readonly event: 'connection_closed'
      readonly at_wall_ns: string
      readonly venue: string
      readonly connection: number
      readonly subscriptions: number
      readonly sent_frames: number
      readonly code: number
      /** Why the venue ended it, where it did. */
      readonly reason?: string
    }
  | { readonly event: 'refused'; readonly at_wall_ns: string; readonly venue: string; readonly connection: number; readonly reason: string }
  | { readonly event: 'recording_end'; readonly at_wall_ns: string; readonly loop: boolean }
  | { readonly event: 'source_failed'; readonly at_wall_ns: string; readonly message: string }
  | { readonly event: 'slip'; readonly at_wall_ns: string; readonly slip_ms: number }

export type CheckedOptions = PracticeOptions & {
  readonly port: number
  readonly pingMs: number
  readonly idleMs: number
  readonly faults: FaultPlan
}

const schema = z.object({
  host: z.literal('127.0.0.1').optional(),
  port: z.int().min(0).max(65_535).default(0),
  source: z.discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('generator'),
        seed: z.int(),
        markets: z.int().min(1).max(2000),
        messagesPerSecond: z.number().min(0.1).max(100_000),
        venue: z.enum(['polymarket', 'binance', 'both']).optional(),
        rounds: z.strictObject({ seconds: z.int().min(2).max(86_400), markets: z.int().min(1).max(2000) }).optional()
      })
      .refine(({ rounds, venue }) => rounds === undefined || venue !== 'binance', 'rounds need Polymarket markets; the venue is binance')
      .refine(({ rounds, markets }) => (rounds?.markets ?? 0) <= markets, 'more markets in rounds than markets'),
    z.strictObject({
      kind: z.literal('recorded'),
      files: z.array(z.string().min(1)).min(1),
      speed: z.number().min(1).max(100),
      loop: z.boolean().optional()
    })
  ]),
  weather: weatherSchema.optional(),
  fastClock: z.strictObject({ speed: z.int().min(1).max(10_000), anchorWallMs: z.number(), startWallMs: z.number() }).optional(),
  pingMs: z.number().min(10).max(86_400_000).default(20_000),
  idleMs: z.number().min(10).max(86_400_000).default(30_000)
})

/** @throws StudioError CONFIG_INVALID naming every value that is out of range, and what it should be */
export function checkOptions(options: PracticeOptions): CheckedOptions {
  const result = schema.safeParse(options)
  if (!result.success)
    throw new StudioError('CONFIG_INVALID', `The practice venue cannot start with these settings: ${plainIssues(result.error, options)}`)
  const { port, pingMs, idleMs } = result.data
  return { ...options, port, pingMs, idleMs, faults: checkFaultPlan(options.faults ?? [], 'the fault plan') }
}
