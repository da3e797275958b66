import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openBundle } from '../bundle/index.ts'
import { RunWriter } from '../importer/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { replayReport } from './replayReport.ts'
import { runOfBundle, TapeRun } from './runTape.ts'
import { closeStages, openStage, type Stage } from './testStage.ts'

const SECONDS = 40
let dir = ''
let fingerprint = ''

beforeAll(async () => {
  dir = await writeRoughRun({ venue: 'binance', seed: 5, shards: 2, markets: 3, seconds: SECONDS, messagesPerSecond: 120 })
  fingerprint = (await replayReport(dir)).fingerprint
})
afterEach(closeStages)
afterAll(() => rmSync(dirname(dir), { recursive: true }))

const open = (path = dir, ready = true): Promise<Stage> => openStage(path, ready)

/** Events by channel as of a time, by playing. */
async function countsAt(relNs: number): Promise<unknown> {
  const bundle = await openBundle(dir)
  const run = new TapeRun(runOfBundle(bundle), {})
  run.advance(relNs, Infinity)
  const summary = run.tape.summary()
  run.close()
  bundle.close()
  return summary.counts
}

describe('opening', () => {
  test('shows the busiest instrument, paused at the beginning', async () => {
    const { session, screen } = await open()
    expect(session.state).toMatchObject({
      mode: 'replay',
      phase: 'paused',
      playheadRelNs: session.state.startRelNs,
      indexed: 1,
      fingerprint,
      viewEpoch: 1
    })
    expect(session.state.instrumentId).toBeGreaterThan(0)
    expect(screen.of('timeline_1s').length).toBeGreaterThan(SECONDS / 2)
    const instruments = screen.events.findLast((event) => event.kind === 'instruments')
    expect(instruments?.instruments).toHaveLength(3)
  })

  test.each(['play', 'seek', 'step'] as const)('a %s that comes before the first look waits for it', async (kind) => {
    const { session, screen, ask } = await open(dir, false)
    const command = kind === 'seek' ? { kind, relNs: 10e9 } : kind === 'step' ? ({ kind, unit: 'event', direction: 1 } as const) : { kind }
    expect(ask(command)).toBe('done 1')
    screen.until(session, () => session.state.indexed === 1)
    screen.run(session, 3000)
    expect(session.state.instrumentId).toBeGreaterThan(0)
    expect(session.state.phase).toBe(kind === 'play' ? 'playing' : 'paused')
    if (kind === 'play') expect(screen.of('depth_1s').length).toBeGreaterThan(0)
  })

  test('a bundle without frames, without shards and with a single frame plays to its end', async () => {
    for (const shards of [0, 1, 3]) {
      const folder = mkdtempSync(join(tmpdir(), 'tapedeck-empty-'))
      const path = join(folder, 'run')
      const writer = new RunWriter({
        dir: path,
        runId: 'empty',
        t0WallNs: 1_700_000_000_000_000_000n,
        shards,
        facts: { synthetic: true, venue: 'binance', source: '' }
      })
      if (shards === 3) writer.message(2, '{"e":"trade","s":"A","t":1,"p":"1","q":"1","m":true}', 5e9)
      writer.close()
      const { session, screen, ask } = await open(path)
      expect(session.state.phase).toBe('paused')
      expect(ask({ kind: 'step', unit: 'event', direction: 1 })).toMatch(/^done/)
      expect(ask({ kind: 'seek', relNs: 99e9 })).toMatch(/^done/)
      expect(ask({ kind: 'play' })).toMatch(/^done/)
      screen.until(session, () => session.state.phase === 'finished')
      expect(session.state.fingerprint).toBe((await replayReport(path)).fingerprint)
      session.dispose()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('playing', () => {
  test.each([0.1, 0.5, 1, 7.3, 50, 100, 0])('at speed %d the end has the same fingerprint', async (speed) => {
    const { session, screen, ask } = await open()
    ask({ kind: 'speed', speed })
    ask({ kind: 'play' })
    const from = screen.nowNs
    screen.until(session, () => session.state.phase === 'finished')
    expect(session.state.fingerprint).toBe(fingerprint)
    expect(session.state.playheadRelNs).toBe(session.state.endRelNs)
    if (speed === 0) return
    const { startRelNs, endRelNs } = session.state
    const wanted = (endRelNs - startRelNs) / speed
    // The last tick is counted in full, and a session that stands still ticks every 50 ms.
    expect(Math.abs(screen.nowNs - from - wanted)).toBeLessThan(60e6)
  })

  test('the clock does not drift, however irregular the ticks and however often the speed changes', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'play' })
    let expected = session.state.playheadRelNs
    for (const speed of [1, 3, 0.5, 10, 1]) {
      session.command({ kind: 'speed', requestId: 900, speed })
      for (const ms of [3, 170, 41, 600, 7]) {
        screen.nowNs += ms * 1e6
        session.tick()
        expected += ms * 1e6 * speed
      }
      expect(session.state.playheadRelNs).toBeCloseTo(expected, -2)
    }
  })

  test('the playhead never goes back by itself, not even while the screen does not read', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'play' })
    let last = 0
    for (let i = 0; i < 400; i++) {
      screen.reading = i % 7 > 3
      if (screen.reading) screen.read()
      if (i % 7 === 1) session.command({ kind: 'credit', bytes: -6e6 })
      if (i % 7 === 4) session.command({ kind: 'credit', bytes: 6e6 })
      screen.run(session, 13)
      expect(session.state.playheadRelNs).toBeGreaterThanOrEqual(last)
      last = session.state.playheadRelNs
    }
  })

  test('pause stands still and play goes on from there', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'play' })
    screen.run(session, 2500)
    ask({ kind: 'pause' })
    const at = session.state.playheadRelNs
    screen.run(session, 60_000)
    expect(session.state).toMatchObject({ phase: 'paused', playheadRelNs: at })
    ask({ kind: 'play' })
    screen.run(session, 1000)
    expect(session.state.playheadRelNs - at).toBeCloseTo(1e9, -7.5)
  })

  test('play at the end starts again at the beginning', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'seek', relNs: 1e15 })
    expect(session.state.phase).toBe('finished')
    ask({ kind: 'play' })
    screen.run(session, 1000)
    expect(session.state.phase).toBe('playing')
    expect(session.state.playheadRelNs - session.state.startRelNs).toBeCloseTo(1e9, -8)
  })

  test('speed 0 after a while plays the rest at once', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'play' })
    screen.run(session, 1500)
    ask({ kind: 'speed', speed: 0 })
    const from = screen.nowNs
    screen.until(session, () => session.state.phase === 'finished')
    expect(screen.nowNs - from).toBeLessThan(2e9)
    expect(session.state.fingerprint).toBe(fingerprint)
  })

  test('idle time is skipped by choice, and nothing is lost by it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapedeck-idle-'))
    const path = join(folder, 'run')
    const writer = new RunWriter({
      dir: path,
      runId: 'idle',
      t0WallNs: 1_700_000_000_000_000_000n,
      shards: 1,
      facts: { synthetic: true, venue: 'binance', source: '' }
    })
    const trade = (i: number, at: number): void => writer.message(0, `{"e":"trade","s":"A","t":${i},"p":"1","q":"1","m":true}`, at)
    trade(0, 0)
    for (let at = 1; at < 3600 * 4; at++) writer.note(0, { note: 'tick' }, at * 250e6)
    trade(1, 3600e9)
    trade(2, 3601e9)
    writer.close()
    const wanted = (await replayReport(path)).fingerprint
    for (const skip of [false, true]) {
      const { session, screen, ask } = await open(path)
      ask({ kind: 'skipIdle', skip })
      ask({ kind: 'play' })
      const from = screen.nowNs
      screen.until(session, () => session.state.phase === 'finished')
      const took = (screen.nowNs - from) / 1e9
      if (skip) expect(took).toBeLessThan(6)
      else expect(took).toBeGreaterThan(3600)
      expect(session.state.fingerprint).toBe(wanted)
      session.dispose()
    }
    rmSync(folder, { recursive: true })
  })
})

