import { expect, test } from 'vitest'
import type { StreamLine } from '../../shared/api/index.ts'
import { StreamBacklog } from './streamBacklog.ts'

function linesOf(backlog: StreamBacklog): string[] {
  const out: string[] = []
  for (let line = backlog.shift(); line !== undefined; line = backlog.shift()) out.push(line.text)
  return out
}

const book = (instrumentId: number, text: string): StreamLine => ({ ch: 'l2_snap_1s', instrumentId, model: 0, text })
const trade = (text: string): StreamLine => ({ ch: 'tape_trades', instrumentId: 1, model: 0, text })

test('of books only the newest of each instrument waits, at the place where it came', () => {
  const backlog = new StreamBacklog()
  for (const line of [book(1, 'a1'), trade('t1'), book(2, 'b1'), book(1, 'a2'), trade('t2')]) backlog.push(line)
  expect(linesOf(backlog)).toEqual(['t1', 'b1', 'a2', 't2'])
  expect(backlog.report()).toEqual({ conflated: { l2_snap_1s: 1 }, dropped: {}, waiting: 0 })
  expect(backlog.report()).toBeUndefined()
})

test('an outside model’s nowcast never replaces the baseline’s', () => {
  const backlog = new StreamBacklog()
  const nowcast = (model: number, text: string): StreamLine => ({ ch: 'nowcast_1m', instrumentId: 7, model, text })
  for (const line of [nowcast(0, 'b1'), nowcast(1, 'x1'), nowcast(0, 'b2')]) backlog.push(line)
  expect(linesOf(backlog)).toEqual(['x1', 'b2'])
})

test('of more than ten thousand other events the oldest are dropped, and counted', () => {
  const backlog = new StreamBacklog()
  backlog.push(book(1, 'book'))
  for (let i = 0; i < 10_250; i++) backlog.push(trade(`t${i}`))
  expect(backlog.report()).toEqual({ conflated: {}, dropped: { tape_trades: 250 }, waiting: 10_001 })
  const lines = linesOf(backlog)
  expect([lines[0], lines[1], lines.at(-1)]).toEqual(['book', 't250', 't10249'])
})

test('whatever waits takes at most 32 MiB', () => {
  const backlog = new StreamBacklog()
  for (let i = 0; i < 100; i++) backlog.push(trade('x'.repeat(1024 * 1024)))
  expect(backlog.waiting).toBe(32)
  backlog.clear()
  expect([backlog.waiting, linesOf(backlog)]).toEqual([0, []])
})
