import type { ChannelName } from '../channels/index.ts'
import type { Failure } from '../errors.ts'
import type { OpenDay } from './days.ts'
import type { DvrState, LatestByChannel, LoopState } from './replay.ts'
import type { CrashState, RunsVerdict } from './verdict.ts'

/** What the studio is doing. `live` records while it shows; `replay` shows a bundle on the replay clock. */
export type Mode = 'idle' | 'live' | 'replay'

export type Phase =
  | 'idle'
  | 'starting' // live: discovering instruments, connecting
  | 'recording' // live
  | 'stopping' // live: flushing, closing the bundle
  | 'loading' // replay: opening the bundle
  | 'paused'
  | 'playing'
  | 'finished' // replay: at the end
  | 'failed'

export interface FeedState {
  readonly shard: number
  readonly state: 'connecting' | 'open' | 'silent' | 'closed'
  readonly detail: string
}

/** How a bundle ended. */
export interface BundleVerdict {
  readonly state: CrashState
  /** For people; empty for a bundle that ended cleanly. */
  readonly sentence: string
}

/** The whole state of the session, pushed on change and at most ten times a second. Times are ns since `originTsNs`. */
export interface SessionState {
  readonly mode: Mode
  readonly phase: Phase
  /** Rises by one whenever the screen must forget what it drew: new session, seek, other instrument. Frames carry it. */
  readonly viewEpoch: number
  readonly runId: string
  /** Name for people: the venue in LIVE, the bundle's name in REPLAY. */
  readonly name: string
  readonly path: string
  readonly venue: 'polymarket' | 'binance' | ''
  /** True when the data was generated and never came from a market. */
  readonly synthetic: boolean
  readonly verdict?: RunsVerdict
  /** REPLAY of recorded events instead of raw frames; `path` is empty then. */
  readonly day?: OpenDay
  /** Nanoseconds since the Unix epoch of relNs 0, as decimal text. */
  readonly originTsNs: string
  readonly startRelNs: number
  /** End of what is known: last frame of the bundle, newest watermark of a live run. */
  readonly endRelNs: number
  readonly playheadRelNs: number
  /** 1 = as it happened; 0 = as fast as possible. */
  readonly speed: number
  readonly skipIdle: boolean
  readonly instrumentId: number
  /** Share of the bundle that the index pass has read, 0..1; 1 when done. Seeks beyond it wait for it. */
  readonly indexed: number
  readonly feeds: readonly FeedState[]
  readonly capture?: CaptureState
  /** Events so far by tape channel (at the playhead). */
  readonly counts: Partial<Record<ChannelName, number>>
  /** Newest event of each channel up to the playhead. */
  readonly latest?: LatestByChannel
  /** SHA-256 hex of all events up to the playhead, while it stands still. */
  readonly playheadFingerprint?: string
  readonly loop?: LoopState
  /** LIVE, while looking back; absent at the head. */
  readonly dvr?: DvrState
  /** SHA-256 hex at the end of the run, when known (index pass done, or live stopped). */
  readonly fingerprint?: string
  /** Fingerprint that the plant wrote when the run ended; compare with `fingerprint`. */
  readonly recordedFingerprint?: string
  readonly failure?: Failure
}

export interface CaptureState {
  readonly frames: number
  readonly bytes: number
  /** Bytes of all shards that are safely on disk. */
  readonly syncedBytes: number
  readonly framesPerSecond: number
  readonly reconnects: number
}

/** An instrument as the picker shows it. */
export interface InstrumentFacts {
  readonly instrumentId: number
  readonly venue: 'polymarket' | 'binance'
  readonly tokenId: string
  readonly marketId: string
  /** Question or symbol. */
  readonly name: string
  /** "Yes", "Down"; empty where there is none. */
  readonly outcome: string
  readonly tickE6: number
  readonly frames: number
  readonly trades: number
  readonly bookOk: boolean
}

/** A bundle in the library. */
export interface BundleEntry {
  readonly path: string
  readonly runId: string
  readonly name: string
  readonly venue: 'polymarket' | 'binance' | ''
  readonly synthetic: boolean
  /** Nanoseconds since the Unix epoch, decimal text. */
  readonly startTsNs: string
  readonly durationNs: number
  readonly frames: number
  readonly bytes: number
  readonly verdict: BundleVerdict
  /** True for the bundle that ships with the app. */
  readonly demo: boolean
}
