import { existsSync, statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { StudioError } from '../../../../shared/errors.ts'
import { hostClock } from '../../clock.ts'
import type { StrategyBirth, StrategyCommand, StrategyEvent } from '../../threads/strategyMessages.ts'
import { workerEntry } from '../../threads/workerEntry.ts'
import { ROW_LENGTH, type EventBatch } from '../events/eventBatch.ts'
import type { ParameterValue } from '../strategyApi.ts'
import { heldText, mostBufferBytes } from './bufferWatch.ts'
import { CallbackStats, type PlainCallbackStats } from './callbackStats.ts'
import { faultText } from './faultText.ts'
import { decodeIntents } from './intentCodec.ts'
import type { HostAnswer, StrategyHost } from './strategyHost.ts'
import type { StrategyRules } from './strategyRules.ts'
import { LOADING, RESTING } from './strategyThread.ts'

export interface WorkerHostOptions {
  readonly file: string
  readonly params: Readonly<Record<string, ParameterValue>>
  readonly rules: StrategyRules
  /** Ids by market number; grows while the run goes on. */
  readonly marketIds: readonly string[]
  /** How long one callback may run. */
  readonly callbackLimitMs: number
  /** Heap, and buffers outside of it, that the strategy may use. */
  readonly memoryLimitMb: number
}

/** Loading compiles and imports: it may take longer than a callback. */
const LOAD_LIMIT_MS = 20_000
/** Longest pause between two looks. */
const LOOK_MS = 125
/** What comes before and behind the callbacks of a batch is short; a promise or a timer of the strategy may make it endless. */
const REST_LIMIT_MS = 5000
/** What the strategy prints goes to standard error: standard output belongs to the result. */
const PRINTED_BYTES_MAX = 1_000_000

/** A strategy of one's own in a thread of its own: whatever it does, the run only ever sees an answer or a fault. */
export class WorkerHost implements StrategyHost {
  id = ''
  readonly #options: WorkerHostOptions
  readonly #worker: Worker
  readonly #pulse = new Int32Array(new SharedArrayBuffer(8))
  readonly #exited: Promise<void>
  #sentMarkets = 0
  #stats: PlainCallbackStats = new CallbackStats().plain()
  #waiting: ((event: StrategyEvent | { readonly kind: 'died'; readonly message: string }) => void) | undefined
  #death: string | undefined
  #watch: NodeJS.Timeout | undefined
  #seenPulse: number | undefined
  #seenSinceNs = 0n
  #printed = 0

  /**
   * Loads a strategy's file in a thread.
   * @throws StudioError CONFIG_INVALID when the file is missing or no strategy; the sentence says what was expected
   */
  static async start(options: WorkerHostOptions): Promise<WorkerHost> {
    if (!existsSync(options.file) || !statSync(options.file).isFile())
      throw new StudioError('CONFIG_INVALID', `There is no strategy file at this place: ${options.file}`)
    const host = new WorkerHost(options)
    const first = await host.#next()
    if (first.kind === 'ready') {
      host.id = first.id
      return host
    }
    await host.close()
    const message = first.kind === 'refused' || first.kind === 'died' ? first.message : 'The strategy answered before it was asked.'
    throw new StudioError('CONFIG_INVALID', message)
  }

  private constructor(options: WorkerHostOptions) {
    this.#options = options
    Atomics.store(this.#pulse, 0, LOADING)
    const { file, params, rules, memoryLimitMb } = options
    const birth: StrategyBirth = { file, params, rules, pulse: this.#pulse, maxBufferBytes: memoryLimitMb * 1e6 }
    this.#worker = new Worker(workerEntry('strategy'), {
      workerData: birth,
      name: 'tapedeck strategy',
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb, maxYoungGenerationSizeMb: Math.max(8, Math.floor(memoryLimitMb / 8)) }
    })
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) stream.on('data', (chunk: Buffer) => this.#print(chunk))
    this.#worker.on('message', (event: StrategyEvent) => this.#deliver(event))
    this.#worker.on('error', (error) => this.#die(this.#deathText(error)))
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#die(`Strategy ${this.#name} ended its own thread; a strategy runs until the run ends.`)
        resolve()
      })
    })
  }

  async run(batch: EventBatch, room: Int32Array | undefined): Promise<HostAnswer> {
    const { marketIds } = this.#options
    const rows = batch.rows.slice(0, batch.count * ROW_LENGTH)
    const newMarkets = marketIds.slice(this.#sentMarkets)
    this.#sentMarkets = marketIds.length
    const command: StrategyCommand = { kind: 'batch', rows, count: batch.count, firstSeq: batch.firstSeq, newMarkets, room }
    this.#worker.postMessage(command, [rows.buffer])
    const event = await this.#next()
    if (event.kind !== 'answer') {
      const message = event.kind === 'died' ? event.message : `Strategy ${this.#name} answered something else than was asked.`
      // What it had answered to the events before is lost with it, so none of the batch counts.
      return { at: [], intents: [], fault: { at: 0, message } }
    }
    this.#stats = event.stats
    return { ...decodeIntents(event.intents), fault: event.fault }
  }

  stats(): PlainCallbackStats {
    return this.#stats
  }

  async close(): Promise<void> {
    this.#death ??= 'The run is over.'
    clearInterval(this.#watch)
    await this.#worker.terminate()
    await this.#exited
  }

  get #name(): string {
    return this.id === '' ? this.#options.file : this.id
  }

  /** The next thing that the thread says, or that it died. */
  async #next(): Promise<StrategyEvent | { readonly kind: 'died'; readonly message: string }> {
    if (this.#death !== undefined) return { kind: 'died', message: this.#death }
    this.#seenPulse = undefined
    this.#watch = setInterval(() => this.#look(), Math.min(LOOK_MS, Math.max(5, this.#options.callbackLimitMs / 8)))
    const event = await new Promise<StrategyEvent | { readonly kind: 'died'; readonly message: string }>((resolve) => {
      this.#waiting = resolve
    })
    clearInterval(this.#watch)
    return event
  }

  #deliver(event: StrategyEvent | { readonly kind: 'died'; readonly message: string }): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(event)
  }

  #die(message: string): void {
    this.#death ??= message
    this.#deliver({ kind: 'died', message: this.#death })
  }

  /** Has the thread been at the same thing for longer than it may? */
  #look(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    const now = hostClock.monoNs()
    const pulse = Atomics.load(this.#pulse, 0)
    if (pulse !== this.#seenPulse) {
      this.#seenPulse = pulse
      this.#seenSinceNs = now
      return
    }
    this.#lookAtBuffers()
    const { limitMs, text } = this.#limitOf(pulse)
    if (now - this.#seenSinceNs < BigInt(Math.ceil(limitMs)) * 1_000_000n) return
    // This thread may have been the one that was busy: an answer that has come in the meantime is delivered before this is called.
    setImmediate(() => {
      if (this.#waiting === waiting && Atomics.load(this.#pulse, 0) === pulse) this.#stop(text)
    })
  }

  #limitOf(pulse: number): { readonly limitMs: number; readonly text: string } {
    const { callbackLimitMs } = this.#options
    const seq = Atomics.load(this.#pulse, 1) >>> 0
    const within = (what: string, limitMs: number, advice: string) => ({
      limitMs,
      text: `Strategy ${this.#name} ${what} within ${limitMs} ms and was stopped. ${advice}`
    })
    const advice = 'A callback must not wait or loop for long.'
    if (pulse === LOADING) return within('did not finish loading', LOAD_LIMIT_MS, advice)
    if (pulse !== RESTING) return within(`did not answer event ${seq}`, callbackLimitMs, advice)
    const what = seq === 0 ? 'did not come to rest before its first event' : `did not come to rest after event ${seq}`
    return within(what, Math.max(REST_LIMIT_MS, callbackLimitMs), 'A promise or a timer of it must not loop.')
  }

  /** A callback that does not return is looked at from here: the thread itself looks between two callbacks only. */
  #lookAtBuffers(): void {
    const limitBytes = this.#options.memoryLimitMb * 1e6
    this.#worker.getHeapStatistics().then(
      ({ external_memory: held }) => {
        if (held > mostBufferBytes(limitBytes)) this.#stop(`Strategy ${this.#name} ${heldText(held, limitBytes)} and was stopped.`)
      },
      () => undefined // The thread has ended, which is told where it ends.
    )
  }

  #stop(message: string): void {
    this.#die(message)
    void this.#worker.terminate()
  }

  #deathText(error: unknown): string {
    if ((error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY')
      return `Strategy ${this.#name} needs more memory than the ${this.#options.memoryLimitMb} MB it may use, and was stopped. Does it keep every event?`
    return `Strategy ${this.#name} failed: ${faultText(error, this.#options.file)}.`
  }

  #print(chunk: Buffer): void {
    if (this.#printed > PRINTED_BYTES_MAX) return
    this.#printed += chunk.length
    process.stderr.write(chunk)
    if (this.#printed > PRINTED_BYTES_MAX) process.stderr.write(`\n[strategy ${this.#name}: no more output is shown]\n`)
  }
}
