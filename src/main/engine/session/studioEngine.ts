import { mkdirSync } from 'node:fs'
import type {
  BundleEntry,
  CommandName,
  CommandReply,
  DayChoice,
  FrameSink,
  InstrumentFacts,
  LiveSource,
  SessionState,
  SettingFacts,
  StudioCommand,
  StudioEvent
} from '../../../shared/api/index.ts'
import { StudioError, toFailure, type Failure } from '../../../shared/errors.ts'
import type { Engine, EngineOptions, ViewLink } from '../engineTypes.ts'
import type { SessionEvent } from '../threads/messages.ts'
import { runBundleJob } from './bundleJobs.ts'
import { parseCommand } from './commandSchema.ts'
import { libraryDays, storePlaces } from './days.ts'
import { Decisions } from './decisions.ts'
import { Jobs } from './jobs.ts'
import { describeBundle, Library } from './library.ts'
import { obeyLibrary } from './libraryCommands.ts'
import { LiveRun, type LiveResult } from './liveRun.ts'
import { prepareSource } from './liveSource.ts'
import { Secrets } from './secrets.ts'
import { replayRequestOf, replyOf } from './replayRequest.ts'
import { ReplayRun, type ReplayRequest } from './replayRun.ts'
import { IDLE, shiftEpoch, sourceName } from './sessionState.ts'
import { AppSettings } from './settings/appSettings.ts'
import { StorageKeeper } from './storage/storageKeeper.ts'
import { strategyLive } from './strategyLive.ts'
import { ViewHub } from './viewHub.ts'

type Session = { kind: 'none' } | { kind: 'live'; run: LiveRun; closeSource: () => Promise<void> } | { kind: 'replay'; run: ReplayRun }

