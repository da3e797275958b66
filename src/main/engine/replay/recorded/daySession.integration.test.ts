import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { DayChoice, ModelNowcast, PlayheadFingerprint, PlayheadInputs } from '../../../../shared/api/index.ts'
import { compactRun } from '../../lake/index.ts'
import { eventIdsOf } from '../../tape/index.ts'
import type { ReplaySession } from '../replaySession.ts'
import { eachRecord } from '../testRecords.ts'
import { TestScreen, type Deed } from '../testScreen.ts'
import { closeStages, openStage } from '../testStage.ts'
import { dayReport } from './dayReport.ts'
import { openDaySession } from './daySession.ts'
import { recordedRun, type RecordedTestRun } from './testRecordedRun.ts'

const SHAPE = { venue: 'polymarket', shards: 2, markets: 2, seconds: 200, messagesPerSecond: 40, weather: true } as const
const T0 = BigInt(Date.parse('2026-11-20T15:00:00.25Z')) * 1_000_000n
const DAY_START = BigInt(Date.parse('2026-11-20T05:00:00Z')) * 1_000_000n
const SHIFT_NS = Number(T0 - DAY_START)

type Ask = (command: Deed extends infer D ? (D extends Deed ? Omit<D, 'requestId'> : never) : never) => unknown
interface DayStage {
  readonly session: ReplaySession
  readonly screen: TestScreen
  readonly ask: Ask
}

