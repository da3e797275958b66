import type { CommandReply } from '../../shared/api/index.ts'
import type { Failure } from '../../shared/errors.ts'
import { notify } from '../stores/noticeStore.ts'
import { setReport, useReport } from '../stores/reportStore.ts'
import { clearSelection, useSelection } from '../stores/selectionStore.ts'
import { setScreen } from '../stores/screenStore.ts'
import { useLiveForm } from '../stores/liveFormStore.ts'
import { strategyCommandOf } from '../stores/strategyRequest.ts'
import { showStrategyResult, useStrategy } from '../stores/strategyStore.ts'
import { shownText } from '../ui/shownText.ts'
import { durationText } from '../ui/humanText.ts'
import type { Actions } from './actions.ts'
import type { StudioClient } from './studioClient.ts'

/** Long work over bundles: reports, slices, strategy runs. The studio does one at a time. */
export class JobActions {
  readonly #client: StudioClient
  readonly #actions: Actions
  /** Rises with every report that is asked for, so that a late answer does not open a page that was closed. */
  #reportTurn = 0

  constructor(client: StudioClient, actions: Actions) {
    this.#client = client
    this.#actions = actions
  }

  /** Opens the report page of a bundle: it fills when the bundle has been read. */
  async report(path: string, name: string): Promise<void> {
    if (path === '' || useReport.getState().page.state === 'working') return
    const turn = ++this.#reportTurn
    setReport({ state: 'working', name })
    const reply: CommandReply<'bundle_report'> = await this.#client.call<'bundle_report'>({ cmd: 'bundle_report', path })
    if (turn !== this.#reportTurn) return
    if (reply.ok) setReport({ state: 'done', name, report: reply.value })
    else setReport({ state: 'failed', name, sentence: reply.failure.message })
  }

  /** Closes the report page; one that is still being made is cancelled. */
  closeReport(): void {
    const working = useReport.getState().page.state === 'working'
    this.#reportTurn++
    setReport({ state: 'closed' })
    if (working) void this.cancel()
  }

  /** Cuts the marked stretch into a bundle of its own. */
  async slice(): Promise<void> {
    const { range, path } = useSelection.getState()
    if (range === undefined || path === '') return
    const command = { cmd: 'bundle_slice', path, fromRelNs: range.fromRelNs, toRelNs: range.toRelNs } as const
    const reply = await this.#client.call<'bundle_slice'>(command)
    if (!reply.ok) return this.#failed('The slice was not made', reply.failure)
    const made = reply.value
    if (useSelection.getState().range === range) clearSelection()
    const text = `A slice of ${durationText(range.toRelNs - range.fromRelNs)} with ${made.records} records is in the library.`
    notify('info', text, { label: 'Open', run: () => void this.#actions.openBundle(made.path) })
  }

  /** Goes to the start of the marked stretch and plays. */
  async playRange(): Promise<void> {
    const { range } = useSelection.getState()
    if (range === undefined) return
    await this.#actions.seekTo(range.fromRelNs)
    if (this.#client.now?.phase !== 'playing') await this.#actions.togglePlay()
  }

  /** Runs the strategies of the form over its bundle or its live source. */
  async runStrategy(): Promise<void> {
    const made = strategyCommandOf(useStrategy.getState().form, openBundlePath(this.#client), useLiveForm.getState())
    if ('problem' in made) return void notify('warning', made.problem)
    showStrategyResult(useStrategy.getState().result)
    const reply = await this.#client.call<'strategy_run' | 'strategy_live'>(made.command)
    if (reply.ok) showStrategyResult(reply.value)
    else if (reply.failure.code === 'ABORTED') notify('info', shownText(reply.failure.message))
    else showStrategyResult(undefined, reply.failure.message)
    setScreen({ inspectorTab: 'strategy' })
  }

  async cancel(): Promise<void> {
    const reply = await this.#client.call<'job_cancel'>({ cmd: 'job_cancel' })
    if (!reply.ok) notify('error', reply.failure.message)
  }

  /** Ends the unpacking of an archive; nothing of it stays. */
  async cancelAdding(): Promise<void> {
    const reply = await this.#client.call<'library_add_cancel'>({ cmd: 'library_add_cancel' })
    if (!reply.ok) notify('error', reply.failure.message)
  }

  #failed(what: string, failure: Failure): void {
    if (failure.code === 'ABORTED') notify('info', `${what}: it was cancelled.`)
    else notify('error', `${what}. ${failure.message}`)
  }
}

/** Path of the bundle that is open in REPLAY; empty without one. */
export function openBundlePath(client: StudioClient): string {
  const now = client.now
  return now?.mode === 'replay' ? now.path : ''
}
