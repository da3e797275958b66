import type { BundleEntry, CommandName, CommandReply, StudioCommand } from '../../shared/api/index.ts'
import type { Failure } from '../../shared/errors.ts'
import { NS_PER_SECOND } from '../../shared/units.ts'
import { useLibrary } from '../stores/libraryStore.ts'
import { sourceOf, useLiveForm } from '../stores/liveFormStore.ts'
import { dismissErrors, notify } from '../stores/noticeStore.ts'
import { setScreen, useScreen } from '../stores/screenStore.ts'
import { canMove, isAtHead } from './moving.ts'
import type { StudioClient } from './studioClient.ts'
import type { TimeActions } from './timeActions.ts'

/** Speeds of the transport; 0 = as fast as possible. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 0] as const

/** What the user can do, by name. Every failure ends on the screen as one plain sentence. */
export class Actions {
  readonly #client: StudioClient
  readonly #time: Pick<TimeActions, 'rejoin'>
  /** Where the next seek goes; undefined when none is wished for. */
  #seekTarget: number | undefined
  /** Where the playhead will be when every seek has been answered. */
  #seekGoal = 0
  #seeking = false
  #lastRecorded: string | undefined

  constructor(client: StudioClient, time: Pick<TimeActions, 'rejoin'>) {
    this.#client = client
    this.#time = time
  }

