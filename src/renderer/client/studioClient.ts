import type { CommandName, CommandReply, SessionState, StudioCommand, StudioEvent, StudioTransport } from '../../shared/api/index.ts'
import { ColumnStore, FrameLoop, Playhead, type Stage, TradeStore } from '../stage/index.ts'
import { IntegrityData } from '../stores/integrityData.ts'
import { showInstruments } from '../stores/instrumentStore.ts'
import { forgetInputs } from '../stores/inputsStore.ts'
import { forgetJoin, showJoin } from '../stores/joinStore.ts'
import { forgetJob, showAdding, showJob } from '../stores/jobStore.ts'
import { LadderData } from '../stores/ladderData.ts'
import { LiveGates } from '../../shared/gates/index.ts'
import { showBundles } from '../stores/libraryStore.ts'
import { MarksData } from '../stores/marksData.ts'
import { notify } from '../stores/noticeStore.ts'
import { showSecrets, showSettings, showSettingsPage } from '../stores/settingsStore.ts'
import { forgetSession, showConnection, showSession } from '../stores/sessionStore.ts'
import { TimelineData } from '../stores/timelineData.ts'
import { FrameRouter, type ScreenData } from './frameRouter.ts'

const RETRY_MS = [500, 1_000, 2_000, 4_000] as const

/** The screen's end of the studio: one transport, one router, one loop, and the plain data that the panels draw from. */
export class StudioClient {
  readonly loop = new FrameLoop()
  readonly data: ScreenData = {
    columns: new ColumnStore(),
    trades: new TradeStore(),
    ladder: new LadderData(),
    timeline: new TimelineData(),
    integrity: new IntegrityData(),
    playhead: new Playhead(),
    health: '',
    gates: new LiveGates(),
    marks: new MarksData()
  }
  readonly #open: () => StudioTransport
  readonly #router: FrameRouter
  #transport: StudioTransport | undefined
  #now: SessionState | undefined
  #attempt = 0
  #stage: Stage | undefined

  constructor(open: () => StudioTransport) {
    this.#open = open
    this.#router = new FrameRouter(this.data, {
      touch: (topic) => this.loop.touch(topic),
      onEvent: (event) => this.#onEvent(event),
      onOtherBook: () => this.stage?.refit(),
      onOtherRun: () => this.#otherRun()
    })
  }

  /** The newest whole state, volatile parts included. */
  get now(): SessionState | undefined {
    return this.#now
  }

  /** The stage while it is on screen. */
  get stage(): Stage | undefined {
    return this.#stage
  }

  /** Names the stage that is on screen; undefined when it leaves. */
  attachStage(stage: Stage | undefined): void {
    this.#stage = stage
  }

  start(): void {
    const transport = this.#open()
    this.#transport = transport
    transport.onClosed((reason) => this.#lost(transport, reason))
    transport.onFrame((frame) => this.#onFrame(transport, frame))
    void this.#greet(transport)
  }

  /** Sends a command. A state in the answer is taken over before this resolves. */
  async call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>> {
    if (this.#transport === undefined) return { ok: false, failure: { code: 'ABORTED', message: 'There is no connection to the studio.' } }
    const reply = await this.#transport.call<N>(command)
    if (reply.ok && isState(reply.value)) this.#takeState(reply.value)
    return reply
  }

  dispose(): void {
    this.#transport?.close()
    this.#transport = undefined
  }

  async #greet(transport: StudioTransport): Promise<void> {
    const session = await this.call<'session_get'>({ cmd: 'session_get' })
    if (transport !== this.#transport || !session.ok) return
    this.#attempt = 0
    showConnection({ state: 'ready' })
    const library = await this.call<'library_list'>({ cmd: 'library_list' })
    if (library.ok) showBundles(library.value)
    const settings = await this.call<'settings_get'>({ cmd: 'settings_get' })
    if (settings.ok) showSettings(settings.value)
    const secrets = await this.call<'secret_status'>({ cmd: 'secret_status' })
    if (secrets.ok) showSecrets(secrets.value)
  }

  #onFrame(transport: StudioTransport, frame: Uint8Array): void {
    try {
      this.#router.take(frame)
    } catch (error) {
      notify(
        'error',
        `The studio sent something that the screen could not read. (${error instanceof Error ? error.message : String(error)})`
      )
    } finally {
      transport.grant(frame.byteLength)
    }
  }

  #takeState(state: SessionState): void {
    if (this.#router.takeSession(state)) this.#show(state)
  }

  #show(state: SessionState): void {
    this.#now = state
    if (state.mode === 'idle') showInstruments([])
    showSession(state)
  }

  #onEvent(event: StudioEvent): void {
    switch (event.kind) {
      case 'session':
        return this.#show(event.state)
      case 'instruments':
        return showInstruments(event.instruments)
      case 'library':
        return showBundles(event.bundles)
      case 'job':
        return showJob(event.job, event.share)
      case 'adding':
        return showAdding(event.name, event.share)
      case 'settings':
        return showSettings(event.settings)
      case 'open_settings':
        return showSettingsPage(true)
      case 'joined':
        return showJoin(event.proof)
      // The router has taken them.
      case 'marks':
        return
      case 'notice':
        return void notify(event.level, event.text)
    }
  }

  #otherRun(): void {
    forgetInputs()
    forgetJoin()
  }

  #lost(transport: StudioTransport, reason: string): void {
    if (transport !== this.#transport) return
    this.#transport = undefined
    this.#router.reset()
    this.#now = undefined
    forgetSession()
    forgetJob()
    showConnection({ state: 'lost', reason })
    const wait = RETRY_MS[Math.min(this.#attempt++, RETRY_MS.length - 1)] ?? 4_000
    setTimeout(() => this.start(), wait)
  }
}

function isState(value: unknown): value is SessionState {
  return typeof value === 'object' && value !== null && 'viewEpoch' in value
}
