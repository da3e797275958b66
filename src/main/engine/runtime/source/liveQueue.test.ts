import { expect, test } from 'vitest'
import { FLAG_BINARY, FLAG_TEXT } from '../../bundle/index.ts'
import { LIVE_QUEUE_FRAMES, LiveQueue } from './liveQueue.ts'

const queueOf = (): LiveQueue => new LiveQueue({ t0MonoNs: 5n, t0WallNs: 7n })

test('frames come out as they went in: order, shard, time, flags and bytes', () => {
  const queue = queueOf()
  const sent: unknown[] = []
  const got: unknown[] = []
  for (let i = 0; i < 5000; i++) {
    const text = `frame ${i} ${'x'.repeat(i % 97)}`
    const flags = i % 3 === 0 ? FLAG_BINARY : FLAG_TEXT
    queue.push(i % 7, Buffer.from(text), flags, i * 10, i * 10 + 1)
    sent.push([i % 7, text, flags, i * 10, i * 10 + 1])
    // Take some now and then, in uneven portions.
    for (let k = 0; k < (i * 31) % 5; k++) take(queue, got)
  }
  while (take(queue, got));
  expect(got).toEqual(sent)
  expect(queue).toMatchObject({ dropped: 0, frames: 5000, length: 0 })
})

function take(queue: LiveQueue, got: unknown[]): boolean {
  const frame = queue.next()
  if (frame !== undefined) got.push([frame.shard, frame.payload().toString(), frame.flags, frame.monoRelNs, frame.wallRelNs])
  return frame !== undefined
}

test('a full queue drops what comes and counts it, but never a note', () => {
  const queue = queueOf()
  for (let i = 0; i < LIVE_QUEUE_FRAMES; i++) expect(queue.push(0, Buffer.from('x'), FLAG_TEXT, i, i)).toBe(true)
  expect(queue.push(0, Buffer.from('late'), FLAG_TEXT, 2000, 2000)).toBe(false)
  queue.note(0, { note: 'conn_closed' }, 2001, 2001)
  // With the note that stands for what was dropped.
  expect([queue.dropped, queue.length]).toEqual([1, LIVE_QUEUE_FRAMES + 2])
  for (let i = 0; i < 3; i++) queue.next()
  expect(queue.push(0, Buffer.from('room'), FLAG_TEXT, 2002, 2002)).toBe(true)
})

test('waiting ends when something comes, and at once when something is there', async () => {
  const queue = queueOf()
  let woken = false
  const waiting = queue.wait().then(() => (woken = true))
  await Promise.resolve()
  expect(woken).toBe(false)
  queue.push(0, Buffer.from('x'), FLAG_TEXT, 1, 1)
  await waiting
  await queue.wait()
  expect(woken).toBe(true)
})

test('where messages of a shard were dropped stands one hole, and a new one after something of it got in again', () => {
  const queue = queueOf()
  const push = (shard: number, atNs: number): boolean => queue.push(shard, Buffer.from('x'), FLAG_TEXT, atNs, atNs)
  for (let i = 0; i < LIVE_QUEUE_FRAMES; i++) push(0, i)
  push(1, 2000)
  push(1, 2001)
  push(2, 2002)
  const holes: unknown[] = []
  const drain = (): void => {
    for (let frame = queue.next(); frame !== undefined; frame = queue.next()) if (queue.isHole) holes.push([frame.shard, frame.monoRelNs])
  }
  drain()
  expect(holes).toEqual([
    [1, 2000],
    [2, 2002]
  ])
  for (let i = 0; i < LIVE_QUEUE_FRAMES; i++) push(1, 3000 + i)
  push(1, 5000)
  push(2, 5001)
  drain()
  // Nothing of shard 2 had got in since: it is the same hole still.
  expect(holes.slice(2)).toEqual([[1, 5000]])
})
