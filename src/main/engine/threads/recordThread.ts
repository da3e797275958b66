import { dirname } from 'node:path'
import { hostClock } from '../clock.ts'
import { Recorder, salvageRuns } from '../record/index.ts'
import type { RecordCommand, RecordCredit, RecordEvent, RecordInput } from './recordMessages.ts'

const TICK_MS = 500

/** The recorder thread of a live run: records come over a port from the tape thread, commands from the owner. */
export class RecordThread {
  readonly #post: (event: RecordEvent) => void
  #start: Extract<RecordCommand, { kind: 'start' }> | undefined
  #recorder: Recorder | undefined
  /** Inputs are worked off one after another. */
  #work: Promise<void> = Promise.resolve()
  #ticking: NodeJS.Timeout | undefined
  #inboxBytes = 0
  #lagMs = 0
  #toldFault = false
  #hasEnded = false

  constructor(post: (event: RecordEvent) => void) {
    this.#post = post
  }

  handle(command: RecordCommand): void {
    switch (command.kind) {
      case 'start':
        this.#start = command
        command.port.on('message', (input: RecordInput) => this.#enqueue(input))
        // The tape thread is gone: what came from it is kept.
        command.port.on('close', () => this.#enqueue({ kind: 'end' }))
        return
      case 'close':
        this.dispose()
    }
  }

  /** Safe to call twice. */
  dispose(): void {
    this.#hasEnded = true
    clearInterval(this.#ticking)
    this.#start?.port.close()
  }

  #enqueue(input: RecordInput): void {
    if (input.kind === 'records') this.#inboxBytes += input.bytes.length
    this.#work = this.#work.then(() => this.#take(input))
  }

  async #take(input: RecordInput): Promise<void> {
    switch (input.kind) {
      case 'begin':
        return this.#begin(input)
      case 'records':
        await this.#recorder?.take(input.bytes)
        this.#inboxBytes -= input.bytes.length
        this.#lagMs = (Number(hostClock.monoNs()) - input.sentNs) / 1e6
        return this.#credit(input.bytes.length)
      case 'missed':
        return this.#recorder?.miss(input.stretch)
      case 'end':
        return this.#end()
    }
  }

  #begin({ run }: Extract<RecordInput, { kind: 'begin' }>): void {
    if (this.#start === undefined) throw new Error('broken promise: start comes first')
    this.#recorder = new Recorder({ ...run, settings: this.#start.settings, clock: hostClock })
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
    const { salvage } = this.#start.settings
    if (salvage !== undefined) void salvageRuns(dirname(run.runDir), run.runId, salvage ? 'salvage' : 'delete')
  }

  #tick(): void {
    this.#recorder?.tick()
    // Also when nothing is recorded: what the recorder says of itself must not grow old.
    this.#credit(0)
    const fault = this.#recorder?.status.lastFault
    if (fault === undefined || this.#toldFault) return
    this.#toldFault = true
    this.#post({
      kind: 'notice',
      level: 'warning',
      text: `The journal cannot be written (${fault}). It is tried again; the raw recording goes on.`
    })
  }

  #credit(bytes: number): void {
    const status = this.#recorder?.status
    if (status === undefined) return
    const credit: RecordCredit = {
      kind: 'credit',
      bytes,
      status: { ...status, queuedBytes: status.queuedBytes + this.#inboxBytes, lagMs: this.#lagMs }
    }
    this.#start?.port.postMessage(credit)
  }

  async #end(): Promise<void> {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearInterval(this.#ticking)
    const done = await this.#recorder?.finish()
    this.#credit(0)
    this.#post({ kind: 'ended', ok: done?.ok ?? true, counts: done?.counts })
  }
}
