import { rmSync } from 'node:fs'
import { MessageChannel } from 'node:worker_threads'
import { StudioError, toFailure, type Failure } from '../../../shared/errors.ts'
import { readStudioFacts, writeStudioFacts, type StudioRecorded } from '../bundle/index.ts'
import type { CaptureConfig, CaptureSecrets } from '../capture/index.ts'
import type { FastClock } from '../fastClock.ts'
import { TAPE_VERSION } from '../tape/index.ts'
import type { CaptureCommand, CaptureEvent } from '../threads/captureMessages.ts'
import type { LiveCommand, LiveEvent, RunSummary, SessionEvent } from '../threads/messages.ts'
import type { ReplayAnswer, ReplayRequest } from './replayRun.ts'
import { JournalWatch } from './journalWatch.ts'
import { Recording } from './recording.ts'
import { Requests } from './requests.ts'
import { EngineThread } from './worker.ts'

export type LiveRequest = ReplayRequest | { readonly kind: 'rejoin' }

export interface LiveRunOptions {
  readonly config: CaptureConfig
  /** Name of the source for people. */
  readonly name: string
  /** Left out: from the environment. */
  readonly secrets?: CaptureSecrets
  /** Of a practice day. */
  readonly fastClock?: FastClock
  readonly onEvent: (event: SessionEvent) => void
  /** Takes whole records of the tape and heartbeats, in order, for a stream of them. */
  readonly onRecords?: (bytes: Uint8Array) => void
  /** Heartbeats and shard states, for a command line that prints them. */
  readonly onCapture?: (event: CaptureEvent) => void
}

export interface LiveResult {
  readonly runDir: string
  readonly runId: string
  readonly reason: string
  readonly ok: boolean
  readonly frames: number
  readonly bytes: number
  readonly summary: RunSummary | undefined
  /** What was to be recorded as journals, and whether all of it is there; undefined where there is no journal. */
  readonly recorded: (StudioRecorded & { readonly complete: boolean }) | undefined
  readonly failure: Failure | undefined
}

/** One live run: the capture thread records, the tape thread shows. Ends when both have ended, with the fingerprint in the bundle. */
export class LiveRun {
  /** Settles when the bundle exists; rejects when the run could not start. */
  readonly started: Promise<{ runDir: string; runId: string }>
  /** Settles when everything is on disk and every frame went through the tape. Never rejects. */
  readonly ended: Promise<LiveResult>
  readonly #options: LiveRunOptions
  readonly #capture: EngineThread<CaptureCommand, CaptureEvent>
  readonly #tape: EngineThread<LiveCommand, LiveEvent>
  readonly #recording: Recording | undefined
  #resolveStarted!: (value: { runDir: string; runId: string }) => void
  #rejectStarted!: (error: Error) => void
  #resolveEnded!: (result: LiveResult) => void
  #where: { runDir: string; runId: string } | undefined
  #end: Extract<CaptureEvent, { kind: 'ended' }> | undefined
  #failure: Failure | undefined
  #tapeEnd: Pick<Extract<LiveEvent, { kind: 'ended' }>, 'summary' | 'recorded'> | undefined
  #settled = false
  readonly #requests = new Requests()
  readonly #journal = new JournalWatch()

