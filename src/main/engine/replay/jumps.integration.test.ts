import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { PlayheadFingerprint } from '../../../shared/api/index.ts'
import { encodeRecord, eventWindow, getI64, recordBytes, type EventWindow, type TapeRecord } from '../../../shared/channels/index.ts'
import { openBundle } from '../bundle/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { JumpIndex } from './jumpIndex.ts'
import { eachRecord } from './testRecords.ts'
import { runOfBundle, TapeRun } from './runTape.ts'
import { closeStages, openStage, type Stage } from './testStage.ts'

let dir = ''
/** Times at which something of a kind was received, by looking at every record. */
const truth = { gap: new Set<number>(), trade: new Map<number, Set<number>>() }

beforeAll(async () => {
  dir = await writeRoughRun({ venue: 'binance', seed: 15, shards: 2, markets: 3, seconds: 60, messagesPerSecond: 150 })
  const bundle = await openBundle(dir)
  const run = new TapeRun(runOfBundle(bundle), {
    withoutFingerprint: true,
    onRecords: (bytes, length) =>
      eachRecord(bytes, length, (record: TapeRecord) => {
        if (record.ch === 'integrity' && (record.kind === 'GAP_DETECTED' || record.kind === 'BOOK_RESYNC_START'))
          truth.gap.add(record.recvRelNs)
        if (record.ch === 'tape_trades') {
          const own = truth.trade.get(record.instrumentId) ?? new Set()
          truth.trade.set(record.instrumentId, own.add(record.recvRelNs))
        }
      })
  })
  run.advance(Infinity, Infinity)
  run.tape.drain()
  run.close()
  bundle.close()
})
afterEach(closeStages)
afterAll(() => rmSync(dirname(dir), { recursive: true }))

/** The places that jumps in one direction find from here on, at most so many. */
function walk({ session, ask, screen }: Stage, to: 'gap' | 'trade', direction: 1 | -1, relNs: number, atMost = Infinity): number[] {
  ask({ kind: 'seek', relNs })
  const found: number[] = []
  for (;;) {
    if (found.length === atMost) return found
    const answer = ask({ kind: 'jump', to, direction })
    const value = screen.events.findLast((event) => event.kind === 'done' && answer === `done ${event.requestId}`)
    if (!(value as { value: { moved: boolean } }).value.moved) return found
    found.push(session.state.playheadRelNs)
  }
}

