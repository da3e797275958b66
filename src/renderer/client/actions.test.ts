import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type BundleEntry,
  type CommandName,
  type CommandReply,
  FRAME_KIND,
  frameHeader,
  type SessionState,
  type StudioCommand,
  type StudioTransport
} from '../../shared/api/index.ts'
import { showBundles } from '../stores/libraryStore.ts'
import { useNotices } from '../stores/noticeStore.ts'
import { setScreen, useScreen } from '../stores/screenStore.ts'
import { useSession } from '../stores/sessionStore.ts'
import { Actions } from './actions.ts'
import { StudioClient } from './studioClient.ts'
import { TimeActions } from './timeActions.ts'

vi.stubGlobal('requestAnimationFrame', () => 0)

const base: SessionState = {
  mode: 'replay',
  phase: 'paused',
  viewEpoch: 1,
  runId: 'a',
  name: 'A',
  path: '/a',
  venue: 'binance',
  synthetic: false,
  originTsNs: '1700000000000000000',
  startRelNs: 10e9,
  endRelNs: 100e9,
  playheadRelNs: 50e9,
  speed: 1,
  skipIdle: false,
  instrumentId: 1,
  indexed: 1,
  feeds: [],
  counts: {}
}
const bundle: BundleEntry = {
  path: '/rec',
  runId: 'r',
  name: 'Recorded',
  venue: 'binance',
  synthetic: false,
  startTsNs: '1',
  durationNs: 1,
  frames: 1,
  bytes: 1,
  verdict: { state: 'ended', sentence: '' },
  demo: false
}

/** A studio that answers at once, or when it is told to. */
class FakeTransport implements StudioTransport {
  readonly sent: StudioCommand[] = []
  readonly granted: number[] = []
  state: SessionState = base
  failing: string | undefined
  held: (() => void)[] | undefined
  #onFrame: (frame: Uint8Array) => void = () => undefined
  #onClosed: (reason: string) => void = () => undefined

  async call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>> {
    this.sent.push(command)
    if (this.held !== undefined) await new Promise<void>((resolve) => this.held?.push(resolve))
    if (this.failing !== undefined) return { ok: false, failure: { code: 'BUNDLE_FOREIGN', message: this.failing } }
    const value =
      command.cmd === 'live_stop' || command.cmd === 'library_add' ? bundle : command.cmd.startsWith('library') ? [bundle] : this.state
    return { ok: true, value } as unknown as CommandReply<N>
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#onFrame = listener
  }

  onClosed(listener: (reason: string) => void): void {
    this.#onClosed = listener
  }

  grant(bytes: number): void {
    this.granted.push(bytes)
  }

  close(): void {}

  tell(state: SessionState): void {
    this.state = state
    this.frame(frameHeader(FRAME_KIND.event, 0, new TextEncoder().encode(JSON.stringify({ kind: 'session', state }))))
  }

  frame(frame: Uint8Array): void {
    this.#onFrame(frame)
  }

