import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusterOf, hardRules, madOf, medianOf, spatialRule, timeRule, verdictOf, worse } from './index.ts'

const at = (...temps: number[]): { tempC: number }[] => temps.map((tempC) => ({ tempC }))

test('median and deviation, also of an even number', () => {
  expect([medianOf([]), medianOf([3]), medianOf([4, 1]), medianOf([5, 1, 3])]).toEqual([undefined, 3, 2.5, 3])
  expect([madOf([]), madOf([7]), madOf([1, 2, 3, 4, 100])]).toEqual([undefined, 0, 1])
})

test('the deviation is not scaled', () => {
  expect(madOf([10, 10, 12, 14, 14])).toBe(2)
})

test('a reading far from its neighbours is an outlier, and the cluster is that of the others', () => {
  const { medianC, madC, members, outliers, qc } = clusterOf(at(20, 20.2, 20.4, 20.2, 35))
  expect([medianC, members.length, qc]).toEqual([20.2, 4, 'OK'])
  expect(madC).toBeCloseTo(0.1)
  expect(outliers.map(({ reading }) => reading.tempC)).toEqual([35])
})

test('readings that are all equal still tolerate three tenths', () => {
  expect(clusterOf(at(20, 20, 20, 20, 20.3)).outliers).toHaveLength(0)
  expect(clusterOf(at(20, 20, 20, 20, 20.4)).outliers).toHaveLength(1)
})

test('two readings can contradict each other without an outlier, and are uncertain', () => {
  expect(clusterOf(at(0, 50))).toMatchObject({ qc: 'UNCERTAIN', medianC: 25, outliers: [] })
  expect(clusterOf([])).toMatchObject({ qc: 'UNCERTAIN', medianC: undefined, madC: undefined })
})

test('the order of readings changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -500, max: 600 }), { maxLength: 30 }), (tenths) => {
      const readings = at(...tenths.map((x) => x / 10))
      const [a, b] = [clusterOf(readings), clusterOf(readings.toReversed())]
      expect([b.medianC, b.madC, b.members.length, b.qc]).toEqual([a.medianC, a.madC, a.members.length, a.qc])
      expect(a.members.length + a.outliers.length).toBe(readings.length)
    })
  )
})

test.each([
  [-50, undefined, 'OK', []],
  [60, 10, 'OK', []],
  [-50.1, undefined, 'SEVERE', ['TEMP_OUT_OF_BOUNDS']],
  [60.1, 70, 'SEVERE', ['TEMP_OUT_OF_BOUNDS']],
  [NaN, undefined, 'SEVERE', ['TEMP_OUT_OF_BOUNDS']],
  [20, 20, 'OK', []],
  [20, 20.1, 'UNCERTAIN', ['DEWPOINT_GT_TEMP']],
  [undefined, 3, 'UNCERTAIN', ['NO_TEMPERATURE']]
] as const)('temperature %s with dew point %s is %s', (tempC, dewpointC, qc, flags) => {
  expect(hardRules(tempC, dewpointC)).toEqual({ qc, flags })
})

test('the spatial rule needs three neighbours, and more than three deviations', () => {
  expect(spatialRule(50, { medianC: 20, madC: 1, support: 2 })).toEqual({ qc: 'UNCERTAIN', flags: ['LOW_SUPPORT'] })
  expect(spatialRule(50, { support: 0 })).toEqual({ qc: 'UNCERTAIN', flags: ['LOW_SUPPORT'] })
  expect(spatialRule(23, { medianC: 20, madC: 1, support: 3 }).qc).toBe('OK')
  expect(spatialRule(16.9, { medianC: 20, madC: 1, support: 3 })).toEqual({ qc: 'OUTLIER', flags: ['SPATIAL_OUTLIER_3.1'] })
})

test('times from the future and of the day before yesterday are told', () => {
  const now = 1_700_000_000_000
  expect(timeRule(now + 300_000, now).qc).toBe('OK')
  expect(timeRule(now + 300_001, now)).toEqual({ qc: 'SEVERE', flags: ['TIME_IN_FUTURE'] })
  expect(timeRule(now - 86_400_000, now).qc).toBe('OK')
  expect(timeRule(now - 86_400_001, now)).toEqual({ qc: 'UNCERTAIN', flags: ['OLDER_THAN_A_DAY'] })
})

test('the worst verdict counts and every reason is kept', () => {
  expect(worse('OK', 'UNCERTAIN')).toBe('UNCERTAIN')
  expect(worse('SEVERE', 'OUTLIER')).toBe('SEVERE')
  expect(
    verdictOf([
      { qc: 'UNCERTAIN', flags: ['A'] },
      { qc: 'OUTLIER', flags: ['B'] },
      { qc: 'OK', flags: [] }
    ])
  ).toEqual({ qc: 'OUTLIER', flags: ['A', 'B'] })
})
