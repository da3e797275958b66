import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { CommandName, CommandReply, StudioCommand, StudioTransport } from '../../shared/api/index.ts'
import type { Failure } from '../../shared/errors.ts'
import { useNotices } from '../stores/noticeStore.ts'
import { setReport, useReport } from '../stores/reportStore.ts'
import { clearSelection, selectRange, useSelection } from '../stores/selectionStore.ts'
import { setStrategyForm, showStrategyResult, useStrategy } from '../stores/strategyStore.ts'
import { Actions } from './actions.ts'
import { JobActions } from './jobActions.ts'
import { StudioClient } from './studioClient.ts'

vi.stubGlobal('requestAnimationFrame', () => 0)

type Held = (reply: CommandReply<CommandName>) => void

/** A studio whose jobs end when the test says so. */
class HeldTransport implements StudioTransport {
  readonly sent: StudioCommand[] = []
  readonly held: Held[] = []

  call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>> {
    this.sent.push(command)
    if (command.cmd === 'job_cancel') return Promise.resolve({ ok: true, value: null } as unknown as CommandReply<N>)
    return new Promise((resolve) => this.held.push(resolve as Held))
  }

  onFrame(): void {}
  grant(): void {}
  onClosed(): void {}
  close(): void {}
}

const failed = (code: Failure['code'], message = 'It went wrong.'): CommandReply<CommandName> => ({ ok: false, failure: { code, message } })
const done = (value: unknown): CommandReply<CommandName> => ({ ok: true, value }) as CommandReply<CommandName>

let transport: HeldTransport
let jobs: JobActions

beforeEach(() => {
  transport = new HeldTransport()
  const client = new StudioClient(() => transport)
  client.start()
  transport.held.length = 0
  jobs = new JobActions(client, new Actions(client, { rejoin: () => Promise.resolve() }))
  useNotices.setState({ notices: [] })
  setReport({ state: 'closed' })
  clearSelection()
  showStrategyResult(undefined)
})

const texts = (): readonly string[] => useNotices.getState().notices.map((notice) => notice.text)

describe('reports', () => {
  test('the page opens at once and fills when the bundle has been read', async () => {
    const asked = jobs.report('/a', 'A')
    expect(useReport.getState().page).toEqual({ state: 'working', name: 'A' })
    const report = { path: '/a', gates: [] }
    transport.held[0]?.(done(report))
    await asked
    expect(useReport.getState().page).toEqual({ state: 'done', name: 'A', report })
  })

  test('closing it while it works cancels the job, and the late answer does not open it again', async () => {
    const asked = jobs.report('/a', 'A')
    jobs.closeReport()
    expect(transport.sent.at(-1)).toEqual({ cmd: 'job_cancel' })
    transport.held[0]?.(failed('ABORTED'))
    await asked
    expect(useReport.getState().page).toEqual({ state: 'closed' })
  })

  test('a failure is on the page, as one sentence', async () => {
    const asked = jobs.report('/a', 'A')
    transport.held[0]?.(failed('BUSY', 'Another report is under way.'))
    await asked
    expect(useReport.getState().page).toEqual({ state: 'failed', name: 'A', sentence: 'Another report is under way.' })
  })
})

describe('slices', () => {
  test('the marked range is cut; the notice offers to open it and the mark goes', async () => {
    selectRange('/a', 30e9, 10e9)
    const cut = jobs.slice()
    expect(transport.sent.at(-1)).toEqual({ cmd: 'bundle_slice', path: '/a', fromRelNs: 10e9, toRelNs: 30e9 })
    transport.held[0]?.(done({ path: '/a-slice', records: 12, bytes: 99 }))
    await cut
    expect(texts()).toEqual(['A slice of 00:20 with 12 records is in the library.'])
    expect(useSelection.getState().range).toBeUndefined()
    useNotices.getState().notices[0]?.action?.run()
    expect(transport.sent.at(-1)).toEqual({ cmd: 'replay_open', path: '/a-slice' })
  })

  test('one that fails or is cancelled keeps the mark', async () => {
    selectRange('/a', 0, 1e9)
    for (const [code, text] of [
      ['FILE_FAILED', 'The slice was not made. It went wrong.'],
      ['ABORTED', 'The slice was not made: it was cancelled.']
    ] as const) {
      const cut = jobs.slice()
      transport.held.pop()?.(failed(code))
      await cut
      expect(texts()).toContain(text)
    }
    expect(useSelection.getState().range).toEqual({ fromRelNs: 0, toRelNs: 1e9 })
  })

  test('without a mark nothing is asked for', async () => {
    const before = transport.sent.length
    await jobs.slice()
    await jobs.playRange()
    expect(transport.sent.length).toBe(before)
  })
})

describe('strategy runs', () => {
  const entry = (value: string) => ({ strategy: 'toy_spread', file: '', params: [{ name: 'size_e6', kind: 'number' as const, value }] })
  beforeEach(() => setStrategyForm({ over: 'bundle', path: '/a', strategies: [entry('5')] }))

  test('the request holds what the form says, the result is shown', async () => {
    const run = jobs.runStrategy()
    expect(transport.sent.at(-1)).toEqual({
      cmd: 'strategy_run',
      path: '/a',
      plan: {
        strategies: [{ name: 'toy_spread', params: { size_e6: 5 } }],
        events: 'book',
        settings: { feeBps: 100, takerSlippageBps: 10, callbackLimitMs: 1000, memoryLimitMb: 256 }
      }
    })
    transport.held[0]?.(done({ ok: true, path: '/a' }))
    await run
    expect(useStrategy.getState()).toMatchObject({ result: { ok: true }, problem: '' })
  })

  test('a failure takes the place of the result, a cancelled run leaves it', async () => {
    const cancelled = jobs.runStrategy()
    transport.held.pop()?.(failed('ABORTED', 'The job was cancelled.'))
    await cancelled
    expect(texts()).toEqual(['The job was cancelled.'])
    const broken = jobs.runStrategy()
    transport.held.pop()?.(failed('USAGE', 'There is no such file.'))
    await broken
    expect(useStrategy.getState()).toMatchObject({ result: undefined, problem: 'There is no such file.' })
  })

  test('a form that is wrong asks for nothing', async () => {
    setStrategyForm({ strategies: [entry('two')] })
    const before = transport.sent.length
    await jobs.runStrategy()
    expect(transport.sent.length).toBe(before)
    expect(texts()[0]).toMatch(/must be a number/)
  })
})
