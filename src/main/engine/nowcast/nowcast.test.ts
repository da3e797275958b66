import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bucketsOf, strikesOf } from './buckets.ts'
import { newDay } from './dayState.ts'
import { nowcast } from './nowcast.ts'
import { driftScore, pwsAdjustment, sourceScore, supportScore } from './pwsAdjustment.ts'
import { rounded } from './rounding.ts'
import { metarStatus, sigmaOf } from './sigma.ts'
import { marginAfterPeak } from './tmax.ts'
import type { BaseForecast, DayState, NowcastInput } from './types.ts'

const NOON = Date.parse('2026-07-01T16:00:00Z')
/** Rises by 2 °F an hour to 84 at 15:00 and falls again. */
const hourlyF = Array.from({ length: 24 }, (_, hour) => 84 - 2 * Math.abs(hour - 15))
const base: BaseForecast = { hourlyF, maxF: 84, peakHour: 15, source: 'OPEN_METEO', receivedMs: NOON - 3600_000 }
const day: DayState = {
  date: '2026-07-01',
  observations: 6,
  maxAlignedF: 79,
  maxF: 79.2,
  biasF: 1,
  trendF: 0.5,
  last: { tempF: 79.2, obsTimeMs: NOON - 300_000 },
  temps: []
}
const input: NowcastInput = {
  nowMs: NOON,
  stationId: 'KLGA',
  date: '2026-07-01',
  hour: 12,
  newYorkAhead: 0,
  madridAhead: 6,
  day,
  metar: { tempF: 79.2, ageS: 300 },
  qc: 'OK',
  base,
  pws: undefined,
  sources: [{ name: 'METAR', status: 'OK' }]
}

test('forecast plus what is left of the bias at the peak', () => {
  // 84 + 1 · e^(−3/2) = 84.2231; sigma 2 · 0.85 = 1.7 at noon; five reports and a small bias: 1 + 0.1, at most 1.
  expect(nowcast(input)).toMatchObject({
    model: 'baseline',
    ts_generated_utc: '2026-07-01T16:00:00.000+00:00',
    ts_nyc: '2026-07-01 12:00:00',
    ts_es: '2026-07-01 18:00:00',
    station_id: 'KLGA',
    target_date: '2026-07-01',
    tmax_mean_f: 84.2,
    tmax_sigma_f: 1.7,
    confidence: 1,
    valid_until_utc: '2026-07-01T16:05:00.000+00:00',
    bias_f: 0.22,
    base_forecast_source: 'OPEN_METEO',
    inputs_used: ['METAR', 'FORECAST']
  })
})

test('the same input gives the same text, byte by byte', () => {
  expect(JSON.stringify(nowcast(structuredClone(input)))).toBe(JSON.stringify(nowcast(input)))
})

test('after the peak the day may gain a margin that melts until five', () => {
  expect([marginAfterPeak(16, 15), marginAfterPeak(15, 14), marginAfterPeak(17, 15), marginAfterPeak(20, 15)]).toEqual([
    1.25, 1.5, 0.5, 0.5
  ])
  // At 16:00, an hour after the peak: 79 + 0.5 + 1.5 · 1/2 = 80.25.
  const late = nowcast({ ...input, hour: 16 })
  expect(late.tmax_mean_f).toBe(80.2)
  expect(late.explanations.map(({ factor }) => factor)).toEqual(['base_forecast', 'bias', 'cap'])
  expect(nowcast({ ...input, hour: 15.99 }).tmax_mean_f).toBe(85)
})

test('never below what the day has reached', () => {
  const warm = nowcast({ ...input, day: { ...day, maxAlignedF: 90, maxF: 90.3, biasF: undefined } })
  expect(warm.tmax_mean_f).toBe(90)
  expect(warm.explanations.at(-1)).toEqual({
    factor: 'floor',
    contribution_f: 6,
    description: 'The day has been as warm as this already.'
  })
})

test('without a forecast: last report plus five, or fifty, in the early afternoon, and less confidence', () => {
  const blind = nowcast({ ...input, base: undefined })
  expect([blind.tmax_mean_f, blind.base_forecast_source, blind.bias_f]).toEqual([84.2, 'FALLBACK', 0])
  const stale = nowcast({ ...input, base: { ...base, receivedMs: NOON - 6 * 3600_000 - 1 } })
  expect(stale.base_forecast_source).toBe('FALLBACK')
  const nothing = nowcast({
    ...input,
    base: undefined,
    metar: undefined,
    day: newDay('2026-07-01'),
    sources: [{ name: 'METAR', status: 'NO_DATA' }]
  })
  // Sigma (2 + 1 + 0.3) · 0.85 = 2.805; confidence 1 − 0.1 − 0.05 − 0.2.
  expect([nothing.tmax_mean_f, nothing.tmax_sigma_f, nothing.confidence]).toEqual([50, 2.8, 0.65])
  expect(nothing.confidence_factors).toEqual(['wide −0.10', 'stale sources −0.05', 'no forecast −0.20'])
})

