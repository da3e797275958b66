import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBundle, type OpenBundle } from '../bundle/index.ts'
import { runOfBundle, seekTo, TapeRun } from '../replay/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { LiveIndex } from './liveIndex.ts'

let bundle: OpenBundle
beforeAll(async () => {
  bundle = await openBundle(await writeRoughRun({ venue: 'binance', seed: 51, shards: 2, markets: 3, seconds: 60, messagesPerSecond: 150 }))
})
afterAll(() => {
  bundle.close()
  rmSync(dirname(bundle.dir), { recursive: true })
})

test('however little memory the marks may take, every place of the recording is reached, with the sum over all events up to it', () => {
  const run = runOfBundle(bundle)
  const live = new TapeRun(run, { onRecords: (bytes, length) => index.addEvents(bytes, length) })
  const index = new LiveIndex(live.tape, () => run, { everyEvents: 300, heldBytes: 50_000 })
  const sums = new Map<number, string>()
  index.mark()
  for (let n = 1; n > 0;) {
    n = live.advance(Infinity, 50)
    for (const [shard, position] of live.positions()) index.reached(shard, position)
    index.mark()
    sums.set(live.tape.recvRelNs, live.tape.summary().sha256)
  }
  const events = live.tape.fingerprint.events
  expect(events / 300).toBeGreaterThan(30)
  expect(index.marks.length).toBeGreaterThan(30)
  expect(index.marks.putAside).toBeGreaterThan(20)
  expect(index.marks.heldBytes).toBeLessThanOrEqual(50_000)
  const target = new TapeRun(run, {})
  for (const [relNs, sha256] of [...sums].toReversed().filter((_, i) => i % 9 === 0)) {
    seekTo(index, target, relNs)
    expect(target.tape.summary().sha256).toBe(sha256)
  }
  target.close()
  index.close()
  live.close()
})
