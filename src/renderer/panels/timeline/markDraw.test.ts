import { expect, test } from 'vitest'
import type { WindowMark } from '../../../shared/api/index.ts'
import { WINDOW_TRIGGERS, type WindowTrigger } from '../../../shared/channels/index.ts'
import { bandRuns, marksHeight } from './markDraw.ts'

const scale = { startRelNs: 0, endRelNs: 1000, width: 100 }
const window = (trigger: WindowTrigger, fromRelNs: number, toRelNs?: number): WindowMark => ({
  trigger,
  fromRelNs,
  ...(toRelNs !== undefined && { toRelNs }),
  instrumentId: 0,
  reason: ''
})

test('windows of one row that overlap show the more important one, others lie below each other', () => {
  expect(bandRuns([window('QC_OUTLIER', 200, 300), window('METAR', 100, 400), window('MID_SHOCK', 100, 200)], scale)).toEqual([
    { row: 0, fromX: 10, toX: 20, trigger: 'METAR' },
    { row: 0, fromX: 20, toX: 30, trigger: 'QC_OUTLIER' },
    { row: 0, fromX: 30, toX: 40, trigger: 'METAR' },
    { row: 1, fromX: 10, toX: 20, trigger: 'MID_SHOCK' }
  ])
})

test('a short window is still seen, one without an end goes to the end of the run', () => {
  expect(bandRuns([window('MANUAL', 500, 501), window('METAR', 900)], scale)).toEqual([
    { row: 0, fromX: 90, toX: 100, trigger: 'METAR' },
    { row: 2, fromX: 50, toX: 52, trigger: 'MANUAL' }
  ])
})

test('thousands of windows give no more than each pixel once', () => {
  const many = Array.from({ length: 20_000 }, (_, i) =>
    window(WINDOW_TRIGGERS[i % WINDOW_TRIGGERS.length]!, (i * 7) % 1000, ((i * 7) % 1000) + 3)
  )
  const runs = bandRuns(many, scale)
  for (const row of [0, 1, 2]) {
    const own = runs.filter((run) => run.row === row)
    own.reduce((last, run) => {
      expect(run.fromX).toBeGreaterThanOrEqual(last)
      return run.toX
    }, 0)
    expect(own.length).toBeLessThanOrEqual(100)
  }
})

test('a run without marks gives them no room', () => {
  const none = { metar: [], windows: [], shocks: [], gaps: [1], leftOut: 0 }
  expect([marksHeight(none), marksHeight({ ...none, metar: [1] }) > 0]).toEqual([0, true])
})
