import type { StreamDeed, StreamFacts, StreamLine, StreamState, Subscription } from '../../../shared/api/index.ts'

/** Where the events of a stream go: one client. */
export interface StreamSink {
  /** False when the client takes nothing for now. A clock of its own then waits; anything else does not. */
  readonly ready: boolean
  line(line: StreamLine): void
  /** What was sent is over: the newest event of each channel as of `relNs` follows, then what comes after it. */
  reset(relNs: number): void
  state(state: StreamState): void
}

/** One client at a stream. */
export interface StreamLink {
  /** What the client wants from now on; the state of that follows. */
  subscribe(subscription: Subscription): void
  /** @returns what is said beside the new state, for example whether a jump moved. @throws StudioError USAGE, and what the replay refuses */
  command(deed: StreamDeed): Promise<unknown>
  readonly state: StreamState
  close(): void
}

/** A run that can be listened to: a bundle, or a recording under way. */
export interface StreamSource {
  readonly facts: StreamFacts
  /**
   * @param clock `own`: the client plays for itself and is waited for. `shared`: all such clients see the same and none is waited for.
   * A recording under way has one clock only.
   */
  connect(sink: StreamSink, subscription: Subscription, clock: 'own' | 'shared'): StreamLink
  close(): Promise<void>
}