describe('sigma', () => {
  const morning = { ...input, hour: 9 }
  test.each([
    ['nothing wrong', {}, 2],
    ['uncertain', { qc: 'UNCERTAIN' }, 2.5],
    ['outlier', { qc: 'OUTLIER' }, 3],
    ['severe', { qc: 'SEVERE' }, 3],
    ['report of 900 s', { metar: { tempF: 79, ageS: 900 } }, 2],
    ['report of 901 s', { metar: { tempF: 79, ageS: 901 } }, 2.3],
    ['report of 1801 s', { metar: { tempF: 79, ageS: 1801 } }, 2.7],
    ['report of 3601 s', { metar: { tempF: 79, ageS: 3601 } }, 3],
    [
      'two stale sources',
      {
        sources: [
          { name: 'A', status: 'STALE' },
          { name: 'B', status: 'DEAD' },
          { name: 'C', status: 'OK' }
        ]
      },
      2.6
    ],
    ['afternoon', { hour: 14 }, 1.4],
    ['noon', { hour: 12 }, 1.7],
    ['more than ten reports', { day: { ...day, observations: 11 } }, 1.8]
  ] as const)('%s', (_name, change, sigma) => expect(sigmaOf({ ...morning, ...change }, undefined)).toBeCloseTo(sigma, 9))

  test('the status of a report by its age', () => {
    expect([undefined, 0, 900, 901, 3600, 3601].map(metarStatus)).toEqual(['NO_DATA', 'OK', 'OK', 'STALE', 'STALE', 'DEAD'])
  })
})

describe('personal stations', () => {
  const shares = { synoptic: 0, madis: 0, openMeteo: 0 }
  const pws = { medianF: 83.2, ageS: 180, support: 12, driftC: 0, shares }
  const old = { ...input, metar: { tempF: 79.2, ageS: 1530 }, pws }

  test('are not looked at beside a young report, when they are old, or without anything to compare', () => {
    expect(pwsAdjustment({ ...old, metar: { tempF: 79.2, ageS: 599 } }, 79.2)).toBeUndefined()
    expect(pwsAdjustment({ ...old, metar: { tempF: 79.2, ageS: 600 } }, 79.2)).toBeDefined()
    expect(pwsAdjustment({ ...old, pws: { ...pws, ageS: 1801 } }, 79.2)).toBeUndefined()
    expect(pwsAdjustment(old, undefined)).toBeUndefined()
  })

  test('move the mean by their distance times their weight', () => {
    // Freshness 0.9, advantage 1350/2700 = 0.5: quality 0.45 · 0.9 + 0.55 · 0.5 = 0.68; weight 0.45 · 0.68 · 1 · 0.5 · 1 = 0.153.
    const found = pwsAdjustment(old, 79.2)!
    expect(found.quality).toBeCloseTo(0.68, 12)
    expect(found.weight).toBeCloseTo(0.153, 12)
    expect(found.adjustmentF).toBeCloseTo(4 * 0.153, 12)
    // Sigma: 2 + 0.3 (report older than 900 s) − 0.35 · 0.68 · max(0.2, 0.34) + (4 − 3)/3 · 0.35.
    expect(sigmaOf({ ...old, hour: 9 }, found)).toBeCloseTo(2.3 - 0.35 * 0.68 * 0.34 + 0.35 / 3, 12)
  })

  test('never move it by more than two degrees', () => {
    const strong = { ...pws, medianF: 120, ageS: 0, shares: { synoptic: 1, madis: 0, openMeteo: 0 } }
    expect(pwsAdjustment({ ...old, metar: undefined, pws: strong }, 79.2)?.adjustmentF).toBe(2)
    expect(pwsAdjustment({ ...old, metar: undefined, pws: { ...strong, medianF: 0 } }, 79.2)?.adjustmentF).toBe(-2)
  })

  test('scores', () => {
    expect([0, 1, 2, 3, 6, 12, 40].map(supportScore)).toEqual([0, 0.15, 0.15, 0.3, 0.5, 1, 1])
    expect([0, 1.5, -1.5, 2.75, -4, 100].map(driftScore)).toEqual([1, 1, 1, 0.5, 0.2, 0.2])
    expect(sourceScore(shares)).toBe(0.5)
    expect(sourceScore({ synoptic: 0, madis: 0, openMeteo: 1 })).toBeCloseTo(0.43)
    expect(sourceScore({ synoptic: 1, madis: 1, openMeteo: 0 })).toBe(1)
    expect(sourceScore({ synoptic: 0, madis: 1, openMeteo: 0 })).toBeCloseTo(0.6)
  })
})

