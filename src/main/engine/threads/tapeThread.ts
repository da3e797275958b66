import type { MessagePort } from 'node:worker_threads'
import { StudioError, toFailure } from '../../../shared/errors.ts'
import { hostClock } from '../clock.ts'
import { fastClock } from '../fastClock.ts'
import { LiveSession, type LiveFacts } from '../live/index.ts'
import type { CaptureCommand, CaptureEvent } from './captureMessages.ts'
import type { LiveCommand, LiveEvent } from './messages.ts'
import { TapeRecording } from './tapeRecording.ts'
import { Ticker } from './ticker.ts'

/** Frame bytes that may be on their way from the capture thread; beyond it the tape reads the log itself. */
const FRAMES_CREDIT_BYTES = 32 * 1024 * 1024

/** The tape thread of a live run: frames come over a port from the capture thread, commands from the owner. */
export class TapeThread {
  readonly #post: (event: LiveEvent) => void
  #port: MessagePort | undefined
  #run: Extract<LiveCommand, { kind: 'run' }> | undefined
  #session: LiveSession | undefined
  #ticker: Ticker | undefined
  #recording: TapeRecording | undefined

  constructor(post: (event: LiveEvent) => void) {
    this.#post = post
  }

  handle(command: LiveCommand): void {
    switch (command.kind) {
      case 'run':
        this.#run = command
        this.#port = command.port
        command.port.on('message', (event: CaptureEvent) => this.#guarded(() => this.#onCapture(event)))
        this.#tell({ kind: 'credit', bytes: FRAMES_CREDIT_BYTES })
        if (command.recorder !== undefined) this.#recording = new TapeRecording(command.recorder)
        return
      case 'select':
        return this.#select(command.requestId, command.instrumentId)
      case 'lookBack':
        return this.#ask(command.command.requestId, (session) => session.lookBack(command.command))
      case 'rejoin':
        return this.#ask(command.requestId, (session) => session.rejoin(command.requestId))
      case 'credit':
        return this.#session?.grant(command.bytes)
      case 'refresh':
        return this.#session?.refresh()
      case 'close':
        this.#ticker?.stop()
        this.#session?.dispose()
        this.#recording?.dispose()
        this.#port?.close()
    }
  }

  #onCapture(event: CaptureEvent): void {
    switch (event.kind) {
      case 'started':
        return this.#start(event)
      case 'frames':
        this.#session?.frames(event.parts, event.writtenRelNs)
        return this.#worked(event)
      case 'heartbeat':
        this.#recording?.heartbeat(event.json, event.monoNs)
        return this.#session?.heartbeat(event.json, event.monoNs)
      case 'shardState':
        return this.#session?.shardState({ shard: event.shard, state: event.state, detail: event.detail })
      case 'ended':
        this.#ticker?.stop()
        return this.#ended()
      case 'failed':
        return
    }
  }

  /** The recorder is told last, so that it gets the records of the last second too. */
  #ended(): void {
    this.#session?.tick()
    const summary = this.#session?.ended()
    this.#post({ kind: 'ended', summary, recorded: this.#recording?.end() })
  }

  #worked({ flushId, parts }: Extract<CaptureEvent, { kind: 'frames' }>): void {
    this.#tell({ kind: 'credit', bytes: parts.reduce((sum, part) => sum + (part.bytes?.length ?? 0), 0), flushId })
    const report = this.#session?.dueReport()
    if (report !== undefined) this.#tell({ kind: 'tapeReport', report: { ...report, journal: this.#recording?.report } })
  }

  #start(event: Extract<CaptureEvent, { kind: 'started' }>): void {
    const run = this.#run
    if (run === undefined) throw new Error('broken promise: run comes first')
    const { name, venue, synthetic, historyNs, fastClock: fast } = run
    const clock = fast === undefined ? hostClock : fastClock(fast, hostClock)
    const facts: LiveFacts = {
      runDir: event.runDir,
      runId: event.runId,
      name,
      venue,
      synthetic,
      t0WallNs: event.t0WallNs,
      t0MonoNs: event.t0MonoNs,
      historyNs
    }
    this.#recording?.begin(facts)
    const session = new LiveSession(facts, {
      nowNs: () => Number(clock.monoNs()),
      post: this.#post,
      requestSnapshot: (shard, from, key) => this.#tell({ kind: 'requestSnapshot', shard, venue: from, key }),
      records: (bytes, length) => {
        this.#recording?.records(bytes, length)
        if (run.stream === true) this.#post({ kind: 'records', bytes: bytes.slice(0, length) })
      },
      health: (record) => {
        if (run.stream === true) this.#post({ kind: 'records', bytes: record.slice() })
      }
    })
    this.#session = session
    this.#ticker = new Ticker(() => {
      const afterMs = this.#guarded(() => session.tick()) ?? 100
      this.#recording?.flush()
      return afterMs
    })
    this.#ticker.wake()
  }

  #select(requestId: number, instrumentId: number): void {
    const session = this.#session
    if (session?.select(instrumentId) === true) return this.#post({ kind: 'done', requestId, state: session.state })
    const failure = toFailure(new StudioError('USAGE', `There is no instrument number ${instrumentId} yet. Choose one of the list.`))
    this.#post({ kind: 'failed', requestId, failure })
  }

  /** What cannot be done is answered; the tape goes on. */
  #ask(requestId: number, work: (session: LiveSession) => void): void {
    try {
      if (this.#session === undefined) throw new StudioError('USAGE', 'The recording has not begun yet.')
      work(this.#session)
      this.#ticker?.wake()
    } catch (error) {
      this.#post({ kind: 'failed', requestId, failure: toFailure(error) })
    }
  }

  #tell(command: CaptureCommand): void {
    this.#port?.postMessage(command)
  }

  /** A fault in the tape must not take the capture down: the raw bytes are safe, so say so and go on recording. */
  #guarded<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#post({ kind: 'failed', requestId: undefined, failure: toFailure(error) })
      return undefined
    }
  }
}
