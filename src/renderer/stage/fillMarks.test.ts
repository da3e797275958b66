import { expect, test } from 'vitest'
import { depth1s, type Depth1s, encodeRecord, recordBytes } from '../../shared/channels/index.ts'
import { ColumnStore } from './columnStore.ts'
import { drawFillMarks } from './fillMarks.ts'
import { newView } from './view.ts'

const TICK = 10_000
const SPOT = 500_000

function column(store: ColumnStore, second: number): void {
  const one: Depth1s = {
    ch: 'depth_1s',
    shard: 0,
    frameIdx: 0,
    pos: 0,
    instrumentId: 1,
    recvRelNs: 0,
    second,
    spotPxE6: SPOT,
    spotCarried: false,
    bookOk: true,
    bestBidPxE6: SPOT - TICK,
    bestAskPxE6: SPOT + TICK,
    tickE6: TICK,
    levels: { bids: [SPOT - TICK, 5_000_000], asks: [SPOT + TICK, 2_000_000] }
  }
  const view = new DataView(new ArrayBuffer(recordBytes(depth1s, one)))
  encodeRecord(depth1s, one, view, 0)
  store.putBytes(view, 0)
}

/** Where triangles begin, left to right as drawn. */
function drawnAt(secs: readonly number[], untilSec: number): number[] {
  const store = new ColumnStore()
  for (const second of [1000, 1001, 1002]) column(store, second)
  const view = { ...newView(), width: 100, height: 100, pxPerSec: 10, rightSec: 1005 }
  const xs: number[] = []
  const nothing = (): void => undefined
  const context = {
    beginPath: nothing,
    moveTo: (x: number) => xs.push(x),
    lineTo: nothing,
    closePath: nothing,
    fill: nothing,
    stroke: nothing
  }
  const marks = secs.map((sec) => ({ sec, pxE6: SPOT, buy: true }))
  drawFillMarks(context as unknown as CanvasRenderingContext2D, marks, store, view, untilSec)
  return xs
}

test('a fill stands where and when it was made', () => {
  expect(drawnAt([1000, 1002.5], 1003)).toEqual([50, 75])
})

test('a fill that the playhead has not reached is not shown', () => {
  expect(drawnAt([1001.5, 1002.6, 1004], 1002.5)).toEqual([65])
})
