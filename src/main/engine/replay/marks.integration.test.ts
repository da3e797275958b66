import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openBundle, type OpenBundle } from '../bundle/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { IndexPass } from './indexPass.ts'
import { runOfBundle, TapeRun } from './runTape.ts'
import { ScratchFile } from './scratchFile.ts'
import { findTrade } from './tradeJump.ts'

const EVERY_EVENTS = 200
const HELD_BYTES = 60_000
const PLACES = [0.02, 0.2, 0.33, 0.5, 0.71, 0.9, 0.99]
let bundle: OpenBundle
let endRelNs = 0
const opened: IndexPass[] = []

beforeAll(async () => {
  bundle = await openBundle(
    await writeRoughRun({ venue: 'polymarket', seed: 61, shards: 2, markets: 3, seconds: 60, messagesPerSecond: 150, weather: true })
  )
  endRelNs = Math.max(...bundle.shards.map(({ lastMonoRelNs = 0 }) => lastMonoRelNs))
})
afterEach(() => {
  for (const index of opened.splice(0)) index.close()
})
afterAll(() => {
  bundle.close()
  rmSync(dirname(bundle.dir), { recursive: true })
})

function indexed(heldBytes: number, step: (index: IndexPass) => void = () => undefined): IndexPass {
  const index = new IndexPass(runOfBundle(bundle), { everyEvents: EVERY_EVENTS, heldBytes })
  opened.push(index)
  while (!index.done) {
    index.step(20)
    step(index)
  }
  return index
}

function sumsOf(index: IndexPass): (readonly [string, number])[] {
  const target = new TapeRun(runOfBundle(bundle), {})
  try {
    return PLACES.map((share) => {
      index.seek(target, Math.floor(share * endRelNs))
      return [target.tape.summary().sha256, target.tape.frames] as const
    })
  } finally {
    target.close()
  }
}

/** A state without its running sum, which lives in memory and has no content to compare. */
function stateOf(index: IndexPass, n: number): object {
  const { keyframe, positions, latest } = index.marks.get(n)
  const { fingerprint, ...rest } = keyframe
  return { rest, positions, latest, counts: fingerprint.counts }
}

describe('however long a run is, the states for its seeks', () => {
  test('take no more memory than the limit, and nothing of them changes on the way through the file', () => {
    const whole = indexed(Infinity)
    let most = 0
    const index = indexed(HELD_BYTES, ({ marks }) => (most = Math.max(most, marks.heldBytes)))
    expect(whole.marks.heldBytes).toBeGreaterThan(5 * HELD_BYTES)
    expect(most).toBeLessThanOrEqual(HELD_BYTES)
    expect(index.marks.length).toBe(whole.marks.length)
    expect(index.marks.length - index.marks.putAside).toBeLessThan(index.marks.length / 2)
    for (let n = 0; n < index.marks.length; n++) {
      expect(index.marks.timeOf(n)).toBe(whole.marks.timeOf(n))
      expect(stateOf(index, n)).toEqual(stateOf(whole, n))
    }
    expect(sumsOf(index)).toEqual(sumsOf(whole))
  })

  test('lie no further apart than the limit of events', () => {
    const { marks } = indexed(HELD_BYTES)
    const events = Array.from({ length: marks.length }, (_, n) => marks.get(n).keyframe.events)
    // One frame may cross it.
    for (let n = 1; n < events.length; n++) expect(events[n]! - events[n - 1]!).toBeLessThan(EVERY_EVENTS + 60)
  })

  test('give the same trades before and after', () => {
    const run = runOfBundle(bundle)
    const [whole, index] = [indexed(Infinity), indexed(HELD_BYTES)]
    for (const share of PLACES) {
      for (const direction of [1, -1] as const) {
        const fromRelNs = Math.floor(share * endRelNs)
        expect(findTrade(index, run, 1, fromRelNs, direction)).toBe(findTrade(whole, run, 1, fromRelNs, direction))
      }
    }
  })

  test('become fewer where no temporary file can be written, and lead to the same places', () => {
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = '/nowhere/at/all'
    let most = 0
    try {
      const index = indexed(4 * HELD_BYTES, ({ marks }) => (most = Math.max(most, marks.heldBytes)))
      expect(index.marks.putAside).toBe(0)
      expect(index.marks.length).toBeLessThan(index.tape.fingerprint.events / EVERY_EVENTS / 2)
      expect(most).toBeLessThanOrEqual(4 * HELD_BYTES)
      expect(sumsOf(index)).toEqual(sumsOf(indexed(Infinity)))
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
  })
})

test('a scratch file has no name that a killed process could leave behind', () => {
  const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('tapedeck-marks-test-'))
  const file = new ScratchFile('marks-test')
  expect(folders()).toEqual([])
  const spans = [file.append(new Uint8Array([1, 2, 3])), file.append(new Uint8Array([4, 5]))]
  expect(spans.map((span) => [...file.read(span)])).toEqual([
    [1, 2, 3],
    [4, 5]
  ])
  file.close()
  file.close()
  expect(folders()).toEqual([])
})
