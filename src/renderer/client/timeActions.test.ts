import { beforeEach, expect, test, vi } from 'vitest'
import {
  type CommandName,
  type CommandReply,
  FRAME_KIND,
  frameHeader,
  type SessionState,
  type StudioCommand,
  type StudioEvent,
  type StudioTransport
} from '../../shared/api/index.ts'
import { useMoves } from '../stores/moveStore.ts'
import { useNotices } from '../stores/noticeStore.ts'
import { clearSelection, selectRange } from '../stores/selectionStore.ts'
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
  startRelNs: 0,
  endRelNs: 100e9,
  playheadRelNs: 50e9,
  speed: 1,
  skipIdle: false,
  instrumentId: 1,
  indexed: 1,
  feeds: [],
  counts: {}
}

/** A studio that obeys: a loop that is asked for is on. */
class Obedient implements StudioTransport {
  readonly sent: StudioCommand[] = []
  state = base
  #onFrame: (frame: Uint8Array) => void = () => undefined

  call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>> {
    const asked: StudioCommand = command
    this.sent.push(asked)
    if (asked.cmd === 'replay_loop') {
      const { loop: _old, ...rest } = this.state
      this.state = asked.loop === null ? rest : { ...rest, loop: { ...asked.loop, rounds: 0 } }
    }
    const known: Partial<Record<CommandName, unknown>> = { replay_jump: { moved: true, state: this.state }, window_open: null }
    const value = asked.cmd in known ? known[asked.cmd] : asked.cmd === 'library_list' || asked.cmd === 'settings_get' ? [] : this.state
    return Promise.resolve({ ok: true, value } as unknown as CommandReply<N>)
  }

  tell(state: SessionState): void {
    this.state = state
    const event: StudioEvent = { kind: 'session', state }
    this.#onFrame(frameHeader(FRAME_KIND.event, 0, new TextEncoder().encode(JSON.stringify(event))))
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#onFrame = listener
  }

  grant(): void {}
  onClosed(): void {}
  close(): void {}
}

let transport: Obedient
let time: TimeActions
const asked = (): StudioCommand[] => transport.sent.filter((command) => /^(replay|live|window)_/.test(command.cmd))

beforeEach(async () => {
  useNotices.setState({ notices: [] })
  useMoves.setState({ jumpKind: 'metar', preRollS: 2 })
  clearSelection()
  transport = new Obedient()
  const client = new StudioClient(() => transport)
  time = new TimeActions(client)
  client.start()
  transport.tell(base)
  await new Promise((resolve) => setTimeout(resolve, 0))
})

test('a jump names its kind, which becomes that of the buttons', async () => {
  await time.jump('shock', -1)
  expect([asked(), useMoves.getState().jumpKind]).toEqual([[{ cmd: 'replay_jump', kind: 'shock', direction: -1 }], 'shock'])
})

test('LIVE at its newest moment does not look for what is later', async () => {
  transport.tell({ ...base, mode: 'live', phase: 'recording' })
  await time.jump('metar', 1)
  expect(asked()).toEqual([])
  expect(useNotices.getState().notices.at(-1)?.text).toContain('no later METAR')
  await time.jump('metar', -1)
  expect(asked()).toEqual([{ cmd: 'replay_jump', kind: 'metar', direction: -1 }])
})

test('a loop goes over the marked range with its pre-roll and plays; the same key ends it', async () => {
  await time.toggleLoop()
  expect([asked(), useNotices.getState().notices.at(-1)?.text]).toEqual([[], expect.stringContaining('Mark the stretch')])
  selectRange('/a', 20e9, 10e9)
  await time.toggleLoop()
  expect(asked()).toEqual([{ cmd: 'replay_loop', loop: { fromRelNs: 10e9, toRelNs: 20e9, preRollNs: 2e9 } }, { cmd: 'replay_play' }])
  await time.setPreRoll(5)
  await time.moveLoop(30e9, 10e9)
  expect(asked().slice(2)).toEqual([
    { cmd: 'replay_loop', loop: { fromRelNs: 10e9, toRelNs: 20e9, preRollNs: 5e9 } },
    { cmd: 'replay_loop', loop: { fromRelNs: 10e9, toRelNs: 30e9, preRollNs: 5e9 } }
  ])
  await time.toggleLoop()
  expect(asked().at(-1)).toEqual({ cmd: 'replay_loop', loop: null })
})

test('a pre-roll that cannot be changes nothing', async () => {
  for (const seconds of [-1, NaN, 601]) await time.setPreRoll(seconds)
  expect(useMoves.getState().preRollS).toBe(2)
})

test('LIVE is rejoined only when it looks back', async () => {
  transport.tell({ ...base, mode: 'live', phase: 'recording' })
  await time.rejoin()
  expect(asked()).toEqual([])
  transport.tell({ ...base, mode: 'live', phase: 'paused', dvr: { headRelNs: 1, behindNs: 1 } })
  await time.rejoin()
  expect(asked()).toEqual([{ cmd: 'live_rejoin' }])
})
