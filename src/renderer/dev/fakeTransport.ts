import {
  type BundleEntry,
  type CommandName,
  type CommandReply,
  FRAME_KIND,
  frameHeader,
  type InstrumentFacts,
  type JumpKind,
  type LoopState,
  type SessionState,
  STORAGE_DEFAULTS,
  type StudioCommand,
  type StudioEvent,
  type StudioTransport
} from '../../shared/api/index.ts'
import { FakeJobs, fakeReport, fakeSlice, fakeStrategyResult } from './fakeJobs.ts'
import { changeFakeSettings, fakeSettings } from './fakeSettings.ts'
import { fakeInputs, fakeMarks } from './fakeWorld.ts'
import { encodeAll, type FakeSecond, fakeSeconds, recordsOf, timelineOf } from './fakeMarket.ts'

export type FakeScene = 'empty' | 'live' | 'replay' | 'gap' | 'loading' | 'error' | 'failed' | 'past'

const ORIGIN_SEC = 1_723_161_253
const SECONDS = 1800
const utf8 = new TextEncoder()

/** A studio made of generated data: enough of every command to look at the screen. Not part of the product. */
export function fakeTransport(scene: FakeScene): StudioTransport {
  return new FakeStudio(scene)
}

class FakeStudio implements StudioTransport {
  readonly #scene: FakeScene
  readonly #jobs = new FakeJobs((job, share) => this.#event({ kind: 'job', job, share }))
  readonly #seconds: readonly FakeSecond[]
  #onFrame: (frame: Uint8Array) => void = () => undefined
  #state: SessionState
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(scene: FakeScene) {
    this.#scene = scene
    this.#seconds = fakeSeconds(ORIGIN_SEC, SECONDS, 7, scene !== 'live')
    this.#state = stateOf('idle')
  }