describe('brackets', () => {
  test('are two degrees wide with an even low, three on each side of the mean', () => {
    expect(bucketsOf(84.2, 1.7, undefined).map(({ label }) => label)).toEqual([
      '78-79',
      '80-81',
      '82-83',
      '84-85',
      '86-87',
      '88-89',
      '90-91'
    ])
    expect(bucketsOf(85.6, 1.7, undefined)[3]?.label).toBe('86-87')
    expect(bucketsOf(-0.6, 1.7, undefined).map(({ label }) => label)).toEqual(['-8--7', '-6--5', '-4--3', '-2--1', '0-1', '2-3', '4-5'])
  })

  test('hold everything that rounds into them', () => {
    // s = 0.5513 · 2; from 83.5 to 85.5 around 84.5: 2 · (1/(1 + e^(−1/s)) − 0.5), over all seven from 77.5 to 91.5.
    const s = 0.5513 * 2
    const mass = (x: number): number => 2 * (1 / (1 + Math.exp(-x / s)) - 0.5)
    expect(bucketsOf(84.5, 2, undefined)[3]?.probability).toBeCloseTo(mass(1) / mass(7), 6)
  })

  test('the bracket that holds the maximum as its upper degree is still possible', () => {
    const buckets = bucketsOf(85, 2, 85)
    expect(buckets.filter(({ is_impossible }) => is_impossible).map(({ label }) => label)).toEqual(['78-79', '80-81', '82-83'])
    expect(buckets.find(({ label }) => label === '84-85')?.probability).toBeGreaterThan(0.3)
    expect(bucketsOf(86, 2, 86).find(({ label }) => label === '84-85')?.is_impossible).toBe(true)
  })

  test('add up to one whatever the mean', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 130, noNaN: true }),
        fc.double({ min: 0.5, max: 6, noNaN: true }),
        fc.option(fc.nat({ max: 6 }), { nil: undefined }),
        (mean, sigma, below) => {
          const max = below === undefined ? undefined : Math.floor(mean) - below
          const buckets = bucketsOf(mean, sigma, max)
          expect(buckets.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4)
          expect(buckets.every(({ probability, is_impossible }) => probability >= 0 && (!is_impossible || probability === 0))).toBe(true)
          const strikes = Object.entries(strikesOf(mean, sigma)).sort(([a], [b]) => Number(a) - Number(b))
          expect(strikes).toHaveLength(11)
          expect(strikes.every(([, p], i) => i === 0 || p <= strikes[i - 1]![1])).toBe(true)
        }
      )
    )
  })

  test('the chance to reach the mean itself is a half', () => {
    expect(strikesOf(84, 1.7)['84']).toBe(0.5)
    expect(strikesOf(84, 1.7)['79']).toBe(rounded(1 - 1 / (1 + Math.exp(5 / (0.5513 * 1.7))), 4))
  })
})

