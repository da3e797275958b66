import { expect, test } from 'vitest'
import { S, TestTape } from '../testTape.ts'
import { metarElement, metars, weather } from '../testWorld.ts'

const env = (t: TestTape): Record<string, unknown> => features(t).features.env
const features = (t: TestTape): { features: { env: Record<string, unknown> }; staleness: Record<string, unknown> } =>
  JSON.parse(t.of('features_1m').at(-1)!.text) as never

/** A report of another station at a place. The wind at KLGA comes from the west, 270°. */
function other(t: TestTape, id: string, lat: number, lon: number, tempC: number, minute = -15): TestTape {
  return weather(t, 'metar', [{ ...metarElement({ minute, tempC, station: id }), lat, lon }], { key: id })
}

test('other stations upwind of one tell what comes with the wind; those downwind, old or without a place do not', () => {
  const t = new TestTape('polymarket')
  other(t, 'KWST', 40.8, -75, 25)
  other(t, 'KNWW', 41.2, -75, 22, -40)
  other(t, 'KEST', 40.8, -72, 5)
  other(t, 'KSTH', 39, -73.9, 5)
  other(t, 'KOLD', 40.7, -76, 40, -121)
  weather(t, 'metar', [{ ...metarElement({ minute: -15, tempC: 40, station: 'KNOW' }), lat: null, lon: null }], { key: 'KNOW' })
  metars(t, { minute: -10, tempC: 20 })
  // 77 and 71.6 °F, against 68 °F.
  expect(env(t)).toMatchObject({ upstream_delta_f: 6.3, upstream_stations: 2 })
  expect(features(t).staleness).toMatchObject({ upstream_delta_f: 2400, upstream_stations: 2400 })
})

test('a station alone, or with its wind calm or variable, has no upstream; sea and haze are never known', () => {
  const alone = metars(new TestTape('polymarket'), { minute: -10, tempC: 20 })
  const none = { upstream_delta_f: null, upstream_stations: null, sst_f: null, aod: null }
  expect(env(alone)).toMatchObject(none)
  expect(features(alone).staleness).toMatchObject(none)
  for (const wind of ['00000KT', 'VRB03KT']) {
    const t = other(new TestTape('polymarket'), 'KWST', 40.8, -75, 25)
    const calm = metarElement({ minute: -10, tempC: 20 }) as { rawOb: string }
    weather(t, 'metar', [{ ...calm, rawOb: calm.rawOb.replace('27010KT', wind) }])
    expect(env(t)).toMatchObject(none)
  }
})

test('features of the minute know of the others too', () => {
  const t = metars(other(new TestTape('polymarket'), 'KWST', 40.8, -75, 25), { minute: -10, tempC: 20 })
  t.ticksTo(61 * S)
  const last = t.of('features_1m').slice(-2)
  expect(last.map(({ text }) => (JSON.parse(text) as { features: { env: object } }).features.env)).toEqual([
    expect.objectContaining({ upstream_delta_f: null }),
    expect.objectContaining({ upstream_delta_f: 9 })
  ])
})
