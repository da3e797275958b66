import type { FrameReader } from '../src/main/engine/bundle/index.ts'
import { MergedFrames } from '../src/main/engine/replay/index.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { interleave, ratesInMillions, ratioOf, same, timed } from './measure.ts'
import { KeyReader, keyStreams } from './merge/keyStreams.ts'
import { ObjectHeap } from './merge/objectHeap.ts'

const STREAMS = 8
const OURS = 'merged frames'
const HEAP = 'object heap'
const LEAN_HEAP = 'object heap, one step'

/** Which of the shards' next frames comes first, with nothing read and nothing done: against a heap of objects. */
export async function g8Merge({ quick }: BenchOptions): Promise<GoalReport> {
  const keys = quick ? 100_000 : 2_500_000
  const streams = keyStreams(STREAMS, keys)
  const order = mergeOurs(streams)
  same('events merged', order.count, STREAMS * keys)
  same('order of merged frames and object heap', order.digest, mergeHeap(streams).digest)
  same('order of merged frames and the lean heap', order.digest, mergeLeanHeap(streams).digest)
  same('times run backwards', order.backwards, 0)
  const run = (merge: typeof mergeOurs) => () =>
    timed(() => {
      const { count, digest } = merge(streams)
      same('order of a round', digest, order.digest)
      return count
    })
  const rounds = await interleave(
    [
      { name: OURS, run: run(mergeOurs) },
      { name: HEAP, run: run(mergeHeap) },
      { name: LEAN_HEAP, run: run(mergeLeanHeap) }
    ],
    { rounds: 7, warmUps: 2 }
  )
  return {
    id: 'G8',
    what: `Merge of ${STREAMS} streams of ${keys.toLocaleString('en')} times, all in memory`,
    count: order.count,
    counted: `events, ${order.ties.toLocaleString('en')} of them at the same instant as the one before; order digest ${(order.digest >>> 0).toString(16)} for all`,
    findings: [
      { what: 'against a heap of one object per event', unit: 'x', figure: ratioOf(rounds, OURS, HEAP), now: { atLeast: 1.8 } },
      { what: 'against that heap with replace-first', unit: 'x', figure: ratioOf(rounds, OURS, LEAN_HEAP) }
    ],
    ratesM: ratesInMillions(rounds),
    notes: ['all step the same readers of times; ours also keeps where each shard goes on, for seeking']
  }
}

/** The order, as a digest of (shard, time), in one pass. */
class Order {
  count = 0
  digest = 0
  ties = 0
  backwards = 0
  #timeNs = -1

  add(timeNs: number, shard: number): void {
    this.count++
    this.digest = (Math.imul(this.digest, 31) + shard + (timeNs | 0)) | 0
    if (timeNs === this.#timeNs) this.ties++
    else if (timeNs < this.#timeNs) this.backwards++
    this.#timeNs = timeNs
  }
}

function mergeOurs(streams: readonly Float64Array[]): Order {
  const order = new Order()
  const frames = new MergedFrames([...streams.keys()], (shard) => new ShardReader(streams[shard]!, shard) as unknown as FrameReader)
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) order.add(frame.monoRelNs, frame.shard)
  return order
}

class ShardReader extends KeyReader {
  readonly shard: number

  constructor(times: Float64Array, shard: number) {
    super(times)
    this.shard = shard
  }
}

function mergeHeap(streams: readonly Float64Array[]): Order {
  const order = new Order()
  const heap = filled(streams)
  for (let first = heap.pop(); first !== undefined; first = heap.pop()) {
    const { reader, shard } = first
    order.add(first.timeNs, shard)
    if (reader.next()) heap.push({ timeNs: reader.monoRelNs, shard, reader })
  }
  return order
}

function mergeLeanHeap(streams: readonly Float64Array[]): Order {
  const order = new Order()
  const heap = filled(streams)
  for (let first = heap.peek(); first !== undefined; first = heap.peek()) {
    const { reader, shard } = first
    order.add(first.timeNs, shard)
    if (reader.next()) heap.replaceFirst({ timeNs: reader.monoRelNs, shard, reader })
    else heap.pop()
  }
  return order
}

function filled(streams: readonly Float64Array[]): ObjectHeap {
  const heap = new ObjectHeap()
  streams.forEach((times, shard) => {
    const reader = new ShardReader(times, shard)
    if (reader.next()) heap.push({ timeNs: reader.monoRelNs, shard, reader })
  })
  return heap
}