describe('the hour of the peak', () => {
  test('bins that are over have no chance, and the shares add up', () => {
    const { t_peak_bins: bins, t_peak_expected_hour: hour } = nowcast(input)
    expect(bins.slice(0, 6).every(({ probability }) => probability === 0)).toBe(true)
    // Bins of 14 and 15 o'clock hold the maximum; those before and behind lie 2 and 2 degrees lower.
    expect(hour).toBe(15)
    const e = Math.exp(-1)
    const weights = [Math.exp(-2), 1, e, Math.exp(-3), Math.exp(-5), Math.exp(-7)]
    expect(hourlyF.slice(12, 16)).toEqual([78, 80, 82, 84])
    expect(hourlyF.slice(16, 18)).toEqual([82, 80])
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    expect(bins[7]?.probability).toBe(rounded(1 / total, 4))
    expect(bins[6]?.probability).toBe(rounded(Math.exp(-2) / total, 4))
    expect(bins[8]?.probability).toBe(rounded(e / total, 4))
  })

  test('a rising trend favours what comes, a falling one what is now', () => {
    const share = (trendF: number): number[] =>
      nowcast({ ...input, day: { ...day, trendF } }).t_peak_bins.map(({ probability }) => probability)
    expect(share(1.1)[6]!).toBeLessThan(share(1)[6]!)
    expect(share(-0.6)[6]!).toBeGreaterThan(share(-0.5)[6]!)
  })

  test('labels of New York and Madrid are the clocks there at that instant', () => {
    const madrid = nowcast({ ...input, newYorkAhead: -6, madridAhead: 0 })
    expect(madrid.t_peak_bins[7]).toMatchObject({
      label: '14:00-16:00',
      label_nyc: '08:00-10:00',
      label_es: '14:00-16:00',
      label_short: '14-16',
      bin_start_hour_nyc: 8,
      bin_end_hour_nyc: 10
    })
    expect(nowcast(input).t_peak_bins[11]).toMatchObject({ label: '22:00-00:00', label_es: '04:00-06:00', bin_end_hour_nyc: 24 })
  })

  test('without a forecast the early afternoon is likeliest', () => {
    const { t_peak_bins: bins } = nowcast({ ...input, hour: 0, base: undefined, day: { ...day, trendF: undefined } })
    const total = 3 * 0.3 + 2 * 0.1 + 7 * 0.05
    expect(bins.map(({ probability }) => probability)).toEqual(
      [0.05, 0.05, 0.05, 0.05, 0.05, 0.1, 0.3, 0.3, 0.3, 0.1, 0.05, 0.05].map((weight) => rounded(weight / total, 4))
    )
  })
})

test('numbers are rounded half to even, as the model that this follows does', () => {
  expect([rounded(0.5), rounded(1.5), rounded(-0.5), rounded(-1.5), rounded(0.25, 1), rounded(0.35, 1), rounded(2.675, 2)]).toEqual([
    0, 2, 0, -2, 0.2, 0.4, 2.68
  ])
})

test('whatever goes in, the numbers that come out are numbers in their bounds', () => {
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
  const temp = fc.double({ min: -58, max: 140, noNaN: true })
  const age = fc.nat({ max: 100_000 })
  const status = fc.constantFrom('OK', 'STALE', 'DEAD', 'NO_DATA')
  fc.assert(
    fc.property(
      fc.record({
        hour: fc.double({ min: 0, max: 23.999, noNaN: true }),
        metar: maybe(fc.record({ tempF: temp, ageS: age })),
        qc: fc.constantFrom('OK', 'UNCERTAIN', 'OUTLIER', 'SEVERE'),
        base: maybe(fc.array(temp, { minLength: 24, maxLength: 24 })),
        pws: maybe(
          fc.record({ medianF: temp, ageS: age, support: fc.nat({ max: 50 }), driftC: fc.double({ min: -50, max: 50, noNaN: true }) })
        ),
        sources: fc.array(fc.record({ name: fc.constant('S'), status }), { maxLength: 4 }),
        biasF: maybe(fc.double({ min: -60, max: 60, noNaN: true })),
        trendF: maybe(fc.double({ min: -60, max: 60, noNaN: true })),
        maxF: maybe(temp),
        observations: fc.nat({ max: 40 })
      }),
      (given) => {
        const { base: temps, maxF, biasF, trendF, observations, pws, ...rest } = given
        const now = nowcast({
          ...input,
          ...rest,
          pws: pws === undefined ? undefined : { ...pws, shares: { synoptic: 0, madis: 0, openMeteo: 0 } },
          base:
            temps === undefined
              ? undefined
              : { ...base, hourlyF: temps, maxF: Math.max(...temps), peakHour: temps.indexOf(Math.max(...temps)) },
          day: { ...day, observations, biasF, trendF, maxF, maxAlignedF: maxF === undefined ? undefined : Math.floor(maxF + 0.5) }
        })
        expect(now.tmax_mean_f).toBeGreaterThanOrEqual(-40)
        expect(now.tmax_mean_f).toBeLessThanOrEqual(130)
        expect(now.tmax_sigma_f).toBeGreaterThanOrEqual(0.5)
        expect(now.confidence).toBeGreaterThanOrEqual(0.1)
        expect(now.confidence).toBeLessThanOrEqual(1)
        expect(now.t_peak_bins.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 2)
        expect(JSON.stringify(now)).not.toContain('null')
      }
    ),
    { numRuns: 500 }
  )
})
