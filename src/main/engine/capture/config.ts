import { z } from 'zod'
import { StudioError } from '../../../shared/errors.ts'
import { DECLARATION } from './config/declaration.ts'
import type { Setting, ValueOf } from './config/setting.ts'
import { checkWorld, worldAddresses } from './world/checkWorld.ts'
import { isOnThisMachine } from './world/thisMachine.ts'

export type CaptureConfigKey = keyof typeof DECLARATION

/** Settings of one capture run; plain data that can cross a thread. `wsShards: null` lets the number of instruments decide. */
export type CaptureConfig = { readonly [K in CaptureConfigKey]: ValueOf<(typeof DECLARATION)[K]> }

export const CAPTURE_CONFIG_KEYS = Object.keys(DECLARATION) as CaptureConfigKey[]

const schema = z.strictObject(
  Object.fromEntries(CAPTURE_CONFIG_KEYS.map((key) => [key, (DECLARATION[key] as Setting).schema.default(DECLARATION[key].defaultValue)]))
)

const partSchema = z.strictObject(
  Object.fromEntries(CAPTURE_CONFIG_KEYS.map((key) => [key, (DECLARATION[key] as Setting).schema.optional()]))
)

/**
 * Checks settings and fills in what was left out.
 * @param input known keys with values of the right type; `undefined` counts as left out
 * @throws StudioError CONFIG_INVALID; the sentence names the setting, its value and what is allowed
 */
export function captureConfig(input: Readonly<Record<string, unknown>>): CaptureConfig {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const result = schema.safeParse(given)
  if (!result.success) throw new StudioError('CONFIG_INVALID', result.error.issues.map((issue) => issueText(issue, given)).join(' '))
  const config = result.data as CaptureConfig
  checkFees(config)
  checkWorld(config)
  checkOffline(config)
  return config
}

/**
 * Checks settings each by itself; those that are left out stay so, and nothing is asked of them together.
 * @throws StudioError CONFIG_INVALID, in the words of `captureConfig`
 */
export function checkSettings(input: Readonly<Record<string, unknown>>): Partial<CaptureConfig> {
  const result = partSchema.safeParse(input)
  if (!result.success) throw new StudioError('CONFIG_INVALID', result.error.issues.map((issue) => issueText(issue, input)).join(' '))
  const values = result.data as Partial<CaptureConfig>
  checkFees(values)
  return values
}

/** The setting's name on disk: `wsShards` is `ws_shards`. */
export function settingName(key: string): string {
  return key.replace(/[A-Z]|(?<=[a-z])\d/g, (letter) => `_${letter.toLowerCase()}`)
}

/** All settings in the form that a manifest keeps. */
export function configOnDisk(config: CaptureConfig): Record<string, string | number | boolean | null | string[]> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [settingName(key), value]))
}

function checkFees({ feeRateEnable }: Partial<CaptureConfig>): void {
  if (feeRateEnable === true)
    throw new StudioError('CONFIG_INVALID', 'Setting fee_rate_enable is true, but this version does not ask for fee rates. Leave it false.')
}

function checkOffline(config: CaptureConfig): void {
  if (!config.offline) return
  const { gammaBaseUrl, clobBaseUrl, clobWsUrl, binanceRestUrl, binanceWsUrl, venue } = config
  const market = venue === 'binance' ? { binanceRestUrl, binanceWsUrl } : { gammaBaseUrl, clobBaseUrl, clobWsUrl }
  for (const [key, url] of Object.entries({ ...market, ...worldAddresses(config) })) {
    if (!isOnThisMachine(url))
      throw new StudioError(
        'CONFIG_INVALID',
        `Setting offline is true, but ${settingName(key)} is "${url}", which is not on this machine. Give an address such as ${url.startsWith('ws') ? 'ws' : 'http'}://127.0.0.1:8080, or leave offline out.`
      )
  }
}

function issueText(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string {
  if (issue.code === 'unrecognized_keys') return `There is no setting ${issue.keys.map(settingName).join(', ')}.`
  const key = String(issue.path[0])
  const found = JSON.stringify(
    issue.path.slice(1).reduce((value: unknown, part) => (value as Record<PropertyKey, unknown>)[part], given[key])
  )
  const { allowed, kind } = key in DECLARATION ? DECLARATION[key as CaptureConfigKey] : { allowed: '', kind: undefined }
  const isOfRange = issue.code === 'too_small' || issue.code === 'too_big' || (issue.code === 'invalid_type' && kind === 'number')
  const range = isOfRange ? ` (${allowed})` : ''
  return `Setting ${settingName(key)} is ${found}, but ${allowedText(issue, allowed)}${range}.`
}

function allowedText(issue: z.core.$ZodIssue, allowed: string): string {
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
      if (issue.format === 'url') return 'an address such as https://host or wss://host is expected'
      // A form that is told in words is told in words.
      return allowed.startsWith('`') ? `a value of the form ${issue.pattern ?? issue.format} is expected` : `${allowed} is expected`
    default:
      return issue.message
  }
}

function typeText(expected: string): string {
  if (expected === 'int') return 'a whole number'
  if (expected === 'number') return 'a number'
  return expected === 'array' ? 'a list' : `a ${expected}`
}
