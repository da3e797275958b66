import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FRAME_KIND, type CommandName, type SessionState, type StudioCommand, type StudioEvent } from '../../../shared/api/index.ts'
import { openBundle } from '../bundle/index.ts'
import { replayReport, runOfBundle, TapeRun } from '../replay/index.ts'
import { StudioEngine } from './studioEngine.ts'

let dataDir = ''
let engine: StudioEngine
let events: StudioEvent[] = []
/** View epochs in the order in which frames came. */
let epochs: number[] = []

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-back-'))
  engine = new StudioEngine({ dataDir })
  events = []
  epochs = []
  const link = engine.attachView({
    send: (frame) => {
      queueMicrotask(() => link.grant(frame.length))
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
      if (view.getUint8(0) === FRAME_KIND.event) events.push(JSON.parse(new TextDecoder().decode(frame.subarray(8))) as StudioEvent)
      else epochs.push(view.getUint32(4, true))
    }
  })
})
afterEach(async () => {
  await engine.dispose()
  rmSync(dataDir, { recursive: true })
})

async function get<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>) {
  const reply = await engine.call<N>(command)
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

test('LIVE can be paused, rewound and played faster, and joins the head with a proof; the recording is whole', async () => {
  await get({ cmd: 'live_start', source: { kind: 'practice', venue: 'polymarket', markets: 3, messagesPerSecond: 300, seed: 5 } })
  await until((state) => state.endRelNs > 5e9 && state.instrumentId > 0)
  const paused = await get({ cmd: 'replay_pause' })
  expect(paused).toMatchObject({ mode: 'live', phase: 'paused', dvr: { behindNs: expect.any(Number) as number } })
  const back = await get({ cmd: 'replay_seek', relNs: 2e9 })
  expect(back).toMatchObject({ mode: 'live', phase: 'paused', playheadRelNs: 2e9 })
  expect(back.endRelNs).toBeGreaterThan(4e9)
  const told = await get({ cmd: 'replay_fingerprint' })
  await get({ cmd: 'replay_speed', speed: 10 })
  await get({ cmd: 'replay_play' })
  const joined = await until((state) => state.dvr === undefined)
  expect(joined).toMatchObject({ mode: 'live', phase: 'recording', speed: 1 })
  const proofs = (): readonly boolean[] => events.flatMap((event) => (event.kind === 'joined' ? [event.proof.equal] : []))
  await expect.poll(proofs).toEqual([true])
  await get({ cmd: 'replay_step', unit: 'second', direction: -1 })
  const proof = await get({ cmd: 'live_rejoin' })
  expect(proof.equal).toBe(true)
  expect(proof.overlapEvents).toBeGreaterThan(100)
  await expect.poll(proofs).toEqual([true, true])
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
  const { path } = await get({ cmd: 'live_stop' })
  const report = await replayReport(path)
  expect(report).toMatchObject({ ok: true, recorded_fingerprint: report.fingerprint })
  const bundle = await openBundle(path)
  const run = new TapeRun(runOfBundle(bundle), {})
  run.advance(2e9, Infinity)
  expect(run.tape.summary().sha256).toBe(told.sha256)
  run.close()
  bundle.close()
})

test('a recording that is stopped while the past is shown ends as it should, and what was asked is answered', async () => {
  await get({ cmd: 'live_start', source: { kind: 'practice', venue: 'binance', markets: 1, messagesPerSecond: 200, seed: 6 } })
  await until((state) => state.endRelNs > 2e9)
  await get({ cmd: 'replay_seek', relNs: 1e9 })
  await get({ cmd: 'replay_play' })
  const [stopped, rejoined] = await Promise.all([
    engine.call<'live_stop'>({ cmd: 'live_stop' }),
    engine.call<'live_rejoin'>({ cmd: 'live_rejoin' })
  ])
  expect(stopped.ok).toBe(true)
  if (!rejoined.ok) expect(['ABORTED', 'USAGE']).toContain(rejoined.failure.code)
  if (stopped.ok) expect(await replayReport(stopped.value.path)).toMatchObject({ ok: true })
})
