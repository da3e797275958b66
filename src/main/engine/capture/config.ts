import { z } from 'zod'
import { StudioError } from '../../../shared/errors.ts'

const url = (protocols: RegExp): z.ZodURL => z.url({ protocol: protocols })
const seconds = (min: number, max: number): z.ZodNumber => z.number().min(min).max(max)
const whole = (min: number, max: number): z.ZodInt => z.int().min(min).max(max)

const symbol = z
  .string()
  .regex(/^\S{1,40}$/u)
  .transform((text) => text.toUpperCase())
const tokenId = z.string().regex(/^[0-9A-Za-z_-]{1,100}$/)

/** Keys are the capture system's own setting names in camel case; on disk, in flags and in the environment they keep their own form. */
const schema = z.strictObject({
  venue: z.enum(['polymarket', 'binance']).default('polymarket'),
  gammaBaseUrl: url(/^https?$/).default('https://gamma-api.polymarket.com'),
  clobBaseUrl: url(/^https?$/).default('https://clob.polymarket.com'),
  clobWsUrl: url(/^wss?$/).default('wss://ws-subscriptions-clob.polymarket.com/ws/market'),
  binanceRestUrl: url(/^https?$/).default('https://api.binance.com'),
  binanceWsUrl: url(/^wss?$/).default('wss://stream.binance.com:9443'),
  symbols: z.array(symbol).max(300).default(['BTCUSDT']),
  tokenIds: z.array(tokenId).max(20_000).default([]),
  gammaLimit: whole(1, 500).default(100),
  restTimeout: seconds(0.1, 120).default(10),
  wsShards: whole(1, 64).nullable().default(null),
  wsSubscribeMaxTokens: whole(1, 10_000).default(200),
  wsSubscribeMaxBytes: whole(256, 1_048_576).default(32_768),
  wsReconnectMax: whole(0, 1_000_000).nullable().default(10),
  wsReconnectBackoffSeconds: seconds(0.01, 600).default(1),
  wsPingIntervalSeconds: seconds(0.05, 600).default(10),
  wsPingTimeoutSeconds: seconds(0.05, 600).default(10),
  wsDataIdleReconnectSeconds: seconds(0.1, 86_400).default(120),
  wsUserAgent: z.string().min(1).max(200).default('tapedeck'),
  captureMaxMarkets: whole(1, 20_000).nullable().default(2000),
  captureConfirmTimeoutSeconds: seconds(0.1, 3600).default(45),
  captureConfirmMinEvents: whole(0, 1_000_000).default(1),
  captureConfirmMaxFailures: whole(0, 1000).default(3),
  captureHeartbeatIntervalSeconds: seconds(0.05, 60).default(1),
  captureFsyncIntervalSeconds: seconds(0.01, 1).default(1),
  captureMetricsMaxSamples: whole(16, 1_000_000).default(1024),
  captureDiskUsageIntervalSeconds: seconds(0.1, 3600).default(10),
  minFreeDiskGb: z.number().min(0).max(1_000_000).nullable().default(5),
  dataDir: z.string().min(1).default('./data'),
  runId: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
    .nullable()
    .default(null),
  durationSeconds: seconds(0.05, 31_536_000).nullable().default(null),
  synthetic: z.boolean().default(false),
  sourceName: z.string().min(1).max(200).nullable().default(null)
})

/** Settings of one capture run; plain data that can cross a thread. `wsShards: null` lets the number of instruments decide. */
export type CaptureConfig = z.output<typeof schema>
export type CaptureConfigKey = keyof CaptureConfig

export const CAPTURE_CONFIG_KEYS = Object.keys(schema.shape) as CaptureConfigKey[]

/**
 * Checks settings and fills in what was left out.
 * @param input known keys with values of the right type; `undefined` counts as left out
 * @throws StudioError CONFIG_INVALID; the sentence names the setting, its value and what is allowed
 */
export function captureConfig(input: Readonly<Record<string, unknown>>): CaptureConfig {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw new StudioError('CONFIG_INVALID', result.error.issues.map((issue) => issueText(issue, given)).join(' '))
}

/** The setting's name on disk: `wsShards` is `ws_shards`. */
export function settingName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** All settings in the form that a manifest keeps. */
export function configOnDisk(config: CaptureConfig): Record<string, string | number | boolean | null | string[]> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [settingName(key), value]))
}

function issueText(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  if (issue.code === 'unrecognized_keys') return `There is no setting ${issue.keys.map(settingName).join(', ')}.`
  const key = String(issue.path[0])
  const found = JSON.stringify(
    issue.path.slice(1).reduce((value: unknown, part) => (value as Record<PropertyKey, unknown>)[part], given[key])
  )
  return `Setting ${settingName(key)} is ${found}, but ${allowedText(issue)}.`
}

function allowedText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' ? 'it must not be empty' : `at least ${issue.minimum} is allowed`
    case 'too_big':
      return issue.origin === 'string' ? `at most ${issue.maximum} characters are allowed` : `at most ${issue.maximum} is allowed`
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')} is allowed`
    case 'invalid_type':
      return `${typeText(issue.expected)} is expected`
    case 'invalid_format':
      return issue.format === 'url'
        ? 'an address such as https://host or wss://host is expected'
        : `a value of the form ${issue.pattern ?? issue.format} is expected`
    default:
      return issue.message
  }
}

function typeText(expected: string): string {
  if (expected === 'int') return 'a whole number'
  if (expected === 'number') return 'a number'
  return expected === 'array' ? 'a list' : `a ${expected}`
}
