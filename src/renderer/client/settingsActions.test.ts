import { beforeEach, expect, test } from 'vitest'
import type { CommandName, CommandReply, SettingFacts, StudioCommand } from '../../shared/api/index.ts'
import { showSettings, showSettingsPage, useSettings } from '../stores/settingsStore.ts'
import { SettingsActions } from './settingsActions.ts'
import type { StudioClient } from './studioClient.ts'

const fact = (name: string, text: string, origin: SettingFacts['origin']): SettingFacts => ({
  name,
  group: 'Connections',
  kind: 'number',
  takesNone: false,
  allowed: '1 to 64',
  meaning: 'Connections.',
  variable: `PM_DATA_${name.toUpperCase()}`,
  defaultText: '8',
  text,
  origin
})

let sent: StudioCommand[] = []
let answer: (command: StudioCommand) => CommandReply<CommandName>
let actions: SettingsActions

beforeEach(() => {
  sent = []
  const call = (command: StudioCommand): Promise<CommandReply<CommandName>> => {
    sent.push(command)
    return Promise.resolve(answer(command))
  }
  actions = new SettingsActions({ call } as unknown as StudioClient)
  showSettingsPage(true)
  showSettings([fact('ws_shards', '3', 'chosen'), fact('rest_timeout', '20', 'environment'), fact('gamma_limit', '8', 'default')])
})

const done = (settings: readonly SettingFacts[]): CommandReply<CommandName> => ({ ok: true, value: settings })
const refusal: CommandReply<CommandName> = { ok: false, failure: { code: 'CONFIG_INVALID', message: 'It must be 1 to 64.' } }

test('a refused value is said beside its setting until another one is taken', async () => {
  answer = () => refusal
  expect(await actions.set('ws_shards', '65')).toBe(false)
  expect(useSettings.getState().refused).toEqual({ ws_shards: 'It must be 1 to 64.' })
  expect(useSettings.getState().settings[0]?.text).toBe('3')
  answer = () => done([fact('ws_shards', '4', 'chosen')])
  expect(await actions.set('ws_shards', '4')).toBe(true)
  expect(useSettings.getState()).toMatchObject({ refused: {}, settings: [{ text: '4' }] })
  expect(sent).toEqual([
    { cmd: 'settings_set', changes: { ws_shards: '65' } },
    { cmd: 'settings_set', changes: { ws_shards: '4' } }
  ])
})

test('a reset of all takes back what was chosen here, and nothing else, and can be undone', async () => {
  answer = () => done([fact('ws_shards', '8', 'default')])
  await actions.resetAll()
  expect(sent.at(-1)).toEqual({ cmd: 'settings_set', changes: { ws_shards: null } })
  expect(useSettings.getState().undo).toEqual({ ws_shards: '3' })
  await actions.undoReset()
  expect(sent.at(-1)).toEqual({ cmd: 'settings_set', changes: { ws_shards: '3' } })
  expect(useSettings.getState().undo).toBeUndefined()
})

test('a key is sent once and never kept by the page; only where it is now', async () => {
  answer = () => ({ ok: true, value: [{ name: 'pws', variable: 'TAPEDECK_PWS_KEY', origin: 'keychain' }] })
  expect(await actions.setSecret('pws', 'a-key-of-mine')).toBeUndefined()
  expect(sent).toEqual([{ cmd: 'secret_set', name: 'pws', value: 'a-key-of-mine' }])
  expect(useSettings.getState().secrets[0]?.origin).toBe('keychain')
  expect(JSON.stringify(useSettings.getState())).not.toContain('a-key-of-mine')
  answer = () => refusal
  expect(await actions.clearSecret('pws')).toBe('It must be 1 to 64.')
})
