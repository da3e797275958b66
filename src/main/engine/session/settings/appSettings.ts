import { join } from 'node:path'
import type { SettingFacts } from '../../../../shared/api/index.ts'
import { StudioError, toFailure } from '../../../../shared/errors.ts'
import {
  CAPTURE_SETTINGS,
  checkSettings,
  settingName,
  settingText,
  settingValue,
  type CaptureConfig,
  type CaptureConfigKey,
  type CaptureSetting
} from '../../capture/index.ts'
import { readSettingsFile, writeSettingsFile, type ChosenSettings } from './settingsFile.ts'

/** Where the app differs from the command line: a run goes on however often a connection is lost. */
export const APP_DEFAULTS: Partial<CaptureConfig> = { wsReconnectMax: null }

const IN_THE_FORM = 'Chosen in the Go LIVE form.'
/** Settings that each start of LIVE decides itself. */
const DECIDED: Partial<Record<CaptureConfigKey, string>> = {
  venue: IN_THE_FORM,
  symbols: IN_THE_FORM,
  captureMaxMarkets: IN_THE_FORM,
  synthetic: 'True for a practice venue that invents its data.',
  sourceName: 'Named after the source.',
  dataDir: 'The data folder that Tapedeck was started with.',
  runId: 'Every run of the app gets a name of its own.'
}

/** Settings that a practice venue brings along. */
export const PRACTICE_DECIDES = [
  'gammaBaseUrl',
  'clobBaseUrl',
  'clobWsUrl',
  'binanceRestUrl',
  'binanceWsUrl',
  'worldMetarBaseUrl',
  'worldPwsBaseUrl',
  'worldForecastBaseUrl',
  'tokenIds'
] as const satisfies readonly CaptureConfigKey[]

const NOTES: Partial<Record<CaptureConfigKey, string>> = {
  ...Object.fromEntries(PRACTICE_DECIDES.map((key) => [key, 'Not used with a practice venue.'])),
  minFreeDiskGb: 'With a practice venue the default is 1.'
}

type InForce = Pick<SettingFacts, 'text' | 'origin'> & { readonly problem?: string }

export interface AppSettingsOptions {
  readonly dataDir: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Something is wrong with the file; each sentence is told once. */
  readonly onNotice: (text: string) => void
}

/** What the user chose of the settings of a capture, in `settings.json` of the data folder. The environment wins over it. */
export class AppSettings {
  readonly #options: AppSettingsOptions
  readonly #file: string
  readonly #told = new Set<string>()

  constructor(options: AppSettingsOptions) {
    this.#options = options
    this.#file = join(options.dataDir, 'settings.json')
  }