  constructor(options: LiveRunOptions) {
    this.#options = options
    this.started = new Promise((resolve, reject) => {
      this.#resolveStarted = resolve
      this.#rejectStarted = reject
    })
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve))
    // A failure to start is told through `ended` too; nobody has to wait for both.
    this.started.catch(() => undefined)
    this.#capture = new EngineThread(
      'capture',
      (event) => this.#onCapture(event),
      (error) => this.#crashed('capture', error)
    )
    this.#tape = new EngineThread(
      'tape',
      (event) => this.#onTape(event),
      (error) => this.#crashed('tape', error)
    )
    const { port1, port2 } = new MessageChannel()
    const { config, name, fastClock, secrets } = options
    this.#recording = config.journal ? new Recording(config, options.onEvent, () => void this.#settleIfOver()) : undefined
    const recorder = this.#recording?.takeLink()
    const ports = recorder === undefined ? [port2] : [port2, recorder.port]
    this.#tape.send(
      {
        kind: 'run',
        port: port2,
        name,
        venue: config.venue,
        synthetic: config.synthetic,
        recorder,
        fastClock,
        historyNs: config.journalRingMinutes * 60e9,
        stream: options.onRecords !== undefined
      },
      ports
    )
    const more = { ...(secrets !== undefined && { secrets }), ...(fastClock !== undefined && { fastClock }) }
    this.#capture.send({ kind: 'start', config, framesPort: port1, ...more }, [port1])
  }

  /**
   * Chooses an instrument, looks back at the run while it is recorded, or goes back to its head.
   * @throws StudioError as the tape says
   */
  request(request: LiveRequest): Promise<ReplayAnswer> {
    return this.#requests.ask((requestId) => {
      if (request.kind === 'rejoin') return this.#tape.send({ kind: 'rejoin', requestId })
      if (request.kind === 'select') return this.#tape.send({ kind: 'select', requestId, instrumentId: request.instrumentId })
      if (request.kind !== 'open' && request.kind !== 'openDay') this.#tape.send({ kind: 'lookBack', command: { ...request, requestId } })
    })
  }

  /** Notes in the recording that the user marks this moment. */
  markMoment(reason: string): void {
    this.#capture.send({ kind: 'markMoment', reason })
  }

  grant(bytes: number): void {
    this.#tape.send({ kind: 'credit', bytes })
  }

  refresh(): void {
    this.#tape.send({ kind: 'refresh' })
  }

  /** Ends the run cleanly. @param reason as the run log states it: a signal's name, or who asked */
  stop(reason = 'stop'): Promise<LiveResult> {
    this.#capture.send({ kind: 'stop', reason })
    return this.ended
  }

  #onCapture(event: CaptureEvent): void {
    this.#options.onCapture?.(event)
    if (event.kind === 'heartbeat') {
      const notice = this.#journal.take(event.json)
      if (notice !== undefined) this.#options.onEvent({ kind: 'notice', ...notice })
    } else if (event.kind === 'started') {
      this.#where = { runDir: event.runDir, runId: event.runId }
      this.#resolveStarted(this.#where)
    } else if (event.kind === 'ended') {
      this.#end = event
      void this.#settleIfOver()
    } else if (event.kind === 'failed') {
      this.#failure = event.failure
      this.#options.onEvent({ kind: 'notice', level: 'error', text: event.failure.message })
      if (this.#where === undefined) void this.#settle()
    }
  }

  #onTape(event: LiveEvent): void {
    if (event.kind === 'records') return this.#options.onRecords?.(event.bytes)
    if (event.kind !== 'ended') return this.#requests.settle(event) ? undefined : this.#options.onEvent(event)
    this.#tapeEnd = event
    void this.#settleIfOver()
  }

  #crashed(which: 'capture' | 'tape', error: StudioError): void {
    this.#failure ??= { code: error.code, message: error.message }
    this.#options.onEvent({ kind: 'notice', level: 'error', text: error.message })
    if (which === 'capture') return void this.#settle()
    // Recording goes on without the tape; only the fingerprint and the picture are lost.
    this.#tapeEnd = { summary: undefined }
    void this.#settleIfOver()
  }

  async #settleIfOver(): Promise<void> {
    const isRecorded = this.#recording?.hasEnded ?? true
    if (this.#end !== undefined && this.#tapeEnd !== undefined && isRecorded) await this.#settle()
  }

  async #settle(): Promise<void> {
    if (this.#settled) return
    this.#settled = true
    this.#requests.end(new StudioError('ABORTED', 'The recording ended before this could be answered.'))
    await Promise.all([this.#capture.close({ kind: 'stop' }), this.#tape.close({ kind: 'close' })])
    await this.#recording?.close()
    // The recorder may have written to the journal after the capture had removed the folder.
    if (this.#end?.discarded === true && this.#where !== undefined) rmSync(this.#where.runDir, { recursive: true, force: true })
    const { summary, recorded } = this.#tapeEnd ?? {}
    const where = this.#where
    if (where !== undefined && summary !== undefined) this.#keepFingerprint(where.runDir, summary, recorded)
    const failure = this.#failure
    if (where === undefined)
      this.#rejectStarted(new StudioError(failure?.code ?? 'INTERNAL', failure?.message ?? 'The recording could not start.'))
    this.#resolveEnded({
      runDir: where?.runDir ?? '',
      runId: where?.runId ?? '',
      reason: this.#end?.reason ?? 'failed',
      ok: (this.#end?.ok ?? false) && failure === undefined,
      frames: this.#end?.frames ?? 0,
      bytes: this.#end?.bytes ?? 0,
      summary,
      recorded: recorded && { ...recorded, complete: this.#recording?.isComplete ?? false },
      failure
    })
  }

  /** The run is on disk by now: without its fingerprint it is still whole, so a failure here is said and no more. */
  #keepFingerprint(runDir: string, summary: RunSummary, recorded: StudioRecorded | undefined): void {
    try {
      this.#writeFingerprint(runDir, summary, recorded)
    } catch (error) {
      this.#options.onEvent({ kind: 'notice', level: 'warning', text: `The fingerprint could not be written. ${toFailure(error).message}` })
    }
  }

  #writeFingerprint(runDir: string, summary: RunSummary, recorded: StudioRecorded | undefined): void {
    const facts = readStudioFacts(runDir)
    if (facts === undefined) return
    const counts = Object.fromEntries(Object.entries(summary.counts).map(([name, n]) => [name, n ?? 0]))
    writeStudioFacts(runDir, { ...facts, fingerprint: { sha256: summary.sha256, counts, tape_version: TAPE_VERSION }, recorded })
  }
}
