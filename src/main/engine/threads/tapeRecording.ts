import type { MessagePort } from 'node:worker_threads'
import { hostClock } from '../clock.ts'
import { RecordLink, type Keep, type Recorded, type RecorderRun } from '../record/index.ts'
import { healthRecord } from '../replay/index.ts'
import type { JournalReport } from './captureMessages.ts'
import type { RecordCredit, RecordInput } from './recordMessages.ts'

/** Bytes of records that may be on their way to the recorder; beyond it they are stated as missed, and the tape goes on. */
const CREDIT_BYTES = 32 * 1024 * 1024

interface RunClock {
  readonly t0MonoNs: bigint
}

/** The tape thread's side of the recording: records out, credit and state back. */
export class TapeRecording {
  readonly #port: MessagePort
  readonly #keep: Keep
  #link: RecordLink | undefined
  #t0MonoNs = 0n
  #heartbeats = 0
  #status: RecordCredit['status'] | undefined

  constructor({ port, keep }: { readonly port: MessagePort; readonly keep: Keep }) {
    this.#port = port
    this.#keep = keep
    port.on('message', ({ bytes, status }: RecordCredit) => {
      this.#status = status
      this.#link?.grant(bytes)
    })
  }

  begin({ runDir, runId, venue, t0WallNs, t0MonoNs }: RecorderRun & RunClock): void {
    this.#t0MonoNs = t0MonoNs
    this.#tell({ kind: 'begin', run: { runDir, runId, venue, t0WallNs } })
    this.#link = new RecordLink({
      keep: this.#keep,
      runId,
      originTsNs: t0WallNs,
      creditBytes: CREDIT_BYTES,
      send: (bytes) => this.#tell({ kind: 'records', bytes, sentNs: Number(hostClock.monoNs()) }, [bytes.buffer as ArrayBuffer]),
      miss: (stretch) => this.#tell({ kind: 'missed', stretch })
    })
  }

  /** Takes the tape's records, bytes [0, length). */
  records(bytes: Uint8Array, length: number): void {
    this.#link?.record(bytes, length)
  }

  heartbeat(text: string, monoNs: bigint): void {
    this.#link?.health(healthRecord(text, this.#heartbeats++, Number(monoNs - this.#t0MonoNs)))
  }

  flush(): void {
    this.#link?.flush()
  }

  /** How the recorder does, by what it said last. */
  get report(): JournalReport | undefined {
    const status = this.#status
    if (status === undefined) return undefined
    const missedLines = status.missedLines + (this.#link?.missedLines ?? 0)
    return { ...status, missedLines }
  }

  /** Sends the rest. @returns what was to be recorded; undefined when the run never began */
  end(): Recorded | undefined {
    const recorded = this.#link?.end()
    this.#tell({ kind: 'end' })
    return recorded
  }

  /** Safe to call twice. */
  dispose(): void {
    this.#port.close()
  }

  #tell(input: RecordInput, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(input, transfer)
  }
}
