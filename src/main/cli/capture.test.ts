import { Command } from 'commander'
import { expect, test, vi } from 'vitest'
import { CAPTURE_SETTINGS, captureConfig, settingName } from '../engine/capture/index.ts'
import { captureConfigOf, captureOptions, tellNotice, type CaptureFlags } from './capture.ts'

function configOf(args: string[], environment: Record<string, string> = {}): ReturnType<typeof captureConfigOf> {
  const command = captureOptions(new Command('capture')).exitOverride()
  command.parse(args, { from: 'user' })
  return captureConfigOf(command.opts<CaptureFlags>(), environment)
}

test('flags are kebab-case settings, and what is left out has the documented default', () => {
  const config = configOf(['--ws-shards', '4', '--duration-seconds', '60', '--data-dir', '/x'])
  expect(config).toMatchObject({ wsShards: 4, durationSeconds: 60, dataDir: '/x', venue: 'polymarket', wsReconnectMax: 10 })
  expect(config).toMatchObject({ wsPingIntervalSeconds: 10, wsDataIdleReconnectSeconds: 120, captureConfirmTimeoutSeconds: 45 })
  expect(config).toMatchObject({ captureMaxMarkets: 2000, minFreeDiskGb: 5, wsSubscribeMaxTokens: 200, wsSubscribeMaxBytes: 32_768 })
})

test('the environment wins over flags; none clears an optional setting', () => {
  const environment = { PM_DATA_WS_SHARDS: '3', PM_DATA_CAPTURE_MAX_MARKETS: 'none', PM_DATA_SYNTHETIC: 'yes' }
  expect(configOf(['--ws-shards', '4', '--no-synthetic'], environment)).toMatchObject({
    wsShards: 3,
    captureMaxMarkets: null,
    synthetic: true
  })
})

test('a practice address sets every address and marks the run as synthetic', () => {
  const config = configOf(['--practice', 'http://127.0.0.1:8080/', '--venue', 'binance', '--symbols', 'btcusdt, ethusdt'])
  expect(config).toMatchObject({
    clobWsUrl: 'ws://127.0.0.1:8080/ws/market',
    gammaBaseUrl: 'http://127.0.0.1:8080',
    binanceWsUrl: 'ws://127.0.0.1:8080'
  })
  expect(config).toMatchObject({ synthetic: true, symbols: ['BTCUSDT', 'ETHUSDT'], venue: 'binance' })
  expect(() => configOf(['--practice', 'venue'])).toThrow(/--practice is "venue"/)
})

test.each([
  [['--ws-shards', '0'], 'Setting ws_shards is 0, but at least 1 is allowed (1 to 64, or none).'],
  [['--ws-shards', '65'], 'Setting ws_shards is 65, but at most 64 is allowed (1 to 64, or none).'],
  [['--ws-shards', '2.5'], 'Setting ws_shards is 2.5, but a whole number is expected (1 to 64, or none).'],
  [['--ws-shards', 'many'], 'Setting ws_shards is "many", but a number is expected (1 to 64, or none).'],
  [['--venue', 'kraken'], 'Setting venue is "kraken", but one of polymarket, binance is allowed.'],
  [['--capture-fsync-interval-seconds', '5'], 'Setting capture_fsync_interval_seconds is 5, but at most 1 is allowed (0.01 to 1).'],
  [['--clob-ws-url', 'http://x'], 'Setting clob_ws_url is "http://x", but an address such as https://host or wss://host is expected.'],
  [['--run-id', '../x'], 'Setting run_id is "../x", but a value of the form']
])('%s is refused with a sentence', (args, sentence) => {
  expect(() => configOf(args)).toThrow(sentence)
})