describe('seeking', () => {
  test('the counts at the playhead are those reached by playing', async () => {
    const { session, ask } = await open()
    for (const share of [0.5, 0.1, 0.9, 0.45, 0, 1]) {
      const { startRelNs, endRelNs } = session.state
      const relNs = startRelNs + share * (endRelNs - startRelNs)
      expect(ask({ kind: 'seek', relNs })).toMatch(/^done/)
      expect(session.state.playheadRelNs).toBe(relNs)
      expect(session.state.counts).toEqual(await countsAt(relNs))
    }
  })

  test('beyond the ends it stops at the ends', async () => {
    const { session, ask } = await open()
    const { startRelNs, endRelNs } = session.state
    ask({ kind: 'seek', relNs: -9e15 })
    expect(session.state).toMatchObject({ playheadRelNs: startRelNs, phase: 'paused' })
    ask({ kind: 'seek', relNs: 9e15 })
    expect(session.state).toMatchObject({ playheadRelNs: endRelNs, phase: 'finished', fingerprint })
  })

  test('after a seek the rest of the run is the same', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'speed', speed: 0 })
    for (const share of [0.3, 0.8]) {
      ask({ kind: 'seek', relNs: share * session.state.endRelNs })
      ask({ kind: 'play' })
      screen.until(session, () => session.state.phase === 'finished')
      expect(session.state.fingerprint).toBe(fingerprint)
      expect(session.state.counts).toEqual((await replayReport(dir)).counts)
    }
  })

  test('a seek while playing plays on', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'play' })
    screen.run(session, 500)
    ask({ kind: 'seek', relNs: 20e9 })
    screen.run(session, 500)
    expect(session.state.phase).toBe('playing')
    expect(session.state.playheadRelNs).toBeCloseTo(20.5e9, -7.5)
  })

  test('seeks while the index is not there yet are answered, the last one counts, and playing goes on', async () => {
    const { session, screen } = await open(dir, false)
    session.command({ kind: 'play', requestId: 1 })
    session.command({ kind: 'seek', requestId: 2, relNs: 35e9 })
    session.command({ kind: 'seek', requestId: 3, relNs: 30e9 })
    screen.until(session, () => screen.answers().length >= 3)
    expect(screen.answers().sort()).toEqual(['done 1', 'done 2', 'done 3'])
    expect(session.state.phase).toBe('playing')
    screen.run(session, 100)
    expect(session.state.playheadRelNs).toBeCloseTo(30.1e9, -7.5)
  })
})

