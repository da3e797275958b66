import type { ChannelName, WindowTrigger } from '../channels/index.ts'

/**
 * Where a jump goes: a weather report, the start of an event window or of a shock, a hole in the data, a trade of the instrument on screen, a
 * decision of the strategies that were run over the bundle in this session.
 */
export const JUMP_KINDS = ['metar', 'window', 'shock', 'gap', 'trade', 'decision'] as const
export type JumpKind = (typeof JUMP_KINDS)[number]

/** Slowest and fastest pace of a replay; 0 stands for as fast as possible. */
export const MIN_SPEED = 0.01
export const MAX_SPEED = 1000

/** A stretch of time in which something happened. Times are ns since the run's origin. */
export interface WindowMark {
  readonly fromRelNs: number
  /** Absent while it is open, or when its end was not recorded. */
  readonly toRelNs?: number
  readonly trigger: WindowTrigger
  /** Number of the instrument or station that it is about; 0 = none. */
  readonly instrumentId: number
  /** Name of the station that it is about. */
  readonly stationId?: string
  /** Why it was opened, one plain sentence; cut after 200 characters. */
  readonly reason: string
}

/** What a timeline marks: times of receipt, ns since the run's origin, ascending; the first few thousand of each kind. */
export interface RunMarks {
  readonly metar: readonly number[]
  readonly windows: readonly WindowMark[]
  readonly shocks: readonly number[]
  readonly gaps: readonly number[]
  /** Entries beyond those. */
  readonly leftOut: number
}

/** Where the newest event of a channel is: when it was received, and its place in the log. */
export interface LatestEvent {
  readonly relNs: number
  readonly shard: number
  readonly frameIdx: number
  readonly pos: number
}

/** A stretch that is played again and again. */
export interface LoopState {
  readonly fromRelNs: number
  readonly toRelNs: number
  /** How much is played before `fromRelNs` in each round. */
  readonly preRollNs: number
  /** Rounds that were played to their end. */
  readonly rounds: number
}

/** Looking back while the recording goes on. */
export interface DvrState {
  /** Newest receive time of the recording. */
  readonly headRelNs: number
  /** How far the playhead is behind it. */
  readonly behindNs: number
}

/** Whether what was played again is what was delivered live, told when the head is rejoined. */
export interface JoinProof {
  readonly equal: boolean
  /** Events that both saw. */
  readonly overlapEvents: number
  readonly fromRelNs: number
  readonly toRelNs: number
  /** SHA-256 of all events of the run up to `toRelNs`, of the live tape and of the replayed one. */
  readonly liveSha256: string
  readonly replayedSha256: string
}

/** SHA-256 of all events up to the playhead. */
export interface PlayheadFingerprint {
  readonly relNs: number
  readonly sha256: string
  readonly events: number
  /** The same over what a journal keeps: equal from raw frames, journal and Parquet. Absent while the run is being recorded. */
  readonly recorded?: { readonly sha256: string; readonly events: number }
}

/** An event as JSON (see docs/formats/event-json.md), and how old it was at the playhead by its time of receipt, in seconds. */
export interface AgedEvent {
  readonly event: Readonly<Record<string, unknown>>
  readonly ageS: number
}

/** What a nowcast was made of. */
export interface NowcastInput {
  readonly eventId: string
  readonly ch: string
  readonly name: string
  /** When it was received, ns since the run's origin, never beyond the playhead; of a forecast up to a second later. Absent when it cannot be told. */
  readonly recvRelNs?: number
  /** Age when the nowcast was made; absent when the source gave none. */
  readonly stalenessS?: number
  /** Age at the playhead. */
  readonly atPlayheadS?: number
}

/** The newest nowcast of one model, and what it says it was made of. */
export interface ModelNowcast {
  readonly model: string
  /** That of the frame that caused it. */
  readonly correlationId: string
  readonly nowcast: AgedEvent
  readonly inputs: readonly NowcastInput[]
}

/** What was known of one station at the playhead, and nothing that came later. */
export interface StationInputs {
  readonly stationId: string
  /** One of each model that had said something: the baseline first. */
  readonly nowcasts: readonly ModelNowcast[]
  readonly features?: AgedEvent
  /** Newest report and newest cluster. */
  readonly observations: readonly AgedEvent[]
}

export interface PlayheadInputs {
  readonly relNs: number
  readonly stations: readonly StationInputs[]
}

export type LatestByChannel = Partial<Record<ChannelName, LatestEvent>>
