import { randomUUID } from 'node:crypto'
import type { SessionState, StreamFacts, StreamState, Subscription } from '../../../shared/api/index.ts'
import { AT_LENGTH, AT_RECV, AT_WIRE_ID, CHANNELS, frameRaw, getI64, health } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { LatestEvents } from '../replay/index.ts'
import { eventIdsOf } from '../tape/index.ts'
import { LatestState } from './latestState.ts'
import { LineFan } from './lineFan.ts'
import { Listener } from './listener.ts'
import { streamState } from './streamState.ts'
import type { StreamLink, StreamSink, StreamSource } from './streamTypes.ts'

const STATE_EVERY_BATCHES = 64

/** What a live stream must know of its run. */
export interface LiveStreamFacts {
  readonly runId: string
  readonly venue: 'polymarket' | 'binance'
  readonly synthetic: boolean
  readonly originTsNs: bigint
}

/** A recording under way that clients listen to: the same lines as a replay of it gives. */
export class LiveStream implements StreamSource {
  readonly facts: StreamFacts
  readonly #run: LiveStreamFacts
  readonly #sessionId = randomUUID()
  readonly #fan: LineFan
  readonly #ids: ReturnType<typeof eventIdsOf>
  readonly #state = new LatestState()
  readonly #latest = new LatestEvents()
  readonly #counts = new Float64Array(64)
  #health: Uint8Array | undefined
  #waitingHealth: { readonly relNs: number; readonly bytes: Uint8Array }[] = []
  /** Receive time of the last frame. */
  #relNs = 0
  #batches = 0
  #ended = false

  constructor(run: LiveStreamFacts) {
    this.#run = run
    this.#fan = new LineFan(run.runId, run.originTsNs)
    this.#ids = eventIdsOf(run.runId)
    const { runId, venue, synthetic, originTsNs } = run
    this.facts = { mode: 'live', run_id: runId, venue, synthetic, origin_ts_ns: String(originTsNs) }
  }

  /** Takes whole records of the tape, or a heartbeat. */
  records(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length === 0) return
    if (view.getUint8(AT_WIRE_ID) === health.wireId) {
      this.#waitingHealth.push({ relNs: getI64(view, AT_RECV), bytes })
      return this.#fan.addHealth(bytes)
    }
    for (let at = 0, size = 0; at < bytes.length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      const wireId = view.getUint8(at + AT_WIRE_ID)
      this.#counts[wireId]!++
      // A frame's own record comes last: what it caused is whole then.
      if (wireId === frameRaw.wireId) this.#relNs = Math.max(this.#relNs, getI64(view, at + AT_RECV))
      else this.#state.take(bytes, at, at + size)
    }
    this.#latest.take(bytes, bytes.length)
    this.#fan.take(bytes, bytes.length)
    while (this.#waitingHealth.length > 0 && this.#waitingHealth[0]!.relNs < this.#relNs) this.#health = this.#waitingHealth.shift()!.bytes
    if (++this.#batches % STATE_EVERY_BATCHES === 0) this.#tellState()
  }

  /** The recording has ended. */
  ended(): void {
    this.#ended = true
    this.#tellState()
  }

  connect(sink: StreamSink, subscription: Subscription): StreamLink {
    const listener = new Listener(sink, subscription)
    this.#begin(listener)
    this.#fan.listeners.add(listener)
    const stateOf = (): StreamState => this.#stateFor(listener)
    return {
      get state() {
        return stateOf()
      },
      subscribe: (wanted) => {
        listener.choose(wanted)
        this.#begin(listener)
        sink.state(stateOf())
      },
      command: ({ cmd }) =>
        Promise.reject(
          new StudioError(
            'USAGE',
            `This is a recording under way: "${cmd}" belongs to a replay. Serve the bundle with --run-dir when it has ended.`
          )
        ),
      close: () => this.#fan.listeners.delete(listener)
    }
  }

  close(): Promise<void> {
    this.#fan.listeners.clear()
    return Promise.resolve()
  }

  /** The state as of now; before the first frame there is none, and the stream has everything. */
  #begin(listener: Listener): void {
    if (this.#counts[frameRaw.wireId] === 0) return
    listener.sink.reset(this.#relNs)
    const records = this.#state.records()
    this.#fan.begin(this.#health === undefined ? records : [...records, this.#health], [listener], false)
  }

  #tellState(): void {
    for (const listener of this.#fan.listeners) listener.sink.state(this.#stateFor(listener))
  }

  #stateFor({ subscription }: Listener): StreamState {
    const counts = Object.fromEntries(
      CHANNELS.filter(({ scope }) => scope === 'tape').map(({ name, wireId }) => [name, this.#counts[wireId] ?? 0])
    )
    const { runId, venue, synthetic, originTsNs } = this.#run
    const session: SessionState = {
      mode: 'live',
      phase: this.#ended ? 'finished' : 'recording',
      viewEpoch: 0,
      runId,
      name: '',
      path: '',
      venue,
      synthetic,
      originTsNs: String(originTsNs),
      startRelNs: 0,
      endRelNs: this.#relNs,
      playheadRelNs: this.#relNs,
      speed: 1,
      skipIdle: false,
      instrumentId: 0,
      indexed: 1,
      feeds: [],
      counts,
      latest: this.#latest.byChannel()
    }
    return streamState({
      sessionId: this.#sessionId,
      clock: 'live',
      session,
      originTsNs,
      eventIdOf: (_channel, { shard, frameIdx, pos }) => this.#ids(shard, frameIdx, pos),
      subscription,
      fresh: false,
      totalEvents: undefined,
      countOf: (channel) => counts[channel] ?? 0,
      calendar: undefined
    })
  }
}
