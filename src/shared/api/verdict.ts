/** How a recording ended, as it is told when it is opened. Keys are those that the command line prints. Times are ns since the run's origin. */

/**
 * ended: complete. recovered: what is there is sound, what was lost is stated. quarantined: something cannot be trusted and is left out; the
 * raw bytes are kept. recording: it is being written right now. unknown: the run's bundle is not at hand.
 */
export type CrashState = 'ended' | 'unknown' | 'recording' | 'recovered' | 'quarantined'

/** A file that is not read, and why. */
export interface Quarantined {
  /** Below the journal's folder. */
  readonly path: string
  readonly why: string
  /** What the manifest said of it. */
  readonly lines?: number
  readonly from_t?: number
  readonly to_t?: number
}

/** Events that are in the frame log and not in the journal, and why: the recorder was `behind`, or the `disk` refused them for too long. */
export interface MissedStretch {
  readonly why: 'behind' | 'disk'
  /** Receive times of the first and last of them. */
  readonly from_t: number
  readonly to_t: number
  readonly counts: Readonly<Record<string, number>>
}

/** What one channel of a journal has and lost; absent figures are not known without deriving it again from the raw bytes. */
export interface ChannelLoss {
  readonly channel: string
  /** Lines that are there and sound. */
  readonly lines: number
  readonly segments: number
  /** Lines and segments that went on purpose: the lake holds them. */
  readonly retired_lines?: number
  readonly retired_segments?: number
  /** Lines that were acknowledged or counted and are not there. */
  readonly lost_lines?: number
  readonly lost_bytes?: number
  /** Lines that the recorder left to the raw bytes. */
  readonly missed_lines?: number
  /** Lines that stand in two segments, after a fault of the disk; each counts once. */
  readonly repeated_lines?: number
  /** At most so many seconds of the recording are not in this channel: its end after a crash, what is quarantined, and what was missed. */
  readonly lost_seconds_at_most?: number
  readonly salvaged_segments?: number
  /** Segments that are still being written, or that could not be finished. */
  readonly pending_segments?: number
  readonly quarantined?: readonly Quarantined[]
  readonly notes?: readonly string[]
}

/** The state of a journal after opening it. */
export interface JournalVerdict {
  /** none: there is no journal. */
  readonly state: 'none' | Exclude<CrashState, 'unknown'>
  /** For people. */
  readonly sentence: string
  readonly keep: 'light' | 'all' | null
  readonly channels: readonly ChannelLoss[]
  readonly missed: readonly MissedStretch[]
  readonly quarantined: readonly Quarantined[]
}

/** Bytes of a frame log that cannot be used. */
export interface RawLoss {
  readonly shard: number
  readonly bytes: number
  readonly why: string
}

/** The state of the frame log after opening it. */
export interface RawVerdict {
  readonly state: Exclude<CrashState, 'unknown'>
  readonly sentence: string
  /** Cut off behind the last whole record, or unreadable inside. */
  readonly lost: readonly RawLoss[]
}

/** How a run ended: the worse of its frame log and its journal. */
export interface CrashVerdict {
  readonly state: CrashState
  /** For people; empty when all is well. */
  readonly sentence: string
  /** Null where there is no frame log. */
  readonly raw: RawVerdict | null
  /** Null where there is no journal. */
  readonly journal: JournalVerdict | null
}

/** The verdict of one of several runs. */
export interface RunVerdict extends CrashVerdict {
  readonly run_id: string
}

/** The verdict of a bundle, which is one run, or of a day, which may have several. */
export interface RunsVerdict {
  /** The worst of them. */
  readonly state: CrashState
  readonly sentence: string
  /** Of a journal only the channels that lost something are told. */
  readonly runs: readonly RunVerdict[]
}

const RANK: Readonly<Record<CrashState, number>> = { ended: 0, unknown: 1, recording: 2, recovered: 3, quarantined: 4 }

/** @returns the state that must not be overlooked; ended when there is none */
export function worstState<S extends CrashState>(states: readonly S[]): S | 'ended' {
  return states.reduce<S | 'ended'>((worst, state) => (RANK[state] > RANK[worst] ? state : worst), 'ended')
}

/** @returns true when something was lost, or cannot be trusted */
export function isLossy({ state }: Pick<CrashVerdict, 'state'>): boolean {
  return state === 'recovered' || state === 'quarantined'
}

/** @returns true when a channel has something to tell beside what it holds */
export function hasLoss(loss: ChannelLoss): boolean {
  const { lost_lines, lost_bytes, missed_lines, lost_seconds_at_most, quarantined, notes, pending_segments } = loss
  return [lost_lines, lost_bytes, missed_lines, lost_seconds_at_most, quarantined, notes, pending_segments].some((one) => one !== undefined)
}

/** The same verdict without the channels that lost nothing. */
export function lossesOnly<V extends CrashVerdict>(verdict: V): V {
  const { journal } = verdict
  return journal === null ? verdict : { ...verdict, journal: { ...journal, channels: journal.channels.filter(hasLoss) } }
}
