import { describe, expect, test } from 'vitest'
import { FrameLoop } from './frameLoop.ts'

function fakeScreen() {
  const waiting: ((nowMs: number) => void)[] = []
  const loop = new FrameLoop((callback) => waiting.push(callback))
  return { loop, asked: () => waiting.length, frame: (nowMs: number) => waiting.shift()?.(nowMs) }
}

describe('frame loop', () => {
  test('runs a task once when added and again only when its topic is touched', () => {
    const { loop, frame, asked } = fakeScreen()
    let runs = 0
    loop.add(['ladder'], 0, () => runs++)
    frame(0)
    expect(runs).toBe(1)
    expect(asked()).toBe(0)
    loop.touch('trades')
    expect(asked()).toBe(0)
    loop.touch('ladder')
    loop.touch('ladder')
    expect(asked()).toBe(1)
    frame(16)
    expect(runs).toBe(2)
  })

  test('a task never runs more often than it asked for, and never misses the last change', () => {
    const { loop, frame } = fakeScreen()
    const at: number[] = []
    loop.add(['ladder'], 100, (nowMs) => at.push(nowMs))
    for (let nowMs = 0; nowMs < 400; nowMs += 20) {
      if (nowMs <= 200) loop.touch('ladder')
      frame(nowMs)
    }
    expect(at).toEqual([0, 100, 200])
    loop.touch('ladder')
    frame(400)
    expect(at.at(-1)).toBe(400)
  })

  test('a removed task runs no more', () => {
    const { loop, frame } = fakeScreen()
    let runs = 0
    const remove = loop.add(['view'], 0, () => runs++)
    remove()
    frame(0)
    loop.touch('view')
    frame(16)
    expect(runs).toBe(0)
  })
})