  /** Starts LIVE with the source of the form. A replay that is open is closed by the studio. */
  async goLive(): Promise<void> {
    const made = sourceOf(useLiveForm.getState())
    if ('problem' in made) return void notify('warning', made.problem)
    if (this.#client.now?.mode === 'live') return
    setScreen({ failure: undefined, following: true })
    const reply = await this.#busy('Starting LIVE…', { cmd: 'live_start', source: made.source })
    if (reply.ok) dismissErrors()
    else this.#fail('LIVE could not start', reply.failure, () => void this.goLive())
  }

  /** Stops LIVE. @returns the recorded bundle when that went well */
  async stopLive(): Promise<BundleEntry | undefined> {
    const reply = await this.#busy<'live_stop'>('Closing the recording…', { cmd: 'live_stop' })
    if (!reply.ok) {
      this.#fail('The recording could not be closed', reply.failure)
      return undefined
    }
    this.#lastRecorded = reply.value.path
    notify('info', `Recorded ${reply.value.name}. It is in the library, ready for REPLAY.`)
    return reply.value
  }

  /** The REPLAY half of the mode switch: from LIVE it asks first, because it ends the recording. */
  async goReplay(): Promise<void> {
    const mode = this.#client.now?.mode
    if (mode === 'replay') return
    if (mode === 'live') return this.#askToStop()
    const { bundles } = useLibrary.getState()
    const bundle = bundles.find((one) => one.path === this.#lastRecorded) ?? bundles[0]
    if (bundle === undefined)
      return void notify('info', 'The library is empty. Drop a run bundle onto the window, or record one with LIVE.')
    await this.openBundle(bundle.path)
  }

  async openBundle(path: string): Promise<void> {
    if (this.#client.now?.mode === 'live') return void notify('warning', 'LIVE is recording. Stop it before you open a bundle.')
    setScreen({ failure: undefined, following: true })
    const reply = await this.#busy('Opening the bundle…', { cmd: 'replay_open', path })
    if (reply.ok) dismissErrors()
    else this.#fail('The bundle could not be opened', reply.failure, () => void this.openBundle(path))
  }

  async closeSession(): Promise<void> {
    setScreen({ failure: undefined })
    await this.#quiet({ cmd: 'session_close' })
  }

  async forgetBundle(path: string): Promise<void> {
    const reply = await this.#client.call<'library_forget'>({ cmd: 'library_forget', path })
    if (!reply.ok) notify('error', reply.failure.message)
    else useLibrary.setState({ bundles: useLibrary.getState().bundles.filter((bundle) => bundle.path !== path) })
  }

  /** After files were added: opens the bundle, or says why not. */
  async openAdded(reply: CommandReply<'library_add'>, name: string): Promise<void> {
    if (!reply.ok && reply.failure.code === 'ABORTED') return void notify('info', `${name} was not added: ${reply.failure.message}`)
    if (!reply.ok) return this.#fail(`${name} could not be opened`, reply.failure)
    if (this.#client.now?.mode === 'live') return void notify('info', `${reply.value.name} is in the library. Stop LIVE to open it.`)
    await this.openBundle(reply.value.path)
  }

  async selectInstrument(instrumentId: number): Promise<void> {
    await this.#quiet({ cmd: 'view_select', instrumentId })
  }

  /** In LIVE a pause stays where it is while the recording goes on. */
  async togglePlay(): Promise<void> {
    const now = this.#client.now
    if (!canMove(now)) return
    if (now.phase === 'playing' || isAtHead(now)) return this.#quiet({ cmd: 'replay_pause' })
    setScreen({ following: true })
    this.follow()
    await this.#quiet({ cmd: 'replay_play' })
  }

  async step(unit: 'event' | 'second', direction: 1 | -1): Promise<void> {
    const now = this.#client.now
    if (canMove(now) && !(isAtHead(now) && direction === 1)) await this.#quiet({ cmd: 'replay_step', unit, direction })
  }

  async setSpeed(speed: number): Promise<void> {
    const now = this.#client.now
    if (canMove(now) && !isAtHead(now)) await this.#quiet({ cmd: 'replay_speed', speed })
  }

  /** Next slower or faster speed of the list. */
  async shiftSpeed(by: 1 | -1): Promise<void> {
    await this.setSpeed(speedBeside(this.#client.now?.speed ?? 1, by))
  }

  async setSkipIdle(skip: boolean): Promise<void> {
    await this.#quiet({ cmd: 'replay_skip_idle', skip })
  }

  /** Seeks to an instant, kept inside the run. While one seek runs, only the newest wish is remembered. */
  async seekTo(relNs: number): Promise<void> {
    const now = this.#client.now
    if (!canMove(now) || (isAtHead(now) && relNs >= now.endRelNs)) return
    this.#seekGoal = Math.round(Math.min(now.endRelNs, Math.max(now.startRelNs, relNs)))
    this.#seekTarget = this.#seekGoal
    if (this.#seeking) return
    this.#seeking = true
    try {
      while (this.#seekTarget !== undefined) {
        const target: number = this.#seekTarget
        this.#seekTarget = undefined
        await this.#quiet({ cmd: 'replay_seek', relNs: target })
      }
    } finally {
      this.#seeking = false
    }
  }

  async seekBy(seconds: number): Promise<void> {
    await this.seekTo((this.#seeking ? this.#seekGoal : this.#client.data.playhead.relNs) + seconds * NS_PER_SECOND)
  }

  async goHome(): Promise<void> {
    const now = this.#client.now
    if (now !== undefined) await this.seekTo(now.startRelNs)
  }

  /** End: to the newest instant, and the picture follows the playhead again. LIVE that looks back is rejoined. */
  async goEnd(): Promise<void> {
    this.follow()
    const now = this.#client.now
    if (now?.mode === 'live') return this.#time.rejoin()
    if (now?.mode === 'replay') await this.seekTo(now.endRelNs)
  }

  /** Attaches the picture to the playhead. */
  follow(): void {
    this.#client.stage?.setFollowing(true)
  }

  #askToStop(): void {
    setScreen({
      question: {
        text: 'LIVE is recording. Stop the recording and replay it?',
        yes: 'Stop and replay',
        no: 'Keep recording',
        onYes: () => void this.#stopAndReplay()
      }
    })
  }

  async #stopAndReplay(): Promise<void> {
    const bundle = await this.stopLive()
    if (bundle !== undefined) await this.openBundle(bundle.path)
  }

  async #busy<N extends CommandName>(text: string, command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>> {
    setScreen({ busy: text })
    try {
      return await this.#client.call<N>(command)
    } finally {
      if (useScreen.getState().busy === text) setScreen({ busy: undefined })
    }
  }

  async #quiet(command: StudioCommand): Promise<void> {
    const reply = await this.#client.call(command)
    if (!reply.ok) notify('error', reply.failure.message)
  }

  /** With nothing open the failure has the stage; else it is a notice over what is open. */
  #fail(title: string, failure: Failure, retry?: () => void): void {
    const now = this.#client.now
    if (now === undefined || now.mode === 'idle' || now.phase === 'failed') {
      setScreen({ failure: { title, sentence: failure.message, ...(retry !== undefined && { retry }) } })
    } else notify('error', `${title}. ${failure.message}`)
  }
}

/** The next slower or faster speed of the list, whatever the present one is. 0 (as fast as possible) is the fastest. */
export function speedBeside(speed: number, by: 1 | -1): number {
  const rank = (one: number): number => (one === 0 ? Infinity : one)
  const found = by === 1 ? SPEEDS.find((one) => rank(one) > rank(speed)) : SPEEDS.findLast((one) => rank(one) < rank(speed))
  return found ?? speed
}
