import { StudioError } from '../../../shared/errors.ts'
import { CAPTURE_CONFIG_KEYS, captureConfig, settingName, type CaptureConfig, type CaptureConfigKey } from './config.ts'
import { DECLARATION, GROUPS } from './config/declaration.ts'
import type { SettingKind } from './config/setting.ts'

export interface CaptureSetting {
  readonly key: CaptureConfigKey
  /** Title of the group that it belongs to, for people. */
  readonly group: string
  /** Environment variable that overrides the flag. */
  readonly variable: string
  /** Command-line flag. */
  readonly flag: string
  /** The flag that says no, where the setting is true or false. */
  readonly noFlag: string | undefined
  readonly kind: SettingKind
  readonly takesNone: boolean
  readonly defaultValue: CaptureConfig[CaptureConfigKey]
  /** What may be given, for people. */
  readonly allowed: string
  readonly meaning: string
}

/** Every setting with its flag and its environment variable. */
export const CAPTURE_SETTINGS: readonly CaptureSetting[] = CAPTURE_CONFIG_KEYS.map((key) => {
  const { kind, takesNone, defaultValue, allowed, meaning } = DECLARATION[key]
  const kebab = settingName(key).replaceAll('_', '-')
  const noFlag = kind === 'boolean' ? `--no-${kebab}` : undefined
  const variable = `PM_DATA_${settingName(key).toUpperCase()}`
  const group = GROUPS.find(({ settings }) => key in settings)?.title ?? ''
  return { key, group, variable, flag: `--${kebab}`, noFlag, kind, takesNone, defaultValue, allowed, meaning }
})

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
    if (text !== undefined) values[setting.key] = settingValue(setting, text)
  }
  return captureConfig(values)
}

/** The text that gives a setting this value. */
export function settingText(value: CaptureConfig[CaptureConfigKey]): string {
  if (value === null) return 'none'
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** The value that a text stands for; its range is not checked here. @throws StudioError CONFIG_INVALID when it is none of the setting's kind */
export function settingValue(setting: CaptureSetting, text: string): unknown {
  const trimmed = text.trim()
  if (setting.takesNone && /^(none|null)?$/i.test(trimmed)) return null
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
  throw new StudioError(
    'CONFIG_INVALID',
    `Setting ${settingName(setting.key)} is "${text}", but a number is expected (${setting.allowed}).`
  )
}
