import { StudioError } from '../../../shared/errors.ts'
import { CAPTURE_CONFIG_KEYS, captureConfig, settingName, type CaptureConfig, type CaptureConfigKey } from './config.ts'

type Kind = 'text' | 'number' | 'boolean' | 'list'

const LISTS: readonly CaptureConfigKey[] = ['symbols', 'tokenIds']
const BOOLEANS: readonly CaptureConfigKey[] = ['synthetic']
const TEXTS: readonly CaptureConfigKey[] = [
  'venue',
  'gammaBaseUrl',
  'clobBaseUrl',
  'clobWsUrl',
  'binanceRestUrl',
  'binanceWsUrl',
  'wsUserAgent',
  'dataDir',
  'runId',
  'sourceName'
]
const OPTIONAL: readonly CaptureConfigKey[] = [
  'wsShards',
  'wsReconnectMax',
  'captureMaxMarkets',
  'minFreeDiskGb',
  'runId',
  'durationSeconds',
  'sourceName'
]

export interface CaptureSetting {
  readonly key: CaptureConfigKey
  /** Environment variable that overrides the flag. */
  readonly variable: string
  /** Command-line flag. */
  readonly flag: string
  readonly kind: Kind
}

/** Every setting with its flag and its environment variable. */
export const CAPTURE_SETTINGS: readonly CaptureSetting[] = CAPTURE_CONFIG_KEYS.map((key) => ({
  key,
  variable: `PM_DATA_${settingName(key).toUpperCase()}`,
  flag: `--${settingName(key).replaceAll('_', '-')}`,
  kind: kindOf(key)
}))

/**
 * Settings from text: defaults, then the command line, then the environment, which wins.
 * @param flags text of the flags that were given, by key
 * @throws StudioError CONFIG_INVALID
 */
export function captureConfigFromText(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>>
): CaptureConfig {
  const values: Record<string, unknown> = {}
  for (const setting of CAPTURE_SETTINGS) {
    const text = environment[setting.variable] ?? flags[setting.key]
    if (text !== undefined) values[setting.key] = valueOf(setting, text)
  }
  return captureConfig(values)
}

function kindOf(key: CaptureConfigKey): Kind {
  if (LISTS.includes(key)) return 'list'
  if (BOOLEANS.includes(key)) return 'boolean'
  return TEXTS.includes(key) ? 'text' : 'number'
}

function valueOf(setting: CaptureSetting, text: string): unknown {
  const trimmed = text.trim()
  if (OPTIONAL.includes(setting.key) && /^(none|null)?$/i.test(trimmed)) return null
  switch (setting.kind) {
    case 'text':
      return trimmed
    case 'list':
      return trimmed.split(/[\s,]+/).filter((item) => item !== '')
    case 'boolean':
      return booleanOf(setting, trimmed)
    case 'number':
      return numberOf(setting, trimmed)
  }
}

function booleanOf(setting: CaptureSetting, text: string): boolean {
  if (/^(1|true|yes|y|on)$/i.test(text)) return true
  if (/^(0|false|no|n|off)$/i.test(text)) return false
  throw new StudioError('CONFIG_INVALID', `Setting ${settingName(setting.key)} is "${text}", but true or false is expected.`)
}

function numberOf(setting: CaptureSetting, text: string): number {
  const value = text === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return value
  throw new StudioError('CONFIG_INVALID', `Setting ${settingName(setting.key)} is "${text}", but a number is expected.`)
}