/** The studio: one session at a time, the library, and the screens that look at them. */
export class StudioEngine implements Engine {
  readonly #options: EngineOptions
  readonly #library: Library
  readonly #hub: ViewHub
  readonly #settings: AppSettings
  readonly #secrets: Secrets
  readonly #storage: StorageKeeper
  readonly #jobs = new Jobs((job, share) => this.#tell({ kind: 'job', job, share }))
  #session: Session = { kind: 'none' }
  readonly #decisions = new Decisions()
  /** The live run whose end somebody asked for and waits for. */
  #ending: LiveRun | undefined
  #state = IDLE
  #instruments: readonly InstrumentFacts[] = []
  /** View epochs of all sessions of this engine rise, so that a screen never takes a frame of the last session for one of this. */
  #epochBase = 0
  #changing: Promise<unknown> = Promise.resolve()
  #disposed: Promise<void> | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    mkdirSync(options.dataDir, { recursive: true })
    this.#hub = new ViewHub({ onSent: (bytes) => this.#granted(bytes), onRefreshNeeded: () => this.#refresh() })
    this.#library = new Library({
      dataDir: options.dataDir,
      demoBundle: options.demoBundle,
      onNotice: (level, text) => this.#tell({ kind: 'notice', level, text }),
      onAdding: (name, share) => this.#tell({ kind: 'adding', name, share })
    })
    const environment = options.environment ?? process.env
    this.#secrets = new Secrets({ store: options.secrets, environment })
    this.#settings = new AppSettings({
      dataDir: options.dataDir,
      environment,
      onNotice: (text) => this.#tell({ kind: 'notice', level: 'warning', text })
    })
    this.#storage = new StorageKeeper({
      dataDir: options.dataDir,
      bundles: () => this.#library.list(),
      runJob: (request) => this.#jobs.run(request),
      onNotice: (level, text) => this.#tell({ kind: 'notice', level, text })
    })
  }

  async call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>): Promise<CommandReply<N>> {
    return (await this.callUnknown(command)) as CommandReply<N>
  }

  async callUnknown(value: unknown): Promise<CommandReply<CommandName>> {
    try {
      if (this.#disposed !== undefined) throw new StudioError('ABORTED', 'The studio is closing.')
      return { ok: true, value: await this.#do(parseCommand(value)) } as CommandReply<CommandName>
    } catch (error) {
      return { ok: false, failure: toFailure(error) }
    }
  }

  attachView(sink: FrameSink): ViewLink {
    const greeting: StudioEvent[] = [
      { kind: 'session', state: this.#state },
      { kind: 'instruments', instruments: this.#instruments }
    ]
    const link = this.#hub.attach(sink, greeting)
    this.#besides(this.#sendLibrary())
    return link
  }

  dispose(): Promise<void> {
    this.#jobs.cancel()
    this.#library.cancelAdding()
    this.#disposed ??= Promise.all([this.#storage.dispose(), this.#inTurn(() => this.#closeSession())]).then(() => {
      this.#hub.dispose()
      this.#library.dispose()
    })
    return this.#disposed
  }

  #do(command: StudioCommand): Promise<unknown> {
    switch (command.cmd) {
      case 'session_get':
        return Promise.resolve(this.#state)
      case 'session_close':
        return this.#inTurn(() => this.#closeSession())
      case 'library_list':
      case 'library_rescan':
      case 'library_forget':
      case 'library_add':
      case 'library_add_cancel':
        return obeyLibrary(this.#library, command, (work) => this.#thenTellLibrary(work))
      case 'settings_get':
        return Promise.resolve(this.#settings.facts())
      case 'settings_set':
        return Promise.resolve(this.#changeSettings(command.changes))
      case 'secret_status':
      case 'secret_set':
      case 'secret_clear':
        return Promise.resolve(this.#secrets.obey(command))
      case 'live_start':
        return this.#inTurn(() => this.#startLive(command.source))
      case 'live_stop':
        return this.#inTurn(() => this.#stopLive())
      case 'replay_open':
        return this.#inTurn(() => this.#openReplay(command.path))
      case 'days_list':
        return libraryDays(this.#library, this.#options.dataDir)
      case 'day_open':
        return this.#inTurn(() => this.#openDay(command.day))
      case 'storage_get':
      case 'storage_set':
      case 'storage_retention':
        return this.#storage.obey(command)
      case 'bundle_compact':
      case 'bundle_report':
      case 'bundle_slice':
        return runBundleJob(command, {
          jobs: this.#jobs,
          dataDir: this.#options.dataDir,
          runsDir: this.#library.runsDir,
          onBundle: (path) => this.#thenTellLibrary(this.#library.add(path))
        })
      case 'strategy_run':
        return this.#decisions.run(this.#jobs, command.path, command.plan)
      case 'strategy_live':
        return strategyLive(command, this.#jobs, { ...this.#settings.startValues(), dataDir: this.#options.dataDir })
      case 'job_cancel':
        this.#jobs.cancel()
        return Promise.resolve(null)
      case 'view_select':
        return this.#select(command.instrumentId)
      case 'live_rejoin':
        return this.#rejoin()
      case 'window_open':
        return Promise.resolve(this.#markMoment(command.reason))
      default:
        return this.#replay(replayRequestOf(command))
    }
  }

  #changeSettings(changes: Readonly<Record<string, string | null>>): readonly SettingFacts[] {
    const settings = this.#settings.change(changes)
    this.#tell({ kind: 'settings', settings })
    return settings
  }

  /** Sessions begin and end one after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#changing.then(work)
    this.#changing = turn.catch(() => undefined)
    return turn
  }

  /** Work that nobody waits for. Closing does not wait for it either: what fails then is no news. */
  #besides(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (this.#disposed === undefined) this.#tell({ kind: 'notice', level: 'warning', text: toFailure(error).message })
    })
  }

  async #thenTellLibrary<T>(work: Promise<T>): Promise<T> {
    const result = await work
    await this.#sendLibrary()
    return result
  }

  async #startLive(source: LiveSource): Promise<SessionState> {
    await this.#closeSession()
    this.#epochBase = this.#state.viewEpoch
    this.#setState({ ...IDLE, mode: 'live', phase: 'starting', name: sourceName(source), viewEpoch: this.#epochBase + 1 })
    try {
      const prepared = await prepareSource(source, { ...this.#settings.startValues(), dataDir: this.#options.dataDir })
      const secrets = this.#secrets.forCapture(source.kind.startsWith('practice'))
      const run = new LiveRun({
        config: prepared.config,
        name: prepared.name,
        secrets,
        onEvent: (event) => this.#onEvent(run, event),
        onCapture: (event) => event.kind === 'failed' && this.#liveFails(run, event.failure)
      })
      this.#session = { kind: 'live', run, closeSource: prepared.close }
      void run.ended.then((result) => this.#liveEnded(run, result))
      await run.started
      return this.#state
    } catch (error) {
      await this.#closeSession()
      this.#setState({ ...IDLE, phase: 'failed', viewEpoch: this.#state.viewEpoch, failure: toFailure(error) })
      throw error
    }
  }

  async #stopLive(): Promise<BundleEntry> {
    const session = this.#session
    if (session.kind !== 'live') throw new StudioError('USAGE', 'Nothing is being recorded at the moment.')
    this.#setState({ ...this.#state, phase: 'stopping' })
    const { runDir, failure } = await this.#endLive(session)
    if (runDir === '') throw new StudioError(failure?.code ?? 'ABORTED', failure?.message ?? 'The recording had not begun yet.')
    const entry = await this.#thenTellLibrary(this.#library.add(runDir))
    this.#storage.recordingEnded()
    return entry
  }

  async #endLive(session: Extract<Session, { kind: 'live' }>): Promise<LiveResult> {
    this.#ending = session.run
    const result = await session.run.stop()
    await session.closeSource()
    this.#session = { kind: 'none' }
    this.#setState({ ...IDLE, viewEpoch: this.#state.viewEpoch })
    return result
  }

  /** The run has to end and says why before it has. */
  #liveFails(run: LiveRun, failure: Failure): void {
    if (this.#session.kind === 'live' && this.#session.run === run) this.#setState({ ...this.#state, phase: 'stopping', failure })
  }

  /** The run ended by itself: its time was up, it failed, or a connection could not be kept. */
  #liveEnded(run: LiveRun, { reason, failure: found }: LiveResult): void {
    if (this.#session.kind !== 'live' || this.#session.run !== run || this.#ending === run) return
    void this.#session.closeSource()
    this.#session = { kind: 'none' }
    const timeUp = found === undefined && reason === 'duration'
    const failure = found ?? { code: 'ABORTED' as const, message: 'The recording ended.' }
    this.#setState({ ...IDLE, viewEpoch: this.#state.viewEpoch, ...(!timeUp && { phase: 'failed', failure }) })
    if (timeUp) this.#tell({ kind: 'notice', level: 'info', text: 'The recording ended: its duration is over. It is in the library.' })
    this.#besides(this.#thenTellLibrary(this.#library.rescan()).then(() => this.#storage.recordingEnded()))
  }

  async #openReplay(path: string): Promise<SessionState> {
    // Look before the running session is closed: a damaged file must not cost the one on screen.
    const entry = await describeBundle(path, path === this.#options.demoBundle)
    const state = await this.#startReplay({ kind: 'open', path: entry.path }, entry)
    const sentence = state.verdict?.sentence ?? ''
    if (sentence !== '') this.#tell({ kind: 'notice', level: 'warning', text: sentence })
    return state
  }

  async #openDay(choice: DayChoice): Promise<SessionState> {
    const places = storePlaces(await this.#library.list(), this.#options.dataDir)
    return this.#startReplay({ kind: 'openDay', day: { choice, ...places } }, { name: `Recorded day ${choice.date}`, path: '' })
  }

  async #startReplay(request: ReplayRequest, { name, path }: Pick<BundleEntry, 'name' | 'path'>): Promise<SessionState> {
    await this.#closeSession()
    this.#epochBase = this.#state.viewEpoch
    this.#setState({ ...IDLE, mode: 'replay', phase: 'loading', name, path, indexed: 0, viewEpoch: this.#epochBase + 1 })
    const run = new ReplayRun((event) => this.#onEvent(run, event))
    this.#session = { kind: 'replay', run }
    try {
      const { state: opened } = await run.request(request)
      const state = this.#withEpoch(opened)
      this.#setState(state)
      await this.#decisions.opened(run, state.path)
      return state
    } catch (error) {
      await this.#closeSession()
      this.#setState({ ...IDLE, phase: 'failed', viewEpoch: this.#state.viewEpoch, failure: toFailure(error) })
      throw error
    }
  }

  async #closeSession(): Promise<SessionState> {
    const session = this.#session
    if (session.kind === 'live') {
      const { runDir } = await this.#endLive(session)
      if (runDir !== '')
        await this.#library.add(runDir).then(
          () => this.#storage.recordingEnded(),
          () => undefined
        )
    } else if (session.kind === 'replay') {
      this.#decisions.closed()
      this.#session = { kind: 'none' }
      await session.run.close()
    }
    this.#instruments = []
    this.#tell({ kind: 'instruments', instruments: [] })
    this.#setState({ ...IDLE, viewEpoch: this.#state.viewEpoch })
    return this.#state
  }

  /** In LIVE the same commands look back at the run that is being recorded. */
  async #replay(request: ReplayRequest): Promise<unknown> {
    const session = this.#session
    if (session.kind === 'none') throw new StudioError('USAGE', 'No bundle is open in REPLAY. Open one from the library first.')
    const answer = await session.run.request(request)
    const state = this.#withEpoch(answer.state)
    if (this.#session === session && this.#state.phase !== 'stopping') this.#setState(state)
    return replyOf(request, answer, state)
  }

  async #rejoin(): Promise<unknown> {
    if (this.#session.kind !== 'live') throw new StudioError('USAGE', 'Nothing is being recorded at the moment.')
    return (await this.#session.run.request({ kind: 'rejoin' })).value
  }

  #markMoment(reason: string): null {
    if (this.#session.kind !== 'live' || this.#state.phase === 'starting' || this.#state.phase === 'stopping')
      throw new StudioError('USAGE', 'Nothing is being recorded at the moment. Only a running recording can be marked.')
    this.#session.run.markMoment(reason)
    return null
  }

  async #select(instrumentId: number): Promise<unknown> {
    if (this.#session.kind === 'none') throw new StudioError('USAGE', 'Open a bundle or go LIVE first.')
    return this.#replay({ kind: 'select', instrumentId })
  }

  #onEvent(from: LiveRun | ReplayRun, event: SessionEvent): void {
    const session = this.#session
    if (session.kind === 'none' || session.run !== from) return
    switch (event.kind) {
      case 'frame':
        shiftEpoch(event.frame, this.#epochBase)
        return this.#hub.frame(event.frame)
      case 'state':
        if (this.#state.phase !== 'stopping') this.#setState(this.#withEpoch(event.state))
        return
      case 'instruments':
        this.#instruments = event.instruments
        return this.#tell(event)
      case 'notice':
      case 'marks':
      case 'joined':
        return this.#tell(event)
      case 'failed':
        return this.#onFailed(session, event)
      case 'done':
      case 'closed':
        return
    }
  }

  #onFailed(session: Session, event: Extract<SessionEvent, { kind: 'failed' }>): void {
    this.#tell({ kind: 'notice', level: 'error', text: event.failure.message })
    if (session.kind === 'replay') this.#setState({ ...this.#state, phase: 'failed', failure: event.failure })
  }

  #withEpoch(state: SessionState): SessionState {
    return { ...state, viewEpoch: state.viewEpoch + this.#epochBase }
  }

  #setState(state: SessionState): void {
    this.#state = state
    this.#tell({ kind: 'session', state })
  }

  #tell(event: StudioEvent): void {
    this.#hub.event(event)
  }

  async #sendLibrary(): Promise<void> {
    this.#tell({ kind: 'library', bundles: await this.#library.list() })
  }

  #granted(bytes: number): void {
    if (this.#session.kind !== 'none' && bytes > 0) this.#session.run.grant(bytes)
  }

  #refresh(): void {
    if (this.#session.kind !== 'none') this.#session.run.refresh()
  }
}
