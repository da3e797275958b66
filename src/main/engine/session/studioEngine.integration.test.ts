import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FRAME_KIND, type CommandName, type SessionState, type StudioCommand, type StudioEvent } from '../../../shared/api/index.ts'
import { openBundle } from '../bundle/index.ts'
import { startPracticeVenue } from '../practice/index.ts'
import { replayReport } from '../replay/index.ts'
import { writeRoughRun } from '../testing/roughRun.ts'
import { StudioEngine } from './studioEngine.ts'

const PRACTICE = { kind: 'practice', venue: 'polymarket', markets: 2, messagesPerSecond: 400, seed: 3 } as const
let dataDir = ''
let rough = ''
let engine: StudioEngine
let events: StudioEvent[] = []
/** Kinds and epochs of the session frames that came. */
let frames: { kind: number; epoch: number }[] = []

beforeAll(async () => {
  rough = await writeRoughRun({ venue: 'binance', seed: 8, shards: 2, markets: 2, seconds: 20, messagesPerSecond: 150 })
})
afterAll(() => rmSync(dirname(rough), { recursive: true }))

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-engine-'))
  engine = new StudioEngine({ dataDir })
  events = []
  frames = []
  look(engine)
})
afterEach(async () => {
  await engine.dispose()
  rmSync(dataDir, { recursive: true })
})

function look(at: StudioEngine): void {
  const link = at.attachView({
    send: (frame) => {
      queueMicrotask(() => link.grant(frame.length))
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
      const kind = view.getUint8(0)
      if (kind === FRAME_KIND.event) events.push(JSON.parse(new TextDecoder().decode(frame.subarray(8))) as StudioEvent)
      else frames.push({ kind, epoch: view.getUint32(4, true) })
    }
  })
}

async function ask<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>) {
  return engine.call<N>(command)
}

/** The answer, which must be a success. */
async function get<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>) {
  const reply = await ask<N>(command)
  if (!reply.ok) throw new Error(`${command.cmd} failed: ${reply.failure.message}`)
  return reply.value
}

async function until(holds: (state: SessionState) => boolean): Promise<SessionState> {
  for (let i = 0; i < 2000; i++) {
    const state = await get({ cmd: 'session_get' })
    if (holds(state)) return state
    await sleep(10)
  }
  throw new Error(`it did not come about: ${JSON.stringify(await get({ cmd: 'session_get' }))}`)
}

const recording = (): Promise<SessionState> =>
  until((state) => state.phase === 'recording' && (state.counts.tape_trades ?? 0) > 5 && state.instrumentId > 0)

describe('without a session', () => {
  test.each([
    { cmd: 'live_stop' },
    { cmd: 'replay_play' },
    { cmd: 'replay_pause' },
    { cmd: 'replay_seek', relNs: 5 },
    { cmd: 'replay_step', unit: 'event', direction: 1 },
    { cmd: 'replay_speed', speed: 2 },
    { cmd: 'view_select', instrumentId: 1 }
  ] as const)('$cmd is refused in words', async (command) => {
    const reply = await engine.callUnknown(command)
    expect(reply).toMatchObject({ ok: false, failure: { code: 'USAGE' } })
    expect(await get({ cmd: 'session_get' })).toMatchObject({ mode: 'idle', phase: 'idle' })
  })

  test('closing nothing is fine', async () => {
    expect(await get({ cmd: 'session_close' })).toMatchObject({ mode: 'idle' })
  })

  test('a command that nobody knows is refused in words', async () => {
    expect(await engine.callUnknown({ cmd: 'nonsense' })).toMatchObject({ ok: false, failure: { code: 'USAGE' } })
  })
})