  call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>> {
    const job = this.#job(command)
    if (job !== undefined) return job as Promise<CommandReply<N>>
    return Promise.resolve({ ok: true, value: this.#answer(command) } as unknown as CommandReply<N>)
  }

  #job(command: StudioCommand): Promise<CommandReply<CommandName>> | undefined {
    const reply = async <T>(made: Promise<T | undefined>): Promise<CommandReply<CommandName>> => {
      const value = await made
      if (value === undefined) return { ok: false, failure: { code: 'ABORTED', message: 'The job was cancelled.' } }
      return { ok: true, value } as unknown as CommandReply<CommandName>
    }
    switch (command.cmd) {
      case 'bundle_report':
        return reply(this.#jobs.run('report', () => fakeReport(command.path)))
      case 'bundle_slice':
        return reply(this.#jobs.run('slice', fakeSlice))
      case 'strategy_run':
        return reply(this.#jobs.run('strategy', () => fakeStrategyResult(command.path, command.plan, SECONDS)))
      default:
        return undefined
    }
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#onFrame = listener
    setTimeout(() => this.#begin(), 30)
  }

  grant(): void {
    /* the fake has no end of credit */
  }
  onClosed(): void {
    /* the fake is never closed */
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #answer(command: StudioCommand): unknown {
    switch (command.cmd) {
      case 'library_list':
        return this.#scene === 'empty' ? [] : fakeBundles()
      case 'days_list':
        return { days: [], journals: [], empty: [], faults: [] }
      case 'storage_get':
        return STORAGE_DEFAULTS
      case 'storage_set':
        return command.settings
      case 'settings_get':
        return fakeSettings()
      case 'settings_set':
        return changeFakeSettings(command.changes)
      case 'secret_status':
      case 'secret_set':
      case 'secret_clear':
        return [{ name: 'pws', variable: 'TAPEDECK_PWS_KEY', origin: command.cmd === 'secret_set' ? 'keychain' : 'none' }]
      case 'job_cancel':
        this.#jobs.cancel()
        return null
      case 'replay_seek':
        return this.#seek(command.relNs)
      case 'replay_play':
        return this.#play()
      case 'replay_pause':
        return this.#change({ phase: 'paused' })
      case 'replay_speed':
        return this.#change({ speed: command.speed })
      case 'replay_skip_idle':
        return this.#change({ skipIdle: command.skip })
      case 'replay_step':
        return this.#seek(this.#state.playheadRelNs + command.direction * 1e9)
      case 'replay_jump':
        return { moved: true, state: this.#seek(this.#markBeyond(command.kind, command.direction)) }
      case 'replay_loop':
        return this.#loop(command.loop)
      case 'replay_inputs':
        return fakeInputs(this.#state.playheadRelNs)
      case 'replay_fingerprint':
        return { relNs: this.#state.playheadRelNs, sha256: this.#state.fingerprint, events: 128_400 }
      case 'window_open':
        return null
      case 'session_close':
        return this.#change({ ...stateOf('idle'), viewEpoch: this.#state.viewEpoch + 1 })
      default:
        return this.#state
    }
  }

  #markBeyond(kind: JumpKind, direction: 1 | -1): number {
    const { metar, windows, shocks, gaps } = fakeMarks(SECONDS)
    const times = { metar, shock: shocks, gap: gaps, window: windows.map((one) => one.fromRelNs), trade: [], decision: [] }[kind]
    const at = this.#state.playheadRelNs
    return (direction === 1 ? times.find((one) => one > at + 1e9) : times.findLast((one) => one < at - 1e9)) ?? at
  }

  #loop(loop: Omit<LoopState, 'rounds'> | null): SessionState {
    const { loop: _old, ...rest } = this.#state
    this.#state = rest
    return this.#change(loop === null ? {} : { loop: { ...loop, rounds: 0 } })
  }

  #begin(): void {
    if (this.#scene === 'empty') return this.#event({ kind: 'session', state: this.#state })
    if (this.#scene === 'error') {
      return this.#event({
        kind: 'notice',
        level: 'error',
        text: 'evening.zip is no archive of a run bundle: no manifest.json was found in it.'
      })
    }
    if (this.#scene === 'loading' || this.#scene === 'failed') {
      const failed = this.#scene === 'failed'
      this.#change({
        ...stateOf('replay'),
        phase: failed ? 'failed' : 'loading',
        indexed: 0.37,
        ...(failed && {
          failure: {
            code: 'BUNDLE_NEWER' as const,
            message:
              'This bundle was made by a newer version of Tapedeck (bundle format 3, this version reads up to 2). Update Tapedeck to open it. /data/runs/btc-evening'
          }
        })
      })
      return
    }
    this.#event({ kind: 'instruments', instruments: fakeInstruments() })
    const past = this.#scene === 'past'
    this.#change({ ...stateOf(this.#scene === 'live' || past ? 'live' : 'replay') })
    if (past) this.#change({ phase: 'paused', dvr: { headRelNs: 1030e9, behindNs: 130e9 } })
    this.#event({ kind: 'marks', marks: fakeMarks(SECONDS) })
    if (this.#scene !== 'live') this.#send(FRAME_KIND.backfill, timelineOf(this.#seconds))
    this.#seek((this.#scene === 'gap' ? 330 : 900) * 1e9)
    if (this.#scene === 'live') this.#play()
  }

  #seek(relNs: number): SessionState {
    const i = Math.max(1, Math.min(SECONDS - 1, Math.floor(relNs / 1e9)))
    const state = this.#change({
      viewEpoch: this.#state.viewEpoch + 1,
      playheadRelNs: i * 1e9,
      ...(this.#scene === 'live' && { endRelNs: i * 1e9 })
    })
    const history = this.#seconds.slice(0, i)
    this.#send(FRAME_KIND.backfill, encodeAll(history.flatMap(recordsOf)))
    if (this.#scene === 'live') this.#send(FRAME_KIND.backfill, timelineOf(history))
    return state
  }

  #play(): SessionState {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#tick(), 200)
    return this.#scene === 'live' ? this.#state : this.#change({ phase: 'playing' })
  }

  #tick(): void {
    if (this.#state.phase !== 'playing' && this.#state.phase !== 'recording') return
    const i = Math.round(this.#state.playheadRelNs / 1e9)
    const second = this.#seconds[i]
    if (second === undefined) return
    this.#send(FRAME_KIND.played, encodeAll(recordsOf(second)))
    if (this.#scene === 'live') this.#send(FRAME_KIND.played, timelineOf([second]))
    this.#change({ playheadRelNs: (i + 1) * 1e9, ...(this.#scene === 'live' && { endRelNs: (i + 1) * 1e9 }) })
  }

  #change(change: Partial<SessionState>): SessionState {
    this.#state = { ...this.#state, ...change }
    this.#event({ kind: 'session', state: this.#state })
    return this.#state
  }

  #event(event: StudioEvent): void {
    this.#send(FRAME_KIND.event, utf8.encode(JSON.stringify(event)))
  }

  #send(kind: 1 | 2 | 3, body: Uint8Array): void {
    this.#onFrame(frameHeader(kind, this.#state.viewEpoch, body))
  }
}

function stateOf(mode: SessionState['mode']): SessionState {
  const live = mode === 'live'
  const idle = mode === 'idle'
  return {
    mode,
    phase: idle ? 'idle' : live ? 'recording' : 'paused',
    viewEpoch: idle ? 1 : 2,
    runId: idle ? '' : 'run-20240808-235413',
    name: idle ? '' : live ? 'Practice venue (binance)' : 'BTCUSDT evening session',
    path: '/data/runs/btc-evening',
    venue: 'binance',
    synthetic: live,
    verdict: {
      state: live ? 'recording' : 'recovered',
      sentence: live ? '' : '312 bytes after the last whole frame of shard 2 were cut off.',
      runs: []
    },
    originTsNs: `${ORIGIN_SEC}000000000`,
    startRelNs: 0,
    endRelNs: SECONDS * 1e9,
    playheadRelNs: 0,
    speed: 1,
    skipIdle: false,
    instrumentId: idle ? 0 : 1,
    indexed: 1,
    feeds: idle
      ? []
      : Array.from({ length: 8 }, (_, shard) => ({
          shard,
          state: shard === 5 ? ('silent' as const) : ('open' as const),
          detail: shard === 5 ? 'nothing for 12 s' : ''
        })),
    ...(live && { capture: { frames: 1_284_332, bytes: 512_400_000, syncedBytes: 512_100_000, framesPerSecond: 4210, reconnects: 1 } }),
    counts: {
      frame_raw: 1_284_332,
      top_of_book: 402_113,
      l2_book: 1_190_300,
      l2_snap_1s: 900,
      tape_trades: 88_120,
      integrity: 5,
      health: 900
    },
    fingerprint: 'a3f5c2d9e871b04466fd2c15b7e98a3f5c2d9e871b04466fd2c15b7e98a3f5c2',
    recordedFingerprint: 'a3f5c2d9e871b04466fd2c15b7e98a3f5c2d9e871b04466fd2c15b7e98a3f5c2'
  }
}

function fakeBundles(): BundleEntry[] {
  const base = { venue: 'binance', frames: 100_000, demo: false, synthetic: false } as const
  return [
    {
      ...base,
      path: '/data/runs/btc-evening',
      runId: 'run-20240808-235413',
      name: 'BTCUSDT evening session',
      startTsNs: '1723161253000000000',
      durationNs: 1800e9,
      bytes: 84_000_000,
      verdict: { state: 'recovered', sentence: '312 bytes were cut off.' }
    },
    {
      ...base,
      path: '/data/runs/poly',
      venue: 'polymarket',
      runId: 'run-2',
      name: 'Polymarket, 500 markets',
      startTsNs: '1722961253000000000',
      durationNs: 7_212e9,
      bytes: 1_840_000_000,
      verdict: { state: 'ended', sentence: '' }
    },
    {
      ...base,
      path: '/data/runs/broken',
      runId: 'run-3',
      name: 'Night run with a very long name that does not fit',
      startTsNs: '1721961253000000000',
      durationNs: 30e9,
      bytes: 2_100_000,
      verdict: { state: 'quarantined', sentence: 'Shard 1 is damaged in the middle.' }
    },
    {
      ...base,
      path: '/app/demo',
      runId: 'demo',
      name: 'Demo: 12 generated markets',
      demo: true,
      synthetic: true,
      startTsNs: '1720000000000000000',
      durationNs: 300e9,
      bytes: 4_300_000,
      verdict: { state: 'ended', sentence: '' }
    }
  ]
}

function fakeInstruments(): InstrumentFacts[] {
  return Array.from({ length: 1200 }, (_, i) => ({
    instrumentId: i + 1,
    venue: 'binance' as const,
    tokenId: i === 0 ? 'BTCUSDT' : `7132104567925${i}`,
    marketId: `m${i}`,
    name: i === 0 ? 'BTCUSDT' : `Will candidate ${i} win the nomination?`,
    outcome: i === 0 ? '' : i % 2 === 0 ? 'Yes' : 'No',
    tickE6: 10_000,
    frames: 1000 + i * 13,
    trades: i * 3,
    bookOk: i % 37 !== 5
  }))
}