describe('jumps', () => {
  test('forwards and backwards they find every gap once, and end where there is none', async () => {
    const stage = await openStage(dir)
    const { startRelNs, endRelNs } = stage.session.state
    const gaps = [...truth.gap].sort((a, b) => a - b)
    expect(walk(stage, 'gap', 1, startRelNs)).toEqual(gaps.filter((at) => at > startRelNs))
    expect(walk(stage, 'gap', -1, endRelNs)).toEqual(gaps.filter((at) => at < endRelNs).toReversed())
    expect(stage.screen.events.some((event) => event.kind === 'notice' && event.text === 'There is no gap before this.')).toBe(true)
  })

  test('trades are those of the instrument on screen, every frame with one or more of them once', async () => {
    const stage = await openStage(dir)
    stage.ask({ kind: 'select', instrumentId: 2 })
    const trades = [...truth.trade.get(2)!].sort((a, b) => a - b)
    expect(trades.length).toBeGreaterThan(50)
    expect(walk(stage, 'trade', 1, 20e9, 20)).toEqual(trades.filter((at) => at > 20e9).slice(0, 20))
    expect(walk(stage, 'trade', -1, trades.at(-5)!, 20)).toEqual(trades.slice(-25, -5).toReversed())
    expect(walk(stage, 'trade', 1, trades.at(-4)!)).toEqual(trades.slice(-3))
    expect(walk(stage, 'trade', -1, trades[3]!)).toEqual(trades.slice(0, 3).toReversed())
  })

  test('a jump asked for before the bundle was indexed waits until it can be answered', async () => {
    const { session, ask, screen } = await openStage(dir, false)
    ask({ kind: 'jump', to: 'gap', direction: 1 })
    expect(session.state.playheadRelNs).toBe(Math.min(...[...truth.gap].filter((at) => at > session.state.startRelNs)))
    ask({ kind: 'jump', to: 'metar', direction: 1 })
    expect(session.state.phase).toBe('paused')
    expect(screen.events.findLast((event) => event.kind === 'done')).toMatchObject({ value: { moved: false } })
  })

  test('decisions are those of the strategies that were run over the bundle; without any that is said', async () => {
    const stage = await openStage(dir)
    const { ask, screen, session } = stage
    const value = (): unknown => {
      const done = screen.events.findLast((event) => event.kind === 'done')
      return done?.kind === 'done' ? done.value : undefined
    }
    ask({ kind: 'seek', relNs: 10e9 })
    ask({ kind: 'jump', to: 'decision', direction: 1 })
    expect(value()).toMatchObject({ moved: false, reason: expect.stringContaining('No decisions are known here') as string })
    ask({ kind: 'decisions', relNs: [] })
    ask({ kind: 'jump', to: 'decision', direction: 1 })
    expect(value()).toMatchObject({ moved: false, reason: 'The strategy that was run over this decided nothing.' })
    ask({ kind: 'decisions', relNs: [12e9, 12e9 + 1, 33e9] })
    const walked: number[] = []
    for (const direction of [1, 1, 1, 1, -1, -1] as const) {
      ask({ kind: 'jump', to: 'decision', direction })
      walked.push(session.state.playheadRelNs)
    }
    expect(walked).toEqual([12e9, 12e9 + 1, 33e9, 33e9, 12e9 + 1, 12e9])
    ask({ kind: 'jump', to: 'decision', direction: -1 })
    expect(value()).toEqual({ moved: false, reason: 'There is no decision of the strategy before this.' })
  })

  test('playing goes on behind a jump', async () => {
    const { session, ask } = await openStage(dir)
    ask({ kind: 'play' })
    ask({ kind: 'jump', to: 'gap', direction: 1 })
    expect(session.state.phase).toBe('playing')
  })

  test('a percentage is one of time', async () => {
    const { session, ask } = await openStage(dir)
    const { startRelNs, endRelNs } = session.state
    ask({ kind: 'seekPercent', percent: 25 })
    expect(session.state.playheadRelNs).toBe(startRelNs + Math.round((endRelNs - startRelNs) / 4))
    ask({ kind: 'seekPercent', percent: 100 })
    expect(session.state.playheadRelNs).toBe(endRelNs)
  })
})

describe('a loop', () => {
  test('plays the same events in each round, from the pre-roll to its end', async () => {
    const { session, ask, screen } = await openStage(dir)
    ask({ kind: 'speed', speed: 20 })
    ask({ kind: 'loop', loop: { fromRelNs: 20e9, toRelNs: 24e9, preRollNs: 2e9 } })
    expect(session.state).toMatchObject({ playheadRelNs: 18e9, phase: 'paused' })
    ask({ kind: 'play' })
    screen.until(session, () => session.state.loop!.rounds === 4)
    const epochs = [...new Set(screen.seen.map((seen) => seen.epoch))].slice(-5, -1)
    const rounds = epochs.map((epoch) =>
      screen.seen
        .filter((seen) => seen.epoch === epoch && seen.kind === 'played' && seen.record.ch !== 'ladder' && seen.record.recvRelNs > 18e9)
        .map((seen) => seen.hex)
    )
    expect(rounds[1]!.length).toBeGreaterThan(5)
    for (const round of rounds.slice(2)) expect(round).toEqual(rounds[1])
    expect(session.state.playheadRelNs).toBeLessThanOrEqual(24e9)
    ask({ kind: 'loop', loop: null })
    screen.until(session, () => session.state.phase === 'finished')
    expect(session.state.loop).toBeUndefined()
  })

  test.each([0, 100])('up to the very end and beyond both ends is played at speed %d too', async (speed) => {
    const { session, ask, screen } = await openStage(dir)
    ask({ kind: 'speed', speed })
    ask({ kind: 'loop', loop: { fromRelNs: -5e9, toRelNs: 999e9, preRollNs: 1e9 } })
    ask({ kind: 'play' })
    screen.until(session, () => session.state.loop!.rounds === 2)
    expect(session.state.phase).toBe('playing')
  })

  test('needs a beginning before its end', async () => {
    const { ask } = await openStage(dir)
    expect(ask({ kind: 'loop', loop: { fromRelNs: 5e9, toRelNs: 5e9, preRollNs: 0 } })).toMatch(/^failed \d+: USAGE/)
    expect(ask({ kind: 'loop', loop: { fromRelNs: 500e9, toRelNs: 600e9, preRollNs: 0 } })).toMatch(/^failed \d+: USAGE/)
  })
})

