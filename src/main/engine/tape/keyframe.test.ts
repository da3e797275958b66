import { expect, test } from 'vitest'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'
import { binanceInStep, binanceTape, depth, S, snapshot, TestTape } from './testTape.ts'

/** A fresh tape in the state of another, to be given the same frames from here on. */
function twin(of: TestTape): TestTape {
  const keyframe = takeKeyframe(of.tape, undefined)
  const other = new TestTape(of.tape.options.venue)
  restoreKeyframe(other.tape, keyframe, of.tape)
  other.now = of.now
  return other
}

/** Both get the same frames: what comes out must be the same, but for where each began to count its frames. */
function both(a: TestTape, b: TestTape, give: (t: TestTape) => void): void {
  const from = a.records().length
  give(a)
  give(b)
  const plain = (records: ReturnType<TestTape['records']>): unknown[] => records.map(({ frameIdx: _idx, ...rest }) => rest)
  expect(plain(b.records())).toEqual(plain(a.records().slice(from)))
}

test('levels that were left out before are not told again, and those left out later are', () => {
  const levels = Array.from({ length: 20_010 }, (_, i) => [String(30_000 - i), '1'] as const)
  const a = binanceTape()
    .json(depth(1, 1))
    .rest('depth', 'ABC', snapshot(1, levels, [['30001', '1']]))
  const b = twin(a)
  both(a, b, (t) => t.json(depth(2, 2, [['30000.5', '1']])))
  expect(b.of('integrity').map((event) => event.text)).toEqual([expect.stringContaining(' 1 of the levels')])
})

test('a connection that is down stays down, and what was asked for stays asked for', () => {
  const a = binanceInStep().json(depth(20, 21)).note({ note: 'conn_closed', trigger: 'exception' })
  both(a, twin(a), (t) =>
    t
      .rest('depth', 'ABC', snapshot(30))
      .note({ note: 'conn_open', streams: ['abc@depth'] })
      .json(depth(40, 41))
      .rest('depth', 'ABC', snapshot(40))
  )
  const c = binanceInStep().json(depth(20, 21)).note({ note: 'rest', kind: 'depth', key: 'ABC', body: true })
  both(c, twin(c), (t) => t.push(JSON.stringify(snapshot(25)), 9))
})

test('a keyframe does not change when the tape goes on', () => {
  const a = binanceInStep()
  a.tape.drain()
  const keyframe = takeKeyframe(a.tape, undefined)
  const before = structuredClone({ ...keyframe, fingerprint: keyframe.fingerprint.counts })
  a.json(depth(11, 11, [['9', '4']]))
    .json({ e: 'trade', s: 'ABC', t: 1, p: '10', q: '1', m: true })
    .json(depth(20, 21))
    .ticksTo(3 * S)
    .push('{')
  expect(structuredClone({ ...keyframe, fingerprint: keyframe.fingerprint.counts })).toEqual(before)
})

test('books that did not change are shared between keyframes, others are not', () => {
  const a = binanceTape(['ABC', 'XYZ'])
    .json(depth(1, 1))
    .rest('depth', 'ABC', snapshot(1))
    .json(depth(1, 1, [], [], 'XYZ'))
    .rest('depth', 'XYZ', snapshot(1))
  const first = takeKeyframe(a.tape, undefined)
  a.json(depth(2, 2, [['9', '1']]))
  const second = takeKeyframe(a.tape, first)
  expect(second.books[1]).toBe(first.books[1])
  expect(second.books[0]).not.toBe(first.books[0])
  // A spot reference that moves at the end of a second is a change too.
  a.ticksTo(1.5 * S)
  expect(takeKeyframe(a.tape, second).books[1]).not.toBe(second.books[1])
})

test('what discovery said after a keyframe is not known to a tape that goes back to it', () => {
  const a = new TestTape('polymarket').note({ note: 'conn_open', tokens: ['1'] })
  const b = twin(a)
  const market = (question: string): object => [{ conditionId: '0x1', question, outcomes: '["Yes","No"]', clobTokenIds: '["1","2"]' }]
  both(a, b, (t) => t.rest('markets', '', market('Before?')).note({ note: 'conn_open', tokens: ['1', '2'] }))
  expect(JSON.parse(b.of('instrument').at(-1)!.text)).toMatchObject({ token_id: '2', name: 'Before?' })
  const c = twin(a)
  a.rest('markets', '', [{ conditionId: '0x2', question: 'After?', clobTokenIds: '["3"]' }])
  c.note({ note: 'conn_open', tokens: ['3'] })
  expect(JSON.parse(c.of('instrument').at(-1)!.text)).toEqual({ token_id: '3' })
})