describe('steps', () => {
  test('a step of one event shows one more message of the market', async () => {
    const { session, ask } = await open()
    ask({ kind: 'seek', relNs: 5e9 })
    let trades = 0
    for (let i = 0; i < 50; i++) {
      const before = session.state
      expect(ask({ kind: 'step', unit: 'event', direction: 1 })).toMatch(/^done/)
      expect(session.state.playheadRelNs).toBeGreaterThan(before.playheadRelNs - 1)
      const events = (state: typeof before): number =>
        (state.counts.l2_book ?? 0) + (state.counts.tape_trades ?? 0) + (state.counts.bbo ?? 0) + (state.counts.integrity ?? 0)
      expect(events(session.state)).toBeGreaterThan(events(before))
      trades += (session.state.counts.tape_trades ?? 0) - (before.counts.tape_trades ?? 0)
    }
    expect(trades).toBeGreaterThan(0)
  })

  test('steps of one second go both ways and end where they began', async () => {
    const { session, ask } = await open()
    ask({ kind: 'seek', relNs: 12.25e9 })
    const { counts } = session.state
    ask({ kind: 'step', unit: 'second', direction: 1 })
    expect(session.state.playheadRelNs).toBe(13.25e9)
    ask({ kind: 'step', unit: 'second', direction: -1 })
    expect(session.state).toMatchObject({ playheadRelNs: 12.25e9, counts, phase: 'paused' })
  })

  test('a step back by an event is refused in words', async () => {
    const { screen, ask } = await open()
    expect(ask({ kind: 'step', unit: 'event', direction: -1 })).toBe('failed 1: USAGE')
    const failed = screen.events.find((event) => event.kind === 'failed')
    expect(failed?.failure.message).toMatch(/step of one second/)
  })

  test('steps of a second beyond the ends stop there', async () => {
    const { session, ask } = await open()
    ask({ kind: 'step', unit: 'second', direction: -1 })
    expect(session.state.playheadRelNs).toBe(session.state.startRelNs)
    ask({ kind: 'seek', relNs: session.state.endRelNs - 1e8 })
    ask({ kind: 'step', unit: 'second', direction: 1 })
    expect(session.state).toMatchObject({ playheadRelNs: session.state.endRelNs, phase: 'finished' })
    ask({ kind: 'step', unit: 'event', direction: 1 })
    expect(session.state.phase).toBe('finished')
    ask({ kind: 'step', unit: 'second', direction: -1 })
    expect(session.state).toMatchObject({ playheadRelNs: session.state.endRelNs - 1e9, phase: 'paused' })
  })

  test('steps given faster than they are carried out all count', async () => {
    const { session, screen } = await open(dir, false)
    session.command({ kind: 'seek', requestId: 1, relNs: 20e9 })
    for (let i = 2; i < 7; i++) session.command({ kind: 'step', requestId: i, unit: 'second', direction: 1 })
    screen.until(session, () => screen.answers().length === 6)
    expect(session.state.playheadRelNs).toBe(25e9)
  })
})

test('closing twice is once, and a closed session does nothing', async () => {
  const { session, screen } = await open()
  session.dispose()
  session.command({ kind: 'close' })
  expect(screen.events.filter((event) => event.kind === 'closed')).toHaveLength(1)
  const { length } = screen.events
  expect(session.tick()).toBeGreaterThan(100)
  expect(screen.events).toHaveLength(length)
})
