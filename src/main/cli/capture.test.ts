import { Command } from 'commander'
import { expect, test } from 'vitest'
import { captureConfigOf, captureOptions, type CaptureFlags } from './capture.ts'

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
  [['--ws-shards', '0'], 'Setting ws_shards is 0, but at least 1 is allowed.'],
  [['--ws-shards', '65'], 'Setting ws_shards is 65, but at most 64 is allowed.'],
  [['--ws-shards', '2.5'], 'Setting ws_shards is 2.5, but a whole number is expected.'],
  [['--ws-shards', 'many'], 'Setting ws_shards is "many", but a number is expected.'],
  [['--venue', 'kraken'], 'Setting venue is "kraken", but one of polymarket, binance is allowed.'],
  [['--capture-fsync-interval-seconds', '5'], 'Setting capture_fsync_interval_seconds is 5, but at most 1 is allowed.'],
  [['--clob-ws-url', 'http://x'], 'Setting clob_ws_url is "http://x", but an address such as https://host or wss://host is expected.'],
  [['--run-id', '../x'], 'Setting run_id is "../x", but a value of the form']
])('%s is refused with a sentence', (args, sentence) => {
  expect(() => configOf(args)).toThrow(sentence)
})