/** A value that is allowed and is not the default, as text, and what the setting becomes. */
function other(setting: (typeof CAPTURE_SETTINGS)[number]): { text: string; value: unknown } {
  const { key, kind, defaultValue, allowed } = setting
  if (kind === 'boolean') return { text: String(!defaultValue), value: !defaultValue }
  if (kind === 'number') {
    const [low = '', high = low] = [...allowed.matchAll(/\d[\d.,]*\d|\d/g)].map(([found]) => found.replaceAll(',', ''))
    const value = Number(defaultValue) === Number(high) ? Number(low) : Number(high)
    return { text: String(value), value }
  }
  const special: Record<string, string> = {
    venue: 'binance',
    binanceStreams: 'trade',
    runId: 'other',
    journalKeep: 'all',
    worldStations: 'KLGA',
    worldPwsStations: 'KLGA:77',
    worldStationTimeZones: 'KXYZ=America/Denver'
  }
  const text = special[key] ?? /^an address such as (\S+?)(, or none)?$/.exec(allowed)?.[1] ?? '77'
  return { text, value: kind === 'list' ? [text] : text }
}

test.each(CAPTURE_SETTINGS.map((setting) => [settingName(setting.key), setting] as const))(
  '%s is set by its flag, by its variable, and by the variable where both are given',
  (_name, setting) => {
    if (setting.key === 'feeRateEnable') {
      expect(() => configOf([setting.flag])).toThrow('fee_rate_enable is true')
      return
    }
    const { text, value } = other(setting)
    const args = setting.kind !== 'boolean' ? [setting.flag, text] : [value === true ? setting.flag : (setting.noFlag ?? '')]
    const needed: Record<string, string[]> = {
      offline: ['--practice', 'http://127.0.0.1:1'],
      worldPwsStations: ['--world-stations', 'KLGA'],
      worldStationTimeZones: ['--world-stations', 'KXYZ:40:-73']
    }
    const local = needed[setting.key] ?? []
    expect(configOf([...local, ...args])[setting.key]).toEqual(value)
    expect(configOf(local, { [setting.variable]: text })[setting.key]).toEqual(value)
    if (setting.key === 'dataDir') return
    const before = captureConfig({})[setting.key]
    const beforeText = Array.isArray(before) ? before.join(' ') : before === null ? 'none' : before
    expect(configOf([...local, ...args], { [setting.variable]: String(beforeText) })[setting.key]).toEqual(before)
  }
)

test('the names of the settings with digits keep the form of the original', () => {
  expect(CAPTURE_SETTINGS.map((setting) => setting.variable)).toEqual(
    expect.arrayContaining([
      'PM_DATA_CAPTURE_EXPECTED_CHURN_WINDOW_SECONDS_5M',
      'PM_DATA_FEE_REGIME_EXPECT_15M_CRYPTO_FEE_ENABLED',
      'PM_DATA_CAPTURE_UNIVERSE_REFRESH_CHURN_GUARD_CONSECUTIVE_FATAL'
    ])
  )
})

test('help names every setting with its default and what is allowed', () => {
  const help = captureOptions(new Command('capture')).configureHelp({ helpWidth: 500 }).helpInformation()
  for (const { flag, noFlag, meaning, key } of CAPTURE_SETTINGS) {
    expect(help).toContain(flag)
    if (noFlag !== undefined) expect(help).toContain(noFlag)
    if (key !== 'dataDir') expect(help).toContain(meaning.replaceAll('`', '').slice(0, 60))
  }
})

test('offline refuses an address that is not on this machine', () => {
  expect(() => configOf(['--offline'])).toThrow('gamma_base_url is "https://gamma-api.polymarket.com", which is not on this machine')
})

test('what a recording has to say while it runs goes to standard error; what ends it is told at its end', () => {
  const said: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => (said.push(String(text)), true))
  tellNotice({ kind: 'notice', level: 'warning', text: 'The journal cannot keep up.' })
  tellNotice({ kind: 'notice', level: 'error', text: 'The disk is full.' })
  tellNotice({ kind: 'closed' })
  write.mockRestore()
  expect(said).toEqual(['The journal cannot keep up.\n'])
})