  /** Every setting as the screen shows it, in the order of its declaration. */
  facts(): readonly SettingFacts[] {
    const chosen = this.#chosen()
    return CAPTURE_SETTINGS.map((setting) => this.#factsOf(setting, chosen))
  }

  /**
   * Takes changes over, all or none.
   * @param changes text by the settings' names; null goes back to the default
   * @throws StudioError CONFIG_INVALID in the words of the command line, FILE_FAILED, DISK_FULL
   */
  change(changes: Readonly<Record<string, string | null>>): readonly SettingFacts[] {
    const next: Partial<Record<CaptureConfigKey, unknown>> = { ...this.#chosen() }
    for (const [name, text] of Object.entries(changes)) {
      const setting = this.#settable(name)
      const value = text === null ? undefined : checkSettings({ [setting.key]: settingValue(setting, text) })[setting.key]
      if (value === undefined || settingText(value) === settingText(defaultOf(setting))) delete next[setting.key]
      else next[setting.key] = value
    }
    writeSettingsFile(this.#file, Object.fromEntries(Object.entries(next).map(([key, value]) => [settingName(key), value])))
    return this.facts()
  }

  /** What a start of LIVE takes over the defaults. @throws StudioError CONFIG_INVALID for a variable whose value is not allowed */
  startValues(): Partial<CaptureConfig> {
    const chosen = this.#chosen()
    const values = CAPTURE_SETTINGS.filter(({ key }) => DECIDED[key] === undefined).flatMap((setting) => {
      const value = this.#fromEnvironment(setting) ?? { value: chosen[setting.key] }
      return value.value === undefined ? [] : [[setting.key, value.value] as const]
    })
    return { ...APP_DEFAULTS, ...(Object.fromEntries(values) as Partial<CaptureConfig>) }
  }

  #settable(name: string): CaptureSetting {
    const setting = CAPTURE_SETTINGS.find(({ key }) => settingName(key) === name)
    if (setting === undefined) throw new StudioError('CONFIG_INVALID', `There is no setting ${name}.`)
    const decided = DECIDED[setting.key]
    if (decided !== undefined) throw new StudioError('CONFIG_INVALID', `Setting ${name} cannot be set here. ${decided}`)
    if (this.#options.environment[setting.variable] !== undefined)
      throw new StudioError('CONFIG_INVALID', `Setting ${name} is set by the environment variable ${setting.variable}, which wins.`)
    return setting
  }

  #factsOf(setting: CaptureSetting, chosen: Partial<CaptureConfig>): SettingFacts {
    const { key, group, kind, takesNone, allowed, meaning, variable } = setting
    const note = DECIDED[key] ?? NOTES[key]
    return {
      name: settingName(key),
      group,
      kind,
      takesNone,
      allowed: allowed.replaceAll('`', ''),
      meaning: meaning.replaceAll('`', ''),
      variable,
      defaultText: settingText(defaultOf(setting)),
      ...this.#inForce(setting, chosen),
      ...(note !== undefined && { note })
    }
  }

  #inForce(setting: CaptureSetting, chosen: Partial<CaptureConfig>): InForce {
    if (DECIDED[setting.key] !== undefined) return { text: '', origin: 'form' }
    const variable = this.#options.environment[setting.variable]
    try {
      const environment = this.#fromEnvironment(setting)
      if (environment !== undefined) return { text: settingText(environment.value), origin: 'environment' }
    } catch (error) {
      return { text: variable ?? '', origin: 'environment', problem: toFailure(error).message }
    }
    const value = chosen[setting.key]
    return value === undefined
      ? { text: settingText(defaultOf(setting)), origin: 'default' }
      : { text: settingText(value), origin: 'chosen' }
  }

  #fromEnvironment(setting: CaptureSetting): { value: CaptureConfig[CaptureConfigKey] } | undefined {
    const text = this.#options.environment[setting.variable]
    if (text === undefined) return undefined
    const value = checkSettings({ [setting.key]: settingValue(setting, text) })[setting.key]
    return value === undefined ? undefined : { value }
  }

  /** Read anew each time: another window or process may have written. One bad entry does not cost the others. */
  #chosen(): Partial<CaptureConfig> {
    const { chosen, fault } = readSettingsFile(this.#file)
    if (fault !== undefined) this.#tell(fault)
    const entries = CAPTURE_SETTINGS.flatMap((setting) => this.#chosenOf(setting, chosen))
    return Object.fromEntries(entries)
  }

  #chosenOf({ key }: CaptureSetting, chosen: ChosenSettings): readonly (readonly [string, unknown])[] {
    const value = chosen[settingName(key)]
    if (value === undefined || DECIDED[key] !== undefined) return []
    try {
      return [[key, checkSettings({ [key]: value })[key]]]
    } catch (error) {
      this.#tell(`${toFailure(error).message} It stands so in the settings file; the default holds.`)
      return []
    }
  }

  #tell(text: string): void {
    if (this.#told.has(text)) return
    this.#told.add(text)
    this.#options.onNotice(text)
  }
}

function defaultOf({ key, defaultValue }: CaptureSetting): CaptureConfig[CaptureConfigKey] {
  const own = APP_DEFAULTS[key]
  return own === undefined ? defaultValue : own
}