describe('replay', () => {
  test('opens, plays, seeks and steps, and the fingerprint is that of the command line', async () => {
    const opened = await get({ cmd: 'replay_open', path: rough })
    expect(opened).toMatchObject({ mode: 'replay' })
    await get({ cmd: 'replay_speed', speed: 0 })
    await get({ cmd: 'replay_play' })
    const { fingerprint } = await until((state) => state.phase === 'finished')
    expect(fingerprint).toBe((await replayReport(rough)).fingerprint)
    expect(await get({ cmd: 'replay_seek', relNs: 7e9 })).toMatchObject({ playheadRelNs: 7e9, phase: 'paused' })
    expect(await get({ cmd: 'replay_step', unit: 'second', direction: -1 })).toMatchObject({ playheadRelNs: 6e9 })
    expect(frames.some(({ kind }) => kind === FRAME_KIND.backfill)).toBe(true)
  })

  test('jumps go to the decisions of a strategy that was run over the bundle, before it was opened or after', async () => {
    const run = {
      cmd: 'strategy_run',
      path: rough,
      plan: { strategies: [{ name: 'toy_taker', params: {} }], events: 'change', settings: {} }
    } as const
    await get({ cmd: 'replay_open', path: rough })
    expect(await get({ cmd: 'replay_jump', kind: 'decision', direction: 1 })).toMatchObject({ moved: false })
    const { intentRows } = await get(run)
    const times = [...new Set(intentRows.map(({ relNs }) => relNs))]
    expect(times.length).toBeGreaterThan(1)
    const first = async (): Promise<number[]> => {
      const found: number[] = []
      while (found.length < 2) {
        const { moved, state } = await get({ cmd: 'replay_jump', kind: 'decision', direction: 1 })
        expect(moved).toBe(true)
        found.push(state.playheadRelNs)
      }
      return found
    }
    expect(await first()).toEqual(times.slice(0, 2))
    await get({ cmd: 'replay_open', path: rough })
    expect(await first()).toEqual(times.slice(0, 2))
  })

  test('a command given in the same breath as the opening is answered', async () => {
    const opening = ask({ cmd: 'replay_open', path: rough })
    const early = await ask({ cmd: 'replay_play' })
    expect(early.ok ? '' : early.failure.code).toBe('USAGE')
    await opening
    const [play, seek, select] = await Promise.all([
      ask({ cmd: 'replay_play' }),
      ask({ cmd: 'replay_seek', relNs: 5e9 }),
      ask({ cmd: 'view_select', instrumentId: 1 })
    ])
    expect([play.ok, seek.ok, select.ok]).toEqual([true, true, true])
    const state = await get({ cmd: 'session_get' })
    expect(state).toMatchObject({ phase: 'playing', instrumentId: 1 })
  })

  test('what cannot be opened leaves the session on screen as it is', async () => {
    await get({ cmd: 'replay_open', path: rough })
    const before = await until((state) => state.indexed === 1)
    const foreign = join(dataDir, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'manifest.json'), '[]')
    for (const path of [join(dataDir, 'nothing'), foreign, join(foreign, 'manifest.json')]) {
      const reply = await ask({ cmd: 'replay_open', path })
      expect(reply.ok ? 'opened' : reply.failure.message).toMatch(/^[A-Z].+/)
    }
    expect(await get({ cmd: 'session_get' })).toMatchObject({ runId: before.runId, viewEpoch: before.viewEpoch, mode: 'replay' })
    expect((await ask({ cmd: 'replay_seek', relNs: 3e9 })).ok).toBe(true)
  })

  test('opening again and again, all at once, ends with the last one, and view epochs only rise', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => ask({ cmd: 'replay_open', path: rough })))
    expect(replies.map((reply) => reply.ok)).toEqual([true, true, true])
    await until((state) => state.indexed === 1)
    const epochs = events.flatMap((event) => (event.kind === 'session' ? [event.state.viewEpoch] : []))
    expect(epochs).toEqual([...epochs].sort((x, y) => x - y))
    const order = frames.map(({ epoch }) => epoch)
    expect(order).toEqual([...order].sort((x, y) => x - y))
  })

  test('whatever is asked while it closes is answered', async () => {
    await get({ cmd: 'replay_open', path: rough })
    const closing = ask({ cmd: 'session_close' })
    const replies = await Promise.all([
      ask({ cmd: 'replay_play' }),
      ask({ cmd: 'view_select', instrumentId: 1 }),
      ask({ cmd: 'replay_seek', relNs: 1 }),
      closing
    ])
    expect(replies[3]).toMatchObject({ ok: true, value: { mode: 'idle' } })
    expect(await get({ cmd: 'session_get' })).toMatchObject({ mode: 'idle', phase: 'idle' })
  })
})

