import { describe, expect, test } from 'vitest'
import {
  follow,
  LEAST_COLUMN_PX,
  levelFor,
  leftSec,
  newView,
  niceStep,
  pan,
  rowOfY,
  rowsPerCell,
  secOfX,
  timeStep,
  type View,
  xOfSec,
  yOfRow,
  zoomRows,
  zoomTime
} from './view.ts'

function view(change: Partial<View> = {}): View {
  return Object.assign(newView(), { rightSec: 1_723_161_253, width: 800, height: 600 }, change)
}

describe('view', () => {
  test('pixels and instants convert both ways', () => {
    const v = view()
    expect(secOfX(v, xOfSec(v, 1_723_161_200.25))).toBeCloseTo(1_723_161_200.25, 6)
    expect(xOfSec(v, v.rightSec)).toBe(800)
    expect(leftSec(v)).toBe(v.rightSec - 200)
  })

  test('higher prices lie higher', () => {
    const v = view()
    expect(yOfRow(v, 0)).toBe(300)
    expect(yOfRow(v, 10)).toBe(270)
    expect(rowOfY(v, yOfRow(v, -7.5))).toBe(-7.5)
  })

  test('zooming keeps what is under the pointer', () => {
    const v = view()
    const sec = secOfX(v, 333)
    zoomTime(v, 1.7, 333)
    expect(secOfX(v, 333)).toBeCloseTo(sec, 6)
    const row = rowOfY(v, 120)
    zoomRows(v, 0.6, 120)
    expect(rowOfY(v, 120)).toBeCloseTo(row, 9)
  })

  test('zoom has ends', () => {
    const v = view()
    for (let i = 0; i < 100; i++) zoomTime(v, 3, 10)
    expect(v.pxPerSec).toBe(96)
    for (let i = 0; i < 100; i++) zoomRows(v, 0.1, 10)
    expect(v.pxPerRow).toBe(0.35)
  })

  test('dragging to the right shows older columns', () => {
    const v = view()
    pan(v, 40, 30)
    expect(v.rightSec).toBe(1_723_161_243)
    expect(v.centreRow).toBe(10)
  })

  test('following leaves a margin to the right of the playhead', () => {
    const v = view()
    follow(v, 5000)
    expect(xOfSec(v, 5000)).toBeCloseTo(752, 6)
  })

  test('zoomed out, a coarser level keeps every column wide enough to be seen', () => {
    for (const pxPerSec of [4, 1, 0.9, 0.5, 0.3, 0.08]) {
      for (const dpr of [1, 2]) {
        const level = levelFor(view({ pxPerSec, dpr }), 6)
        expect(2 ** level * pxPerSec * dpr).toBeGreaterThanOrEqual(LEAST_COLUMN_PX)
        if (level > 0) expect(2 ** (level - 1) * pxPerSec * dpr).toBeLessThan(LEAST_COLUMN_PX)
      }
    }
  })

  test('rows are put together when a cell of them would be too thin to read', () => {
    expect(rowsPerCell(view({ pxPerRow: 2 }))).toBe(1)
    expect(rowsPerCell(view({ pxPerRow: 1.2 }))).toBe(2)
    expect(rowsPerCell(view({ pxPerRow: 0.35 }))).toBe(4)
    expect(rowsPerCell(view({ pxPerRow: 1.2, dpr: 2 }))).toBe(1)
  })

  test('axis steps are round and far enough apart', () => {
    expect(niceStep(0.7)).toBe(1)
    expect(niceStep(13)).toBe(20)
    expect(niceStep(50)).toBe(50)
    expect(timeStep(view({ pxPerSec: 4 }), 76)).toBe(30)
    expect(timeStep(view({ pxPerSec: 0.08 }), 76)).toBe(1800)
  })
})
