import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { INITIAL_CREDIT_BYTES, type StudioEvent } from '../../../shared/api/index.ts'
import type { ViewLink } from '../engineTypes.ts'
import { ViewHub } from './viewHub.ts'

const HALF = INITIAL_CREDIT_BYTES / 2
const notice: StudioEvent = { kind: 'notice', level: 'info', text: 'hello' }

let sent: number[] = []
let refreshes = 0
let hub: ViewHub

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  refreshes = 0
  hub = new ViewHub({ onSent: (bytes) => sent.push(bytes), onRefreshNeeded: () => refreshes++ })
})
afterEach(() => {
  hub.dispose()
  vi.useRealTimers()
})

interface Screen {
  readonly link: ViewLink
  /** First byte of each session frame that came. */
  readonly got: number[]
}

function screen(): Screen {
  const got: number[] = []
  const link = hub.attach({ send: (frame) => void (frame[0] === 3 || got.push(frame[8]!)) }, [])
  return { link, got }
}

/** A session frame that is told by its number. */
function frame(number: number, bytes = HALF): void {
  const body = new Uint8Array(bytes)
  body[8] = number
  hub.frame(body)
}

const total = (): number => sent.reduce((sum, bytes) => sum + bytes, 0)

test('a new screen gets its greeting first and asks for everything', () => {
  const kinds: number[] = []
  hub.attach({ send: (bytes) => kinds.push(bytes[0]!) }, [notice, notice])
  expect(kinds).toEqual([3, 3])
  expect(refreshes).toBe(1)
})

test('where nobody looks, frames count as sent', () => {
  frame(1, 100)
  expect(sent).toEqual([100])
})

test('a screen gets frames while it has credit, and the rest in order when it grants', () => {
  const { link, got } = screen()
  for (let i = 1; i <= 6; i++) frame(i)
  expect(got).toEqual([1, 2])
  expect(total()).toBe(2 * HALF)
  link.grant(HALF)
  expect(got).toEqual([1, 2, 3])
  link.grant(2 * HALF)
  expect(got).toEqual([1, 2, 3, 4, 5])
  link.grant(10 * HALF)
  expect(got).toEqual([1, 2, 3, 4, 5, 6])
  expect(total()).toBe(6 * HALF)
})

test('events go out at once, whatever the credit', () => {
  let events = 0
  hub.attach({ send: (bytes) => void (bytes[0] === 3 && events++) }, [])
  for (let i = 0; i < 10; i++) frame(i)
  hub.event(notice)
  expect(events).toBe(1)
})

test('bytes count as sent once, when the slowest of the screens has them', () => {
  const fast = screen()
  const slow = screen()
  const slower = screen()
  for (let i = 1; i <= 4; i++) {
    frame(i)
    fast.link.grant(HALF)
  }
  expect(fast.got).toEqual([1, 2, 3, 4])
  expect(total()).toBe(2 * HALF)
  slow.link.grant(2 * HALF)
  expect(slow.got).toEqual([1, 2, 3, 4])
  expect(total()).toBe(2 * HALF)
  slower.link.grant(HALF)
  expect(total()).toBe(3 * HALF)
  slower.link.grant(HALF)
  expect(total()).toBe(4 * HALF)
})

test('no session is ever granted more than was sent, whatever the screens do', () => {
  const screens = [screen(), screen(), screen()]
  let frames = 0
  for (let i = 0; i < 200; i++) {
    if (i % 3 === 0) frame(++frames, HALF / 4)
    if (i % 5 === 0) screens[0]!.link.grant(HALF / 3)
    if (i % 11 === 0) screens[1]!.link.grant(HALF)
    if (i % 13 === 0) vi.advanceTimersByTime(1000)
    if (i === 100) screens[2]!.link.close()
    if (i === 120) screens.push(screen())
    expect(total()).toBeLessThanOrEqual(frames * (HALF / 4))
  }
  for (const { link } of screens) link.close()
  expect(total()).toBe(frames * (HALF / 4))
})

test('a screen that takes nothing for five seconds is left out, and the others go on', () => {
  const dead = screen()
  for (let i = 1; i <= 4; i++) frame(i)
  vi.advanceTimersByTime(4_999)
  expect(total()).toBe(2 * HALF)
  vi.advanceTimersByTime(1)
  expect(total()).toBe(4 * HALF)
  frame(5)
  expect(total()).toBe(5 * HALF)
  expect(dead.got).toEqual([1, 2])
})

test('a screen that was left out is filled anew once it listens again', () => {
  const dead = screen()
  for (let i = 1; i <= 4; i++) frame(i)
  vi.advanceTimersByTime(5_000)
  refreshes = 0
  dead.link.grant(4 * HALF)
  expect(refreshes).toBe(1)
  frame(9)
  expect(dead.got).toEqual([1, 2, 9])
})

test('a screen that is slow but alive is not left out', () => {
  const slow = screen()
  for (let i = 1; i <= 20; i++) frame(i)
  for (let i = 3; i <= 20; i++) {
    vi.advanceTimersByTime(3_000)
    slow.link.grant(HALF)
    expect(slow.got.at(-1)).toBe(i)
  }
  expect(total()).toBe(20 * HALF)
})

test('a screen that goes takes nothing with it', () => {
  const { link } = screen()
  for (let i = 1; i <= 5; i++) frame(i)
  link.close()
  expect(total()).toBe(5 * HALF)
  link.close()
  link.grant(HALF)
  expect(total()).toBe(5 * HALF)
  vi.advanceTimersByTime(60_000)
  expect(total()).toBe(5 * HALF)
})

test.each([0, -1, NaN, Infinity, -Infinity, 2e9])('a grant of %d bytes counts for nothing', (bytes) => {
  const { link, got } = screen()
  for (let i = 1; i <= 3; i++) frame(i)
  link.grant(bytes)
  expect(got).toEqual([1, 2])
})

test('each screen gets bytes of its own', () => {
  const frames: Uint8Array[] = []
  for (let i = 0; i < 2; i++) hub.attach({ send: (bytes) => frames.push(bytes) }, [])
  frame(1, 100)
  expect(frames).toHaveLength(2)
  expect(frames[0]!.buffer).not.toBe(frames[1]!.buffer)
})
