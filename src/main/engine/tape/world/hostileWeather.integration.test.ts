import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TestTape } from '../testTape.ts'
import { forecastBody, metarElement, metars, pwsBody, weather } from '../testWorld.ts'

const kinds = ['metar', 'pws', 'forecast'] as const
const good = {
  metar: JSON.stringify([metarElement({ minute: -5, tempC: 20 }), metarElement({ minute: -65, tempC: 19, station: 'LEMD' })]),
  pws: JSON.stringify(pwsBody(-1, [20, 21, null, 22])),
  forecast: JSON.stringify(forecastBody(Array.from({ length: 72 }, (_, i) => i % 24)))
}

/** A good answer with a piece of it replaced by something else. */
const damaged = fc.constantFrom(...kinds).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    text: fc
      .tuple(
        fc.nat({ max: good[kind].length }),
        fc.nat({ max: 30 }),
        fc.oneof(
          fc.constantFrom('', '1e999', '-1', 'null', '"', '}', '[', '0', '"x"', '99999999999999999999', '\\u0000'),
          fc.string({ maxLength: 20 })
        )
      )
      .map(([at, cut, text]) => good[kind].slice(0, at) + text + good[kind].slice(at + cut))
  })
)
const anything = fc.record({ kind: fc.constantFrom(...kinds), text: fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary' })) })

test('whatever a weather service answers, every frame is accounted for and the next answer is understood', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(damaged, anything), { maxLength: 8 }), (answers) => {
      const t = new TestTape('polymarket')
      for (const { kind, text } of answers) weather(t, kind, text)
      t.ticksTo(t.now + 61e9)
      const frames = t.of('frame_raw').length
      expect(frames).toBe(t.frames.length)
      const refused = t.of('frame_raw').filter(({ outcome }) => outcome === 'malformed' || outcome === 'rejected').length
      expect(t.tape.malformed).toBe(refused)
      for (const { tmaxMeanF } of t.of('nowcast_1m')) {
        expect(tmaxMeanF).toBeGreaterThanOrEqual(-40)
        expect(tmaxMeanF).toBeLessThanOrEqual(130)
      }
      for (const record of t.records()) {
        for (const value of Object.values(record)) if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
      }
      metars(t, { minute: 1, tempC: 21.3, dewpointC: 3 })
      expect(t.of('metar_obs').at(-1)).toMatchObject({ tempC: 21.3, exchTsMs: expect.any(Number) as number })
    }),
    { numRuns: 100 }
  )
})
