import type { SettingFacts } from '../../shared/api/index.ts'

const base = { group: 'Connections', kind: 'number', takesNone: false, allowed: '1 to 64', origin: 'default' } as const

let settings: readonly SettingFacts[] = [
  {
    ...base,
    name: 'ws_shards',
    meaning: 'Connections. none: as many as the instruments need.',
    variable: 'PM_DATA_WS_SHARDS',
    takesNone: true,
    defaultText: 'none',
    text: 'none'
  },
  {
    ...base,
    name: 'rest_timeout',
    meaning: 'Seconds until an HTTP request is given up.',
    variable: 'PM_DATA_REST_TIMEOUT',
    defaultText: '10',
    text: '20',
    origin: 'environment'
  },
  {
    ...base,
    name: 'offline',
    group: 'Run',
    kind: 'boolean',
    meaning: 'Refuses to start when an address of the venue is not on this machine.',
    variable: 'PM_DATA_OFFLINE',
    defaultText: 'false',
    text: 'false'
  }
]

export function fakeSettings(): readonly SettingFacts[] {
  return settings
}

export function changeFakeSettings(changes: Readonly<Record<string, string | null>>): readonly SettingFacts[] {
  settings = settings.map((setting) => {
    const text = changes[setting.name]
    if (text === undefined) return setting
    return text === null
      ? { ...setting, text: setting.defaultText, origin: 'default' as const }
      : { ...setting, text, origin: 'chosen' as const }
  })
  return settings
}
