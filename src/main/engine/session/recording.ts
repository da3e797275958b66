import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { StudioError } from '../../../shared/errors.ts'
import type { CaptureConfig } from '../capture/index.ts'
import type { Keep } from '../record/index.ts'
import type { SessionEvent } from '../threads/messages.ts'
import type { RecordCommand, RecordEvent } from '../threads/recordMessages.ts'
import { EngineThread } from './worker.ts'

/** The recorder thread of a live run. What becomes of it never touches the capture. */
export class Recording {
  /** Everything that came is on disk, or stated as missed; or the thread is gone. */
  hasEnded = false
  /** The journal holds everything that was to be in it. */
  isComplete = false
  readonly #keep: Keep
  readonly #thread: EngineThread<RecordCommand, RecordEvent>
  readonly #onEvent: (event: SessionEvent) => void
  readonly #onEnded: () => void
  readonly #tapePort: MessagePort

  constructor(config: CaptureConfig, onEvent: (event: SessionEvent) => void, onEnded: () => void) {
    this.#keep = config.journalKeep
    this.#onEvent = onEvent
    this.#onEnded = onEnded
    this.#thread = new EngineThread(
      'record',
      (event) => this.#take(event),
      (error) => this.#crashed(error)
    )
    const { port1, port2 } = new MessageChannel()
    this.#tapePort = port2
    const settings = {
      keep: config.journalKeep,
      segmentSeconds: config.journalSegmentSeconds,
      segmentBytes: config.journalSegmentBytes,
      salvage: config.journalSalvage
    }
    this.#thread.send({ kind: 'start', port: port1, settings }, [port1])
  }

  /** What the tape thread needs; its port must be transferred, once. */
  takeLink(): { readonly port: MessagePort; readonly keep: Keep } {
    return { port: this.#tapePort, keep: this.#keep }
  }

  /** Ends the thread. Safe to call twice. */
  async close(): Promise<void> {
    await this.#thread.close({ kind: 'close' })
  }

  #take(event: RecordEvent): void {
    if (event.kind === 'notice') return this.#onEvent(event)
    if (event.kind !== 'ended') return
    this.hasEnded = true
    this.isComplete = event.ok
    this.#onEnded()
  }

  #crashed(error: StudioError): void {
    this.#onEvent({
      kind: 'notice',
      level: 'warning',
      text: `${error.message} The recording goes on; the journal can be made again from it.`
    })
    this.hasEnded = true
    this.#onEnded()
  }
}
