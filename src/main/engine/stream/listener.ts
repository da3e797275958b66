import { channelsOf, type StreamLine, type Subscription } from '../../../shared/api/index.ts'
import type { ChannelName, EventInstrument } from '../../../shared/channels/index.ts'
import type { StreamSink } from './streamTypes.ts'

/** One client's choice among the events. */
export class Listener {
  readonly sink: StreamSink
  subscription: Subscription
  #channels = new Set<ChannelName>()
  #tokens = new Set<string>()
  #stations = new Set<string>()

  constructor(sink: StreamSink, subscription: Subscription) {
    this.sink = sink
    this.subscription = subscription
    this.choose(subscription)
  }

  choose(subscription: Subscription): void {
    this.subscription = subscription
    this.#channels = new Set(subscription.channels.flatMap((name) => channelsOf(name, subscription.mode)))
    this.#tokens = new Set(subscription.tokens)
    this.#stations = new Set(subscription.stations)
  }

  /** @param about the instrument or station that it is about; undefined when it is about none, which everybody gets */
  wants(name: ChannelName, about: EventInstrument | undefined): boolean {
    if (!this.#channels.has(name)) return false
    if (about === undefined) return true
    if (about.stationId !== undefined) return this.#stations.size === 0 || this.#stations.has(about.stationId)
    return this.#tokens.size === 0 || this.#tokens.has(about.tokenId)
  }

  line(line: StreamLine): void {
    this.sink.line(line)
  }
}