let run: RecordedTestRun
let work: string
const opened: ReplaySession[] = []
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tapedeck-day-test-'))
  run = await recordedRun({ ...SHAPE, seed: 61, t0Ns: T0 })
  await compactRun({ bundleDir: run.dir, lakeDir: join(work, 'lake') })
}, 60_000)
afterEach(() => {
  for (const session of opened.splice(0)) session.dispose()
  closeStages()
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

async function openDayStage(choice: Partial<DayChoice> = {}, lakeDir = join(work, 'lake'), bundleDirs: string[] = []): Promise<DayStage> {
  const screen = new TestScreen()
  const session = await openDaySession({ lakeDir, bundleDirs, choice: { date: '2026-11-20', ...choice } }, screen.host)
  opened.push(session)
  screen.onGrant = (bytes) => session.command({ kind: 'credit', bytes })
  let id = 0
  const ask: Ask = (command) => {
    const requestId = ++id
    session.command({ ...command, requestId })
    const answer = () => screen.events.find((event) => (event.kind === 'done' || event.kind === 'failed') && event.requestId === requestId)
    screen.until(session, () => answer() !== undefined)
    const given = answer()!
    if (given.kind === 'failed') throw new Error(given.failure.message)
    return given.kind === 'done' ? given.value : undefined
  }
  const indexed = (): number => {
    session.tick()
    return session.state.indexed
  }
  await expect.poll(indexed, { interval: 1 }).toBe(1)
  return { session, screen, ask }
}

function playedToEnd({ session, screen, ask }: DayStage): void {
  ask({ kind: 'speed', speed: 0 })
  ask({ kind: 'play' })
  screen.until(session, () => session.state.phase === 'finished')
}

describe('a recorded day', () => {
  test.each(['parquet', 'journal'] as const)('from %s gives the recorded fingerprint, by the index as by playing', async (place) => {
    const stage = place === 'parquet' ? await openDayStage() : await openDayStage({}, join(work, 'none'), [run.dir])
    const { state } = stage.session
    expect(state).toMatchObject({ mode: 'replay', phase: 'paused', path: '', fingerprint: run.recorded.sha256 })
    expect(state.day).toMatchObject({ date: '2026-11-20', storedIn: place, timeZone: 'America/New_York' })
    expect(state.name).toBe(`Recorded day 2026-11-20, from ${place === 'parquet' ? 'Parquet' : 'journal'}`)
    playedToEnd(stage)
    expect(stage.session.state).toMatchObject({ fingerprint: run.recorded.sha256, counts: run.recorded.counts })
  })

  test('at any instant the recorded fingerprint is the same from raw frames, Parquet and journal, by a seek as by playing', async () => {
    const days = [await openDayStage(), await openDayStage({}, join(work, 'none'), [run.dir])]
    const raw = await openStage(run.dir)
    const askRaw = (command: Parameters<typeof raw.ask>[0]): unknown => {
      raw.ask(command)
      const done = raw.screen.events.findLast((event) => event.kind === 'done')
      return done?.kind === 'done' ? done.value : undefined
    }
    const sums = new Set<string>()
    // The last one is played to from the one before it.
    for (const second of [180.123456789, 3, 77, 76.5, 120.2, 121.2]) {
      const relNs = Math.round(second * 1e9)
      const go = (ask: Ask, atRelNs: number): PlayheadFingerprint => {
        if (second === 121.2) ask({ kind: 'step', unit: 'second', direction: 1 })
        else ask({ kind: 'seek', relNs: atRelNs })
        return ask({ kind: 'fingerprint' }) as PlayheadFingerprint
      }
      const fromRaw = go(askRaw, relNs)
      expect(fromRaw.events).toBeGreaterThan(fromRaw.recorded!.events)
      for (const { ask } of days) {
        const { recorded, sha256 } = go(ask, SHIFT_NS + relNs)
        expect(recorded).toEqual(fromRaw.recorded)
        expect(sha256).toBe(recorded!.sha256)
      }
      sums.add(fromRaw.recorded!.sha256)
    }
    expect(sums.size).toBe(6)
  })

  test('a seek gives what playing there gives: fingerprint, inputs and newest events', async () => {
    const stage = await openDayStage()
    const { startRelNs, endRelNs } = stage.session.state
    const places = [0.13, 0.5, 0.501, 0.87].map((share) => Math.round(startRelNs + (endRelNs - startRelNs) * share))
    const look = (relNs: number) => {
      const print = stage.ask({ kind: 'fingerprint' }) as PlayheadFingerprint
      const inputs = stage.ask({ kind: 'inputs' }) as PlayheadInputs
      const { counts, latest, playheadRelNs } = stage.session.state
      expect(playheadRelNs).toBe(relNs)
      return { print, inputs, counts, latest }
    }
    const sought = places.map((relNs) => {
      stage.ask({ kind: 'seek', relNs: endRelNs })
      stage.ask({ kind: 'seek', relNs })
      return look(relNs)
    })
    stage.ask({ kind: 'seek', relNs: startRelNs })
    stage.ask({ kind: 'speed', speed: 1000 })
    const played = places.map((relNs) => {
      stage.ask({ kind: 'loop', loop: { fromRelNs: startRelNs, toRelNs: relNs, preRollNs: 0 } })
      stage.ask({ kind: 'loop', loop: null })
      stage.ask({ kind: 'seek', relNs: startRelNs })
      for (;;) {
        stage.ask({ kind: 'step', unit: 'second', direction: 1 })
        if (stage.session.state.playheadRelNs + 1e9 > relNs) break
      }
      stage.ask({ kind: 'seek', relNs })
      return look(relNs)
    })
    expect(played).toEqual(sought)
  })

  test('inputs at the playhead are those of the raw frames', async () => {
    const day = await openDayStage()
    const raw = await openStage(run.dir)
    const laterBy = (shiftNs: number) => (made: ModelNowcast) => ({
      ...made,
      inputs: made.inputs.map((input) => ({ ...input, ...(input.recvRelNs !== undefined && { recvRelNs: input.recvRelNs + shiftNs }) }))
    })
    for (const seconds of [20, 90, 170]) {
      const fromDay = ((day.ask({ kind: 'seek', relNs: SHIFT_NS + seconds * 1e9 }), day.ask({ kind: 'inputs' })) as PlayheadInputs).stations
      raw.ask({ kind: 'seek', relNs: seconds * 1e9 })
      raw.ask({ kind: 'inputs' })
      const done = raw.screen.events.findLast((event) => event.kind === 'done')!
      const fromRaw = (done.kind === 'done' ? (done.value as PlayheadInputs) : undefined)?.stations
      expect(fromDay).toEqual(fromRaw?.map((station) => ({ ...station, nowcasts: station.nowcasts.map(laterBy(SHIFT_NS)) })))
    }
  })

  test('an input of a nowcast is the event of its own run, also where another run has one of the same frame and place', async () => {
    // The same answers of the weather services, some seconds later: every event has a twin that came after it.
    const other = await recordedRun({ ...SHAPE, seed: 61, runId: 'rough-61b', t0Ns: T0 + 7_000_000_000n })
    const day = await openDayStage({}, join(work, 'none'), [run.dir, other.dir])
    const cameRelNs = new Map<string, number>()
    const nowcasts: number[] = []
    for (const [kept, runId, shiftNs] of [[run.kept, 'rough-61', SHIFT_NS] as const, [other.kept, 'rough-61b', SHIFT_NS + 7e9] as const]) {
      const idOf = eventIdsOf(runId)
      eachRecord(kept, kept.length, ({ ch, shard, frameIdx, pos, recvRelNs }) => {
        cameRelNs.set(idOf(shard, frameIdx, pos), shiftNs + recvRelNs)
        if (ch === 'nowcast_1m') nowcasts.push(shiftNs + recvRelNs)
      })
    }
    let found = 0
    for (const relNs of nowcasts) {
      day.ask({ kind: 'seek', relNs })
      for (const { nowcasts: made } of (day.ask({ kind: 'inputs' }) as PlayheadInputs).stations) {
        for (const { ch, eventId, recvRelNs } of made.flatMap(({ inputs }) => inputs)) {
          if (ch === 'frame_raw') continue
          expect([eventId, recvRelNs]).toEqual([eventId, cameRelNs.get(eventId)])
          found++
        }
      }
    }
    expect(found).toBeGreaterThan(nowcasts.length)
  })

  test('the screen gets the columns, seconds and trades of what was recorded, and nothing for a second without a snapshot', async () => {
    const day = await openDayStage()
    const raw = await openStage(run.dir)
    const { instrumentId } = day.session.state
    raw.ask({ kind: 'select', instrumentId })
    day.ask({ kind: 'select', instrumentId })
    for (const stage of [day, raw] as const) {
      stage.ask({ kind: 'seek', relNs: stage.session.state.startRelNs })
      stage.ask({ kind: 'speed', speed: 0 })
      stage.ask({ kind: 'play' })
      stage.screen.until(stage.session, () => stage.session.state.phase === 'finished')
    }
    const columns = (screen: TestScreen) =>
      screen.of('depth_1s').map(({ second, spotPxE6, bookOk, bestBidPxE6, tickE6 }) => ({ second, spotPxE6, bookOk, bestBidPxE6, tickE6 }))
    expect(columns(day.screen).length).toBeGreaterThan(100)
    expect(columns(day.screen)).toEqual(columns(raw.screen))
    const levels = (screen: TestScreen) => screen.of('depth_1s').map(({ levels: { bids, asks } }) => [bids.slice(0, 40), asks.slice(0, 40)])
    expect(levels(day.screen)).toEqual(levels(raw.screen))
    const seconds = (screen: TestScreen) =>
      new Map(screen.of('timeline_1s').map(({ second, books, untrustedBooks }) => [second, { books, untrustedBooks }]))
    const wanted = [...seconds(raw.screen)].filter(([, { books }]) => books > 0)
    expect([...seconds(day.screen)].filter(([, { books }]) => books > 0)).toEqual(wanted)
    const raws = new Set(raw.screen.of('tape_trades').map(({ text }) => text))
    expect(day.screen.of('tape_trades').length).toBeGreaterThan(0)
    expect(day.screen.of('tape_trades').every(({ text }) => raws.has(text))).toBe(true)
  })

  test('the ladder is the newest snapshot, and empty when none is recent', async () => {
    const stage = await openDayStage()
    const { startRelNs } = stage.session.state
    stage.ask({ kind: 'seek', relNs: startRelNs + 60e9 })
    const [shown] = stage.screen.of('ladder').slice(-1)
    expect(shown!.levels.bids.length + shown!.levels.asks.length).toBeGreaterThan(0)
    expect(shown!.bidLevels).toBeLessThanOrEqual(20)
    stage.ask({ kind: 'seek', relNs: startRelNs })
    const [first] = stage.screen.of('ladder').slice(-1)
    expect([first!.levels.bids, first!.levels.asks, first!.bookOk]).toEqual([[], [], false])
  })

  test('light shows best prices only', async () => {
    const stage = await openDayStage({ mode: 'light' })
    expect(stage.session.state.day!.missing.join(' ')).toContain('best prices only')
    playedToEnd(stage)
    const columns = stage.screen.of('depth_1s')
    expect(columns.length).toBeGreaterThan(100)
    expect(columns.every(({ levels }) => levels.bids.length <= 2 && levels.asks.length <= 2)).toBe(true)
    expect(stage.session.state.counts).not.toHaveProperty('l2_deltas_event_window')
  })

  test.each(['metar', 'window', 'shock', 'gap', 'trade'] as const)('jumps to every %s once, forwards as backwards', async (to) => {
    const stage = await openDayStage()
    const raw = await openStage(run.dir)
    stage.ask({ kind: 'seek', relNs: 0 })
    const places = new Set<number>()
    while ((stage.ask({ kind: 'jump', to, direction: 1 }) as { moved: boolean }).moved) places.add(stage.session.state.playheadRelNs)
    const back = new Set<number>([])
    stage.ask({ kind: 'seek', relNs: stage.session.state.endRelNs })
    const last = [...places].at(-1)
    if (last === stage.session.state.endRelNs) back.add(last)
    while ((stage.ask({ kind: 'jump', to, direction: -1 }) as { moved: boolean }).moved) back.add(stage.session.state.playheadRelNs)
    expect([...back].toReversed()).toEqual([...places].toSorted((a, b) => a - b))
    if (to === 'trade') return
    const marks = raw.screen.events.findLast((event) => event.kind === 'marks')!
    const expected =
      marks.kind === 'marks'
        ? {
            metar: marks.marks.metar,
            window: [...new Set(marks.marks.windows.map(({ fromRelNs }) => fromRelNs))],
            shock: marks.marks.shocks,
            gap: marks.marks.gaps
          }[to]
        : []
    expect([...places].filter((relNs) => relNs > SHIFT_NS)).toEqual(expected.filter((relNs) => relNs > 0).map((relNs) => relNs + SHIFT_NS))
  })

  test('a damaged part is read from its journal, in a session as in a report, and a notice says so', async () => {
    const damaged = join(work, 'noticed')
    await compactRun({ bundleDir: run.dir, lakeDir: damaged })
    const folder = join(damaged, 'station=polymarket/date=2026-11-20/ch=tape_trades')
    const path = join(folder, readdirSync(folder)[0]!)
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
    const { session, screen } = await openDayStage({}, damaged, [run.dir])
    expect(session.state).toMatchObject({ fingerprint: run.recorded.sha256, verdict: { state: 'ended' } })
    const notices = screen.events.filter((event) => event.kind === 'notice')
    expect(notices).toEqual([
      {
        kind: 'notice',
        level: 'warning',
        text: expect.stringMatching(/^tape_trades: .*expected .*, found .* Its journal is read instead\.$/) as string
      }
    ])
  })

  test('a damaged part is a sentence of the verdict or a notice, and the rest plays', async () => {
    const damaged = join(work, 'damaged')
    await compactRun({ bundleDir: run.dir, lakeDir: damaged })
    const folder = join(damaged, 'station=polymarket/date=2026-11-20/ch=l2_deltas_event_window')
    const path = join(folder, readdirSync(folder)[0]!)
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
    const stage = await openDayStage({}, damaged)
    playedToEnd(stage)
    const { state } = stage.session
    const { l2_deltas_event_window: lost, ...rest } = run.recorded.counts
    expect(lost).toBeGreaterThan(0)
    expect(state.counts).toEqual(rest)
    expect(state.verdict).toMatchObject({ state: 'quarantined' })
    expect(state.verdict!.sentence).toContain('l2_deltas_event_window')
    expect(stage.screen.events.some((event) => event.kind === 'notice' && event.level === 'warning')).toBe(true)
  })

  test('two runs of one day play one after the other, and the same market has one number', async () => {
    const later = await recordedRun({ ...SHAPE, seconds: 60, seed: 61, runId: 'rough-61b', t0Ns: T0 + 600_000_000_000n })
    await compactRun({ bundleDir: run.dir, lakeDir: join(work, 'two') })
    const stage = await openDayStage({}, join(work, 'two'), [later.dir])
    const { state } = stage.session
    expect(state.day).toMatchObject({ storedIn: 'both', runs: ['rough-61', 'rough-61b'] })
    const instruments = stage.screen.events.findLast((event) => event.kind === 'instruments')!
    expect(instruments.kind === 'instruments' && instruments.instruments.length).toBe(
      run.recorded.counts['instrument'] === undefined ? 0 : 4
    )
    playedToEnd(stage)
    expect(stage.session.state.counts['l2_snap_1s']).toBe(run.recorded.counts['l2_snap_1s']! + later.recorded.counts['l2_snap_1s']!)
    const seconds = stage.screen.of('depth_1s').map(({ second }) => second)
    expect(seconds).toEqual([...seconds].toSorted((a, b) => a - b))
    expect(seconds.at(-1)! - seconds[0]!).toBeGreaterThan(600)
  })

  test('runs that were recorded at the same time are merged by time, and a seek gives what playing gives', async () => {
    const other = await recordedRun({ ...SHAPE, venue: 'binance', seconds: 80, seed: 62, t0Ns: T0 + 40_000_000_000n }, 'all')
    const stage = await openDayStage({}, join(work, 'lake'), [other.dir])
    expect(stage.session.state.day).toMatchObject({ storedIn: 'both', runs: ['rough-61', 'rough-62'] })
    const { startRelNs } = stage.session.state
    const at = startRelNs + 90e9
    stage.ask({ kind: 'seek', relNs: at })
    const sought = stage.ask({ kind: 'fingerprint' })
    stage.ask({ kind: 'seek', relNs: startRelNs })
    for (let second = 1; second <= 90; second++) stage.ask({ kind: 'seek', relNs: startRelNs + second * 1e9 })
    expect(stage.ask({ kind: 'fingerprint' })).toEqual(sought)
    playedToEnd(stage)
    const { counts, fingerprint } = stage.session.state
    for (const ch of ['l2_snap_1s', 'metar_obs', 'integrity'] as const)
      expect(counts[ch]).toBe(run.recorded.counts[ch]! + other.recorded.counts[ch]!)
    const report = await dayReport({ lakeDir: join(work, 'lake'), bundleDirs: [other.dir], choice: { date: '2026-11-20' } })
    expect(fingerprint).toBe(report.fingerprint)
    const one = await openDayStage({ stations: ['binance'] }, join(work, 'lake'), [other.dir])
    expect(one.session.state.day!.runs).toEqual(['rough-62'])
  })
})
