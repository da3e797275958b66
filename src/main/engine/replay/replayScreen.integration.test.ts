import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openBundle } from '../bundle/index.ts'
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

describe('what the screen gets', () => {
  test('columns of the history are the columns that were played, byte for byte', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'speed', speed: 10 })
    ask({ kind: 'play' })
    screen.until(session, () => session.state.phase === 'finished')
    const { instrumentId } = session.state
    const columns = (kind: 'played' | 'backfill', epoch: number): [number, string][] =>
      screen.seen.flatMap(({ kind: k, epoch: e, record, hex }) =>
        record.ch === 'depth_1s' && k === kind && e === epoch && record.instrumentId === instrumentId ? [[record.second, hex]] : []
      )
    const played = new Map(columns('played', 1))
    expect(played.size).toBeGreaterThan(SECONDS / 2)
    for (const share of [0.4, 1]) {
      ask({ kind: 'seek', relNs: share * session.state.endRelNs })
      const epoch = session.state.viewEpoch
      screen.run(session, 2000)
      const history = columns('backfill', epoch)
      expect(history.length).toBeGreaterThan(share * played.size - 3)
      expect(history).toEqual([...played].filter(([second]) => history.some(([s]) => s === second)))
      expect(history).toEqual([...played].slice(0, history.length))
    }
  })

  test('trades too, and none twice', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'play' })
    screen.run(session, 8_000)
    const { instrumentId } = session.state
    ask({ kind: 'select', instrumentId: instrumentId === 1 ? 2 : 1 })
    ask({ kind: 'select', instrumentId })
    screen.run(session, 8_000)
    const trades = screen.of('tape_trades', session.state.viewEpoch)
    const bundle = await openBundle(dir)
    const wanted: string[] = []
    const run = new TapeRun(runOfBundle(bundle), {})
    run.advance(session.state.playheadRelNs, Infinity)
    const state = run.tape.books.instruments.get(instrumentId)!
    expect(trades).toHaveLength(state.trades)
    expect(new Set(trades.map((trade) => `${trade.shard}/${trade.frameIdx}/${trade.pos}`)).size).toBe(trades.length)
    expect(trades.every((trade) => trade.instrumentId === instrumentId)).toBe(true)
    expect(wanted).toEqual([])
    run.close()
    bundle.close()
  })

  test('every jump begins a new view epoch, and no frame of it bears the old one', async () => {
    const { session, screen, ask } = await open()
    const epochs = [session.state.viewEpoch]
    ask({ kind: 'seek', relNs: 3e9 })
    epochs.push(session.state.viewEpoch)
    ask({ kind: 'select', instrumentId: 2 })
    epochs.push(session.state.viewEpoch)
    session.command({ kind: 'refresh' })
    epochs.push(session.state.viewEpoch)
    ask({ kind: 'step', unit: 'second', direction: 1 })
    epochs.push(session.state.viewEpoch)
    expect(epochs).toEqual([1, 2, 3, 4, 5])
    const from = screen.seen.length
    screen.run(session, 1000)
    expect(new Set(screen.seen.slice(from).map((seen) => seen.epoch))).toEqual(new Set([5]))
  })

  test('a refresh sends the timeline and the history again', async () => {
    const { session, screen, ask } = await open()
    ask({ kind: 'seek', relNs: 30e9 })
    screen.run(session, 1000)
    const before = screen.of('depth_1s')
    session.command({ kind: 'refresh' })
    screen.run(session, 1000)
    expect(screen.of('depth_1s', session.state.viewEpoch)).toEqual(before)
    expect(screen.of('timeline_1s', session.state.viewEpoch)).toEqual(screen.of('timeline_1s', 1))
    expect(screen.of('ladder', session.state.viewEpoch)).not.toEqual([])
  })

  test('an instrument that does not exist is refused and changes nothing', async () => {
    const { session, ask } = await open()
    const before = session.state
    expect(ask({ kind: 'select', instrumentId: 99 })).toBe('failed 1: USAGE')
    expect(session.state).toEqual(before)
  })

  test('a screen that reads nothing gets no more than its credit and one frame, and everything once it reads', async () => {
    const { session, screen, ask } = await open()
    session.command({ kind: 'play', requestId: 78 })
    screen.run(session, 5_000)
    screen.reading = false
    session.command({ kind: 'credit', bytes: -4 * 1024 * 1024 })
    screen.owed = 4 * 1024 * 1024
    const { frames } = screen
    session.command({ kind: 'speed', requestId: 77, speed: 10 })
    screen.run(session, 20_000)
    expect(screen.frames - frames).toBeLessThanOrEqual(1)
    expect(session.state.phase).toBe('playing')
    screen.read()
    screen.until(session, () => session.state.phase === 'finished')
    expect(session.state.fingerprint).toBe(fingerprint)
    const columns = screen.of('depth_1s').filter((column) => column.instrumentId === session.state.instrumentId)
    expect(new Set(columns.map((column) => column.second)).size).toBe(columns.length)
    expect(ask({ kind: 'pause' })).toMatch(/^done/)
  })

  test('a screen without credit from the beginning gets the whole timeline once it reads', async () => {
    const { session, screen } = await open(dir, false)
    session.command({ kind: 'credit', bytes: -4 * 1024 * 1024 })
    screen.reading = false
    screen.owed = 4 * 1024 * 1024
    screen.run(session, 5_000)
    expect(session.state.indexed).toBe(1)
    expect(screen.frames).toBeLessThanOrEqual(1)
    screen.read()
    screen.run(session, 1_000)
    const { screen: other } = await open()
    expect(screen.of('timeline_1s')).toEqual(other.of('timeline_1s'))
    expect(screen.of('integrity')).toEqual(other.of('integrity'))
  })
})
