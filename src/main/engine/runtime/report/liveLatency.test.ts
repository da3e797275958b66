import { expect, test } from 'vitest'
import { LiveLatency } from './liveLatency.ts'

test('an event of a frame that is not decoded begins its way with that frame, not with the one before', () => {
  let now = 0
  const latency = new LiveLatency(() => now)
  const event = (): void => {
    latency.state()
    latency.strategy()
    latency.allocator(false)
    latency.execution()
    latency.emit()
  }
  latency.frame(0)
  latency.decodeStart()
  latency.decodeEnd()
  latency.normalised()
  event()
  // A second later a note comes, whose connection takes the books with it.
  now = 1e9
  latency.frame(1e9 - 10_000)
  event()
  const stages = latency.summary()
  expect(stages.normalize_to_state).toMatchObject({ count: 2, max_us: 50 })
  expect(stages.decode_to_normalize).toMatchObject({ count: 2, max_us: 50 })
  expect(stages.recv_to_decode).toMatchObject({ count: 1 })
  expect(stages.e2e_total).toMatchObject({ count: 2, max_us: 50 })
})
