import { expect, test } from 'vitest'
import type { WindowMark } from '../../shared/api/index.ts'
import { MarksData } from './marksData.ts'

const window = (fromRelNs: number, toRelNs: number | undefined): WindowMark => ({
  fromRelNs,
  ...(toRelNs !== undefined && { toRelNs }),
  trigger: 'METAR',
  instrumentId: 0,
  reason: ''
})

test('windows at an instant are those that have begun and not ended, the newest first; one without an end is open', () => {
  const data = new MarksData()
  const windows = [window(1, 5), window(3, undefined), window(4, 9)]
  data.put({ metar: [], shocks: [], gaps: [], leftOut: 0, windows })
  expect(data.windowsAt(4)).toEqual([windows[2], windows[1], windows[0]])
  expect(data.windowsAt(6)).toEqual([windows[2], windows[1]])
  expect(data.windowsAt(6, 1)).toEqual([windows[2], windows[1], windows[0]])
  expect(data.windowsAt(0)).toEqual([])
})

test('another run begins without marks', () => {
  const data = new MarksData()
  data.put({ metar: [1], shocks: [], gaps: [], leftOut: 0, windows: [] })
  const { revision } = data
  data.clear()
  expect([data.all.metar, data.revision > revision]).toEqual([[], true])
})