describe('live', () => {
  test('records, shows, and stops with a bundle that replays to the same fingerprint', async () => {
    expect(await get({ cmd: 'live_start', source: PRACTICE })).toMatchObject({ mode: 'live' })
    const live = await recording()
    expect(live).toMatchObject({ synthetic: true, venue: 'polymarket', mode: 'live' })
    expect((await ask({ cmd: 'view_select', instrumentId: 2 })).ok).toBe(true)
    expect(await ask({ cmd: 'view_select', instrumentId: 999 })).toMatchObject({ ok: false, failure: { code: 'USAGE' } })
    const entry = await get({ cmd: 'live_stop' })
    expect(entry).toMatchObject({ verdict: { state: 'ended', sentence: '' }, synthetic: true })
    expect((await get({ cmd: 'library_list' })).map((item) => item.path)).toEqual([entry.path])
    const bundle = await openBundle(entry.path)
    const recorded = bundle.studio?.fingerprint?.sha256
    bundle.close()
    expect(await replayReport(entry.path)).toMatchObject({ ok: true, fingerprint: recorded })
    await get({ cmd: 'replay_open', path: entry.path })
    const replayed = await until((state) => state.indexed === 1)
    expect(replayed).toMatchObject({ fingerprint: recorded, recordedFingerprint: recorded })
  })

  test('a start while one is recorded ends the first one in order', async () => {
    await get({ cmd: 'live_start', source: PRACTICE })
    const first = await recording()
    await get({ cmd: 'live_start', source: { ...PRACTICE, seed: 4 } })
    const second = await recording()
    expect(second.runId).not.toBe(first.runId)
    expect(second.viewEpoch).toBeGreaterThan(first.viewEpoch)
    await get({ cmd: 'live_stop' })
    const states = new Map((await get({ cmd: 'library_list' })).map((entry) => [entry.runId, entry.verdict.state]))
    expect(states).toEqual(
      new Map([
        [first.runId, 'ended'],
        [second.runId, 'ended']
      ])
    )
    expect(await ask({ cmd: 'live_stop' })).toMatchObject({ ok: false, failure: { code: 'USAGE' } })
  })

  test('opening a bundle, even the one that is recorded, ends the recording in order', async () => {
    await get({ cmd: 'live_start', source: PRACTICE })
    const live = await recording()
    await get({ cmd: 'replay_open', path: live.path })
    const replay = await until((state) => state.mode === 'replay' && state.indexed === 1)
    expect(replay).toMatchObject({ runId: live.runId, verdict: { state: 'ended' } })
    expect(replay.fingerprint).toBe(replay.recordedFingerprint)
    expect((await get({ cmd: 'library_list' })).map((entry) => entry.verdict.state)).toEqual(['ended'])
  })

  test('a choice of an instrument at the moment of stopping is answered', async () => {
    await get({ cmd: 'live_start', source: PRACTICE })
    await recording()
    const stopping = ask({ cmd: 'live_stop' })
    const choices = Array.from({ length: 50 }, (_, i) => sleep(i * 4).then(() => ask({ cmd: 'view_select', instrumentId: 1 + (i % 2) })))
    for (const reply of await Promise.all(choices)) if (!reply.ok) expect(['ABORTED', 'USAGE']).toContain(reply.failure.code)
    expect((await stopping).ok).toBe(true)
  })

  test('a venue that nobody listens at is said, and the studio goes on', async () => {
    const port = await freePort()
    const reply = await ask({
      cmd: 'live_start',
      source: { kind: 'practice_at', venue: 'binance', url: `http://127.0.0.1:${port}`, symbols: ['BTCUSDT'] }
    })
    const state = await until((now) => now.phase === 'failed')
    expect(reply.ok ? state.failure?.code : reply.failure.code).toBe('VENUE_UNREACHABLE')
    expect(state.failure?.message).toContain(String(port))
    await get({ cmd: 'replay_open', path: rough })
    expect(await get({ cmd: 'session_get' })).toMatchObject({ mode: 'replay' })
  })

  test('a stop in the same breath as the start is answered, and nothing is left running', async () => {
    const starting = ask({ cmd: 'live_start', source: PRACTICE })
    const stopping = ask({ cmd: 'live_stop' })
    expect((await starting).ok).toBe(true)
    const stopped = await stopping
    if (!stopped.ok) expect(['USAGE', 'ABORTED']).toContain(stopped.failure.code)
    expect(await until((state) => state.mode === 'idle')).toMatchObject({ mode: 'idle' })
  })

  test('leaving ends the recording in order; afterwards everything is refused, and leaving twice is once', async () => {
    await get({ cmd: 'live_start', source: PRACTICE })
    const live = await recording()
    await Promise.all([engine.dispose(), engine.dispose()])
    expect(await engine.callUnknown({ cmd: 'session_get' })).toMatchObject({ ok: false, failure: { code: 'ABORTED' } })
    const bundle = await openBundle(live.path)
    expect(bundle.verdict.state).toBe('ended')
    expect(bundle.studio?.fingerprint?.sha256).toMatch(/^[0-9a-f]{64}$/)
    bundle.close()
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 1
}

describe('settings', () => {
  const configOf = (runDir: string): Record<string, unknown> =>
    (JSON.parse(readFileSync(join(runDir, 'manifest.json'), 'utf8')) as { config: Record<string, unknown> }).config

  test('what is chosen is told to the screens, and the next recording has it in its manifest', async () => {
    const changes = { ws_shards: '3', capture_fsync_interval_seconds: '0.3', clob_ws_url: 'wss://elsewhere.example' }
    const facts = await get({ cmd: 'settings_set', changes })
    expect(events.findLast(({ kind }) => kind === 'settings')).toEqual({ kind: 'settings', settings: facts })
    await get({ cmd: 'live_start', source: PRACTICE })
    await recording()
    const { path } = await get({ cmd: 'live_stop' })
    expect(configOf(path)).toMatchObject({ ws_shards: 3, capture_fsync_interval_seconds: 0.3, ws_reconnect_max: null, min_free_disk_gb: 1 })
    // The practice venue is where it is, whatever the settings say.
    expect(configOf(path)['clob_ws_url']).toMatch(/^ws:\/\/127\.0\.0\.1/)
  })

  test('a variable that holds no allowed value keeps LIVE from starting, in words', async () => {
    const other = new StudioEngine({ dataDir: join(dataDir, 'other'), environment: { PM_DATA_WS_SHARDS: '0' } })
    const reply = await other.call<'live_start'>({ cmd: 'live_start', source: PRACTICE })
    await other.dispose()
    expect(reply).toMatchObject({ ok: false, failure: { code: 'CONFIG_INVALID', message: expect.stringContaining('ws_shards') as string } })
  })

  test('a recording that has to end says why while it is still on the screen, and then as a failed session', async () => {
    const venue = await startPracticeVenue({
      source: { kind: 'generator', seed: 3, markets: 2, messagesPerSecond: 200, venue: 'polymarket' }
    })
    try {
      await get({ cmd: 'settings_set', changes: { ws_reconnect_max: '0' } })
      await get({ cmd: 'live_start', source: { kind: 'practice_at', venue: 'polymarket', url: venue.httpUrl } })
      await recording()
      venue.inject({ kind: 'drop', connection: 'any' })
      const { failure } = await until((state) => state.phase === 'failed')
      expect(failure?.message).toContain('ws_reconnect_max')
      const states = events.flatMap((event) => (event.kind === 'session' ? [event.state] : []))
      const said = states.filter((state) => state.mode === 'live' && state.failure !== undefined)
      expect(said.length).toBeGreaterThan(0)
      expect(said[0]).toMatchObject({ phase: 'stopping', failure })
    } finally {
      await venue.close()
    }
  })

  test('a duration ends the recording as it should be, and it is in the library', async () => {
    await get({ cmd: 'settings_set', changes: { duration_seconds: '1' } })
    await get({ cmd: 'live_start', source: PRACTICE })
    await until((state) => state.mode === 'idle' && state.phase === 'idle')
    expect(events.some((event) => event.kind === 'notice' && event.level === 'info' && event.text.includes('duration'))).toBe(true)
    expect(await get({ cmd: 'library_list' })).toHaveLength(1)
  })
})
