import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StudioError } from '../../../shared/errors.ts'
import { parseCommand } from './commandSchema.ts'

const PLAN = {
  strategies: [{ name: './my.ts', params: { n: 1.5, t: 'x', b: true } }],
  events: 'book',
  settings: { feeBps: 0, maxSeconds: 2.5 }
}

const sound: readonly object[] = [
  { cmd: 'session_get' },
  { cmd: 'session_close' },
  { cmd: 'library_list' },
  { cmd: 'library_rescan' },
  { cmd: 'live_stop' },
  { cmd: 'library_add_cancel' },
  { cmd: 'settings_get' },
  { cmd: 'settings_set', changes: { ws_shards: '4', data_dir: null } },
  { cmd: 'replay_play' },
  { cmd: 'replay_pause' },
  { cmd: 'library_add', path: '/a b/ü' },
  { cmd: 'library_forget', path: 'relative' },
  { cmd: 'replay_open', path: 'C:\\x' },
  { cmd: 'days_list' },
  { cmd: 'day_open', day: { date: '2026-11-20' } },
  { cmd: 'day_open', day: { date: '2026-11-20', timeZone: 'Europe/Madrid', stations: ['KLGA'], channels: ['metar_obs'], mode: 'light' } },
  { cmd: 'bundle_compact', path: '/a' },
  { cmd: 'replay_seek', relNs: -1.5 },
  { cmd: 'replay_seek', relNs: 9e15 },
  { cmd: 'replay_step', unit: 'event', direction: 1 },
  { cmd: 'replay_step', unit: 'second', direction: -1 },
  { cmd: 'replay_speed', speed: 0 },
  { cmd: 'replay_speed', speed: 0.1 },
  { cmd: 'replay_speed', speed: 0.01 },
  { cmd: 'replay_speed', speed: 1000 },
  { cmd: 'replay_seek_percent', percent: 37.5 },
  { cmd: 'replay_jump', kind: 'metar', direction: 1 },
  { cmd: 'replay_jump', kind: 'trade', direction: -1 },
  { cmd: 'replay_loop', loop: { fromRelNs: 1, toRelNs: 2, preRollNs: 0 } },
  { cmd: 'replay_loop', loop: null },
  { cmd: 'replay_inputs' },
  { cmd: 'replay_fingerprint' },
  { cmd: 'live_rejoin' },
  { cmd: 'window_open', reason: '' },
  { cmd: 'window_open', reason: 'the tower reported hail' },
  { cmd: 'replay_skip_idle', skip: true },
  { cmd: 'view_select', instrumentId: 4_294_967_295 },
  { cmd: 'strategy_run', path: '/a', plan: PLAN },
  { cmd: 'strategy_live', source: { kind: 'polymarket' }, seconds: 60, plan: PLAN },
  { cmd: 'live_start', source: { kind: 'polymarket' } },
  { cmd: 'live_start', source: { kind: 'polymarket', maxMarkets: 5, tokens: ['123'] } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: ['btcusdt', 'ETHUSDT'] } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: ['币安人生USDT', '1000SATSUSDT'] } },
  { cmd: 'live_start', source: { kind: 'practice', venue: 'binance', markets: 2000, messagesPerSecond: 1, seed: 0 } },
  { cmd: 'live_start', source: { kind: 'practice_at', venue: 'polymarket', url: 'http://127.0.0.1:80', maxMarkets: 1 } }
]

test.each(sound)('%j is taken as it is', (command) => expect(parseCommand(structuredClone(command))).toEqual(command))

