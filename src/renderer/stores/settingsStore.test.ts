import { describe, expect, test } from 'vitest'
import type { SettingFacts } from '../../shared/api/index.ts'
import { settingLabel } from './settingLabel.ts'
import { matchingSettings } from './settingsStore.ts'

const setting = (name: string, meaning: string, origin: SettingFacts['origin'] = 'default'): SettingFacts => ({
  name,
  group: 'Recording',
  kind: 'number',
  takesNone: false,
  allowed: '1 to 64',
  meaning,
  variable: `PM_DATA_${name.toUpperCase()}`,
  defaultText: '8',
  text: '8',
  origin
})

describe('a setting has a name in words, and its unit apart', () => {
  test.each([
    ['capture_fsync_interval_seconds', 'Fsync interval', 's'],
    ['ws_shards', 'WebSocket shards', ''],
    ['ws_subscribe_max_bytes', 'WebSocket subscribe max', 'bytes'],
    ['capture_expected_churn_window_seconds_5m', 'Expected churn window 5m', 's'],
    ['min_free_disk_gb', 'Min free disk', 'GB'],
    ['clob_ws_url', 'CLOB WebSocket address', '']
  ])('%s', (name, label, unit) => expect(settingLabel(name)).toEqual({ label, unit }))
})

test('a search finds every word, in the name, the help or the variable', () => {
  const all = [setting('ws_shards', 'Connections.', 'chosen'), setting('rest_timeout', 'Seconds until a request is given up.')]
  const found = (search: string, changedOnly = false): string[] => matchingSettings(all, search, changedOnly).map(({ name }) => name)
  expect(found('')).toEqual(['ws_shards', 'rest_timeout'])
  expect(found('given REQUEST')).toEqual(['rest_timeout'])
  expect(found('websocket')).toEqual(['ws_shards'])
  expect(found('PM_DATA_WS')).toEqual(['ws_shards'])
  expect(found('connections timeout')).toEqual([])
  expect(found('', true)).toEqual(['ws_shards'])
})
