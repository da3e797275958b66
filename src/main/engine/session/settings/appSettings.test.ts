import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { captureConfigFromText, CAPTURE_SETTINGS } from '../../capture/index.ts'
import { AppSettings } from './appSettings.ts'

let dataDir = ''
let notices: string[] = []
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-settings-'))
  notices = []
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const settings = (environment: Record<string, string> = {}): AppSettings =>
  new AppSettings({ dataDir, environment, onNotice: (text) => notices.push(text) })
const fact = (of: AppSettings, name: string) => of.facts().find((one) => one.name === name)
const file = (): string => join(dataDir, 'settings.json')

test('every setting of a capture is there, and starts as its default', () => {
  const facts = settings().facts()
  expect(facts).toHaveLength(CAPTURE_SETTINGS.length)
  expect(new Set(facts.map(({ group }) => group)).size).toBeGreaterThan(5)
  expect(facts.filter(({ origin }) => origin === 'chosen' || origin === 'environment')).toEqual([])
  expect(facts.every(({ group, meaning, allowed }) => group !== '' && meaning !== '' && allowed !== '')).toBe(true)
  expect(fact(settings(), 'ws_shards')).toMatchObject({ text: 'none', defaultText: 'none', takesNone: true, kind: 'number' })
  expect(fact(settings(), 'ws_reconnect_max')).toMatchObject({ text: 'none', defaultText: 'none' })
  expect(fact(settings(), 'venue')).toMatchObject({ origin: 'form', text: '' })
  expect(settings().startValues()).toEqual({ wsReconnectMax: null })
})

test('a change is kept in a file, used for the next start, and taken back by null or by the default itself', () => {
  settings().change({ ws_shards: '3', capture_fsync_interval_seconds: ' 0.25 ', binance_streams: 'trade depth' })
  const again = settings()
  expect(again.startValues()).toMatchObject({ wsShards: 3, captureFsyncIntervalSeconds: 0.25, binanceStreams: ['trade', 'depth'] })
  expect(fact(again, 'ws_shards')).toMatchObject({ text: '3', origin: 'chosen' })
  expect(fact(again, 'binance_streams')).toMatchObject({ text: 'trade, depth' })
  again.change({ ws_shards: null, capture_fsync_interval_seconds: '1' })
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ settings_version: 1, capture: { binance_streams: ['trade', 'depth'] } })
})

test.each([
  ['ws_shards', '65'],
  ['ws_shards', 'many'],
  ['capture_fsync_interval_seconds', '0'],
  ['gamma_base_url', 'ftp://x'],
  ['binance_streams', 'trade, kline'],
  ['capture_gc_disable', 'perhaps'],
  ['fee_rate_enable', 'true']
])('%s = %s is refused in the words of the command line, and nothing is kept', (name, text) => {
  const key = CAPTURE_SETTINGS.find(({ variable }) => variable === `PM_DATA_${name.toUpperCase()}`)?.key ?? ''
  let words = ''
  try {
    captureConfigFromText({ [key]: text }, {})
  } catch (error) {
    words = (error as Error).message
  }
  expect(words).toContain(name)
  expect(() => settings().change({ capture_ring_buffer_frames: '9', [name]: text })).toThrow(words)
  expect(existsSync(file())).toBe(false)
})

test('what a start decides itself, and what there is not, cannot be set', () => {
  expect(() => settings().change({ venue: 'binance' })).toThrow('Go LIVE form')
  expect(() => settings().change({ data_dir: '/tmp' })).toThrow('cannot be set here')
  expect(() => settings().change({ constructor: '1' })).toThrow('There is no setting constructor')
})

test('the environment wins, and a value there that is not allowed is named before and at the start', () => {
  settings().change({ ws_shards: '3' })
  const won = settings({ PM_DATA_WS_SHARDS: '5', PM_DATA_VENUE: 'binance' })
  expect(fact(won, 'ws_shards')).toMatchObject({ text: '5', origin: 'environment', variable: 'PM_DATA_WS_SHARDS' })
  expect(won.startValues()).toEqual({ wsReconnectMax: null, wsShards: 5 })
  expect(() => won.change({ ws_shards: '4' })).toThrow('PM_DATA_WS_SHARDS')
  const wrong = settings({ PM_DATA_WS_SHARDS: '500' })
  expect(fact(wrong, 'ws_shards')).toMatchObject({ text: '500', problem: expect.stringContaining('at most 64') as string })
  expect(() => wrong.startValues()).toThrow('Setting ws_shards is 500, but at most 64 is allowed (1 to 64, or none).')
})

test.each(['{"settings_version":1,"capt', '[]', '{"settings_version":2,"capture":{}}', 'null', '\0\0'])(
  'a damaged file (%j) gives one notice and the defaults, and is kept aside',
  (text) => {
    writeFileSync(file(), text)
    const read = settings()
    expect(read.startValues()).toEqual({ wsReconnectMax: null })
    read.facts()
    expect(notices).toEqual([expect.stringContaining('the defaults hold')])
    expect(readFileSync(`${file()}.old`, 'utf8')).toBe(text)
    read.change({ ws_shards: '2' })
    expect(settings().startValues()).toMatchObject({ wsShards: 2 })
  }
)

test('one bad entry of the file does not cost the others', () => {
  writeFileSync(file(), '{"settings_version":1,"capture":{"ws_shards":"3","capture_gc_disable":false,"unknown":1,"rest_timeout":900}}')
  const read = settings()
  expect(read.startValues()).toEqual({ wsReconnectMax: null, captureGcDisable: false })
  expect(notices).toEqual([expect.stringContaining('rest_timeout'), expect.stringContaining('ws_shards')])
})