  lose(): void {
    this.#onClosed('gone')
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

let transport: FakeTransport
let client: StudioClient
let actions: Actions
const named = (cmd: CommandName) => transport.sent.filter((command) => command.cmd === cmd)

beforeEach(async () => {
  useNotices.setState({ notices: [] })
  setScreen({ failure: undefined, busy: undefined, question: undefined })
  showBundles([])
  transport = new FakeTransport()
  client = new StudioClient(() => transport)
  actions = new Actions(client, new TimeActions(client))
  client.start()
  transport.tell(base)
  await settle()
})

describe('what the user can do', () => {
  test('while one seek runs only the newest wish is remembered', async () => {
    transport.held = []
    const first = actions.seekTo(20e9)
    for (const at of [30e9, 40e9, 60e9]) void actions.seekTo(at)
    transport.held.splice(0).forEach((go) => go())
    await settle()
    transport.held?.splice(0).forEach((go) => go())
    await first
    expect(named('replay_seek')).toEqual([
      { cmd: 'replay_seek', relNs: 20e9 },
      { cmd: 'replay_seek', relNs: 60e9 }
    ])
  })

  test('a seek stays inside the run', async () => {
    await actions.seekTo(-5)
    await actions.seekTo(1e15)
    expect(named('replay_seek')).toEqual([
      { cmd: 'replay_seek', relNs: 10e9 },
      { cmd: 'replay_seek', relNs: 100e9 }
    ])
  })

  test('arrows add up while seeks are on their way', async () => {
    transport.held = []
    const all = [actions.seekBy(1), actions.seekBy(1), actions.seekBy(1)]
    transport.held.splice(0).forEach((go) => go())
    await settle()
    transport.held?.splice(0).forEach((go) => go())
    await Promise.all(all)
    expect(named('replay_seek').at(-1)).toEqual({ cmd: 'replay_seek', relNs: 53e9 })
  })

  test('LIVE at its newest moment can be paused and taken back, not forward', async () => {
    transport.tell({ ...base, mode: 'live', phase: 'recording' })
    await actions.seekTo(200e9)
    await actions.step('event', 1)
    await actions.setSpeed(5)
    expect(transport.sent.filter((command) => command.cmd.startsWith('replay'))).toEqual([])
    await actions.togglePlay()
    await actions.step('second', -1)
    await actions.seekTo(20e9)
    expect(transport.sent.filter((command) => command.cmd.startsWith('replay')).map((command) => command.cmd)).toEqual([
      'replay_pause',
      'replay_step',
      'replay_seek'
    ])
  })

  test('LIVE that looks back plays, goes faster, and is rejoined by End', async () => {
    const dvr = { headRelNs: 100e9, behindNs: 50e9 }
    transport.tell({ ...base, mode: 'live', phase: 'paused', dvr })
    await actions.togglePlay()
    await actions.setSpeed(10)
    await actions.goEnd()
    expect(transport.sent.slice(-3).map((command) => command.cmd)).toEqual(['replay_play', 'replay_speed', 'live_rejoin'])
  })

  test('speeds have ends', async () => {
    transport.tell({ ...base, speed: 1000 })
    await actions.shiftSpeed(1)
    transport.tell({ ...base, speed: 0 })
    await actions.shiftSpeed(1)
    transport.tell({ ...base, speed: 0.1 })
    await actions.shiftSpeed(-1)
    expect(named('replay_speed').map((command) => ('speed' in command ? command.speed : -1))).toEqual([0, 0, 0.1])
  })

  test('REPLAY pressed during LIVE asks before it ends the recording, then replays it', async () => {
    transport.tell({ ...base, mode: 'live', phase: 'recording' })
    await actions.goReplay()
    expect(named('live_stop')).toEqual([])
    const question = useScreen.getState().question
    transport.tell({ ...base, mode: 'idle', phase: 'idle', viewEpoch: 2 })
    question?.onYes()
    await expect.poll(() => named('replay_open')).toEqual([{ cmd: 'replay_open', path: '/rec' }])
    expect(named('live_stop')).toHaveLength(1)
  })

  test('a bundle that cannot be opened gets the stage when nothing is open, else a notice', async () => {
    transport.failing = 'Expected a bundle, found a cake.'
    await actions.openBundle('/x')
    expect(useScreen.getState().failure).toBeUndefined()
    expect(useNotices.getState().notices.at(-1)?.text).toContain('found a cake')
    transport.tell({ ...base, mode: 'idle', phase: 'idle', runId: '' })
    await actions.openBundle('/x')
    expect(useScreen.getState().failure).toMatchObject({ sentence: 'Expected a bundle, found a cake.' })
    expect(useScreen.getState().failure?.retry).toBeDefined()
  })

  test('a bundle dropped during LIVE waits in the library', async () => {
    transport.tell({ ...base, mode: 'live', phase: 'recording' })
    await actions.openAdded({ ok: true, value: bundle }, 'x.zip')
    expect(named('replay_open')).toEqual([])
    expect(useNotices.getState().notices.at(-1)?.text).toContain('Stop LIVE')
  })
})

describe('the connection', () => {
  test('every frame is paid for, also one that cannot be read', () => {
    const before = transport.granted.length
    transport.frame(new Uint8Array([1, 0, 0, 0, 9, 0, 0, 0, ...new Uint8Array(32).fill(7)]))
    expect(transport.granted.slice(before)).toEqual([40])
    expect(useNotices.getState().notices.at(-1)?.level).toBe('error')
  })

  test('a lost connection says so, forgets the session and tries again', async () => {
    vi.useFakeTimers()
    transport.lose()
    expect(useSession.getState().connection).toEqual({ state: 'lost', reason: 'gone' })
    expect(client.now).toBeUndefined()
    await vi.advanceTimersByTimeAsync(600)
    vi.useRealTimers()
    expect(useSession.getState().connection.state).toBe('ready')
    expect(named('session_get')).toHaveLength(2)
  })

  test('the store holds only what changes rarely', () => {
    const before = useSession.getState().session
    transport.tell({ ...base, playheadRelNs: 51e9, counts: { tape_trades: 5 }, endRelNs: 101e9 })
    expect(useSession.getState().session).toBe(before)
    expect(client.now?.playheadRelNs).toBe(51e9)
    transport.tell({ ...base, phase: 'playing' })
    expect(useSession.getState().session?.phase).toBe('playing')
  })
})