const hostile: readonly unknown[] = [
  undefined,
  null,
  0,
  '',
  'session_get',
  [],
  [{ cmd: 'session_get' }],
  {},
  { cmd: 5 },
  { cmd: 'format_disk' },
  { cmd: 'session_get', more: 1 },
  { cmd: ['session_get'] },
  { cmd: 'constructor' },
  { cmd: '__proto__' },
  JSON.parse('{"cmd":"session_get","__proto__":{"x":1}}'),
  { cmd: 'replay_open' },
  { cmd: 'replay_open', path: '' },
  { cmd: 'replay_open', path: 'a\0b' },
  { cmd: 'replay_open', path: 'x'.repeat(4097) },
  { cmd: 'replay_open', path: ['/a'] },
  { cmd: 'replay_open', path: { toString: () => '/etc' } },
  { cmd: 'library_add', path: 7 },
  { cmd: 'settings_set' },
  { cmd: 'settings_set', changes: { ws_shards: 4 } },
  { cmd: 'settings_set', changes: ['4'] },
  { cmd: 'replay_seek' },
  { cmd: 'replay_seek', relNs: '5' },
  { cmd: 'replay_seek', relNs: NaN },
  { cmd: 'replay_seek', relNs: Infinity },
  { cmd: 'replay_seek', relNs: 1e300 },
  { cmd: 'replay_seek', relNs: 5n },
  { cmd: 'replay_step', unit: 'event', direction: 2 },
  { cmd: 'replay_step', unit: 'hour', direction: 1 },
  { cmd: 'replay_step', unit: 'event', direction: '1' },
  { cmd: 'replay_speed', speed: 0.009 },
  { cmd: 'replay_speed', speed: 1001 },
  { cmd: 'replay_speed', speed: -1 },
  { cmd: 'replay_speed', speed: NaN },
  { cmd: 'replay_speed', speed: '1' },
  { cmd: 'replay_skip_idle', skip: 'yes' },
  { cmd: 'replay_skip_idle', skip: 1 },
  { cmd: 'view_select', instrumentId: 0 },
  { cmd: 'view_select', instrumentId: 1.5 },
  { cmd: 'view_select', instrumentId: 2 ** 32 },
  { cmd: 'view_select', instrumentId: -1 },
  { cmd: 'live_start' },
  { cmd: 'live_start', source: 'binance' },
  { cmd: 'live_start', source: { kind: 'nasdaq' } },
  { cmd: 'live_start', source: { kind: 'binance' } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: [] } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: ['BTC/USDT'] } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: ['币安 USDT'] } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: ['A'.repeat(21)] } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: Array.from({ length: 51 }, () => 'BTCUSDT') } },
  { cmd: 'live_start', source: { kind: 'binance', symbols: ['BTCUSDT'], url: 'ws://evil' } },
  { cmd: 'live_start', source: { kind: 'polymarket', tokens: ['12; rm -rf'] } },
  { cmd: 'live_start', source: { kind: 'polymarket', maxMarkets: 0 } },
  { cmd: 'live_start', source: { kind: 'practice', venue: 'binance', markets: 2001 } },
  { cmd: 'live_start', source: { kind: 'practice', venue: 'nasdaq' } },
  { cmd: 'live_start', source: { kind: 'practice', venue: 'binance', messagesPerSecond: 0 } },
  ...[
    'http://example.com:80',
    'https://127.0.0.1:80',
    'http://127.0.0.1',
    'http://127.0.0.1:80@evil.example:80',
    'http://127.0.0.1:80/path',
    'http://127.0.0.1:999999',
    'file:///etc/passwd',
    'http://localhost.evil.example:80',
    ' http://127.0.0.1:80',
    'http://127.0.0.1:80\n'
  ].map((url) => ({ cmd: 'live_start', source: { kind: 'practice_at', venue: 'binance', url } }))
]

describe('what is not as it should be is refused in a sentence', () => {
  test.each(hostile.map((value) => [value] as const))('%o', (value) => {
    let refused: unknown
    try {
      parseCommand(value)
    } catch (error) {
      refused = error
    }
    expect(refused).toBeInstanceOf(StudioError)
    expect((refused as StudioError).code).toBe('USAGE')
    expect((refused as StudioError).message).toMatch(/^(The command|The field [\w.]+) is not as it should be: .+\.$/)
    expect((refused as StudioError).message.length).toBeLessThan(500)
  })
})

test('anything at all is taken or refused, never more', () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
      fc.constantFrom(...sound),
      fc.string(),
      (value, base, key) => {
        for (const candidate of [
          value,
          { ...base, [key]: value },
          { ...base, path: value },
          { ...base, source: value },
          { ...base, relNs: value }
        ]) {
          try {
            expect(parseCommand(candidate)).toHaveProperty('cmd')
          } catch (error) {
            if (!(error instanceof StudioError)) throw error
          }
        }
      }
    ),
    { numRuns: 500 }
  )
})