describe('the fingerprint at the playhead', () => {
  test('is the same after a seek, after playing there, and by a pass of its own', async () => {
    const asked = ({ ask, screen }: Stage): PlayheadFingerprint => {
      ask({ kind: 'fingerprint' })
      return (screen.events.findLast((event) => event.kind === 'done') as { value: PlayheadFingerprint }).value
    }
    const played = await openStage(dir)
    played.ask({ kind: 'speed', speed: 50 })
    played.ask({ kind: 'play' })
    played.screen.run(played.session, 700)
    played.ask({ kind: 'pause' })
    const there = asked(played)
    expect(there.relNs).toBeGreaterThan(30e9)
    expect(played.session.state.playheadFingerprint).toBe(there.sha256)
    const sought = await openStage(dir)
    sought.ask({ kind: 'seek', relNs: 55e9 })
    sought.ask({ kind: 'seek', relNs: there.relNs })
    expect(asked(sought)).toEqual(there)
    const bundle = await openBundle(dir)
    const run = new TapeRun(runOfBundle(bundle), {})
    run.advance(there.relNs, Infinity)
    expect(run.tape.summary().sha256).toBe(there.sha256)
    run.close()
    bundle.close()
  })

  test('the newest event of each channel is known after a seek as after playing', async () => {
    const { session, ask, screen } = await openStage(dir)
    ask({ kind: 'seek', relNs: 30e9 })
    const sought = session.state.latest
    expect(sought?.tape_trades?.relNs).toBeLessThanOrEqual(30e9)
    ask({ kind: 'seek', relNs: 0 })
    ask({ kind: 'speed', speed: 100 })
    ask({ kind: 'loop', loop: { fromRelNs: 0, toRelNs: 30e9, preRollNs: 0 } })
    ask({ kind: 'play' })
    let last = session.state.latest
    screen.until(session, () => {
      if (session.state.loop!.rounds === 0) last = session.state.latest
      return session.state.loop!.rounds > 0
    })
    for (const place of Object.values(last!)) expect(place.relNs).toBeLessThanOrEqual(30e9)
  })
})

describe('the index of event windows', () => {
  const windowRecord = (frameIdx: number, relNs: number, fields: Partial<EventWindow>): Uint8Array => {
    const record: EventWindow = {
      ch: 'event_window',
      shard: 0,
      frameIdx,
      pos: 3,
      instrumentId: 7,
      recvRelNs: relNs,
      action: 'START',
      trigger: 'METAR',
      durationS: 120,
      startRelNs: relNs,
      causeShard: 0,
      causeFrameIdx: frameIdx,
      causePos: 3,
      text: 'x',
      ...fields
    }
    const bytes = new Uint8Array(recordBytes(eventWindow, record))
    encodeRecord(eventWindow, record, new DataView(bytes.buffer), 0)
    return bytes
  }

  test('a window is a stretch from its own START to its own END, shocks are found by themselves', () => {
    const index = new JumpIndex()
    for (const bytes of [
      windowRecord(1, 1e9, {}),
      windowRecord(2, 2e9, { trigger: 'MID_SHOCK' }),
      windowRecord(9, 9e9, { action: 'END', causeFrameIdx: 2, trigger: 'MID_SHOCK' }),
      windowRecord(11, 11e9, { trigger: 'MANUAL' })
    ])
      index.take(bytes, bytes.length)
    expect(index.marks()).toEqual({
      metar: [],
      gaps: [],
      shocks: [2e9],
      leftOut: 0,
      windows: [
        { fromRelNs: 1e9, trigger: 'METAR', instrumentId: 7, reason: 'x' },
        { fromRelNs: 2e9, toRelNs: 9e9, trigger: 'MID_SHOCK', instrumentId: 7, reason: 'x' },
        { fromRelNs: 11e9, trigger: 'MANUAL', instrumentId: 7, reason: 'x' }
      ]
    })
    expect([index.find('window', 1, 2e9), index.find('window', -1, 2e9), index.find('window', -1, 1.5e9)]).toEqual([11e9, 1e9, 1e9])
    expect([index.find('shock', 1, 2e9), index.find('shock', -1, 2e9), index.find('window', 1, 11e9)]).toEqual([
      undefined,
      undefined,
      undefined
    ])
    expect(getI64(new DataView(windowRecord(1, 5, {}).buffer), 24)).toBe(5)
  })
})
