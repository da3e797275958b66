import type { MessagePort } from 'node:worker_threads'
import type { Failure } from '../../../shared/errors.ts'
import type { CaptureConfig, CaptureSecrets } from '../capture/index.ts'
import type { FastClock } from '../fastClock.ts'

/** What the capture thread is told. `requestSnapshot` and `credit` may also come over `framesPort`. */
export type CaptureCommand =
  /**
   * Comes first and once. With a port, frames go there instead of to the owner; all other events go to both. Secrets that are left out come
   * from the environment. A fast clock is for practice days.
   */
  | {
      readonly kind: 'start'
      readonly config: CaptureConfig
      readonly framesPort?: MessagePort
      readonly secrets?: CaptureSecrets
      readonly fastClock?: FastClock
    }
  /** Fetch the full book of a symbol or token and append it to the shard's log. One is under way per key at most. */
  | { readonly kind: 'requestSnapshot'; readonly shard: number; readonly venue: 'polymarket' | 'binance'; readonly key: string }
  /** Grants bytes of frames to be sent; without credit only their place in the log is told. Starts at 0. `flushId`: the flush that was just worked off. */
  | { readonly kind: 'credit'; readonly bytes: number; readonly flushId?: number }
  /** What the tape found out since it told last. */
  | { readonly kind: 'tapeReport'; readonly report: TapeReport }
  /** The user marks this moment: a note in the log of shard 0, from which the tape opens an event window. */
  | { readonly kind: 'markMoment'; readonly reason: string }
  /** Ends the run in order. The reason is kept in the run log: a signal's name, or `stop` when left out. */
  | { readonly kind: 'stop'; readonly reason?: string }

/** What only the tape knows of a running capture: it alone reads the messages. Times are milliseconds. */
export interface TapeReport {
  /** Records taken so far. */
  readonly records: number
  readonly malformed: number
  readonly counts: TapeCounts
  readonly health: TapeHealth
  readonly shards: readonly {
    readonly shard: number
    readonly withBook: number
    /** Instruments whose book is not trusted now, or has not come. */
    readonly untrusted: number
    /** Instruments with a book that sent nothing for two minutes. */
    readonly silent: number
    readonly malformed: number
    /** Messages so far by what they were: the venue's name of a decoded one, else what became of it. */
    readonly kinds: Readonly<Record<string, number>>
  }[]
  /** How many instruments wait for their first full book, by the moment since which they do (ns since the run's start). */
  readonly awaited: readonly { readonly shard: number; readonly sinceRelNs: number; readonly count: number }[]
  /** Instruments that wait for a full book, the first one or another, and since when. At most 4,096. */
  readonly missing: readonly TapeInstrument[]
  /** Instruments that went silent since the last report. At most 4,096. */
  readonly nowSilent: readonly TapeInstrument[]
  readonly appliedMs: readonly number[]
  readonly writeEndToApplyMs: readonly number[]
  readonly applyUpdateMs: readonly number[]
  /** How the recorder does; undefined where there is none. */
  readonly journal?: JournalReport | undefined
}

/** What the tape knows of the sources, as of its newest frame. */
export interface TapeHealth {
  /** Gaps so far, as the timeline counts them. */
  readonly gaps: number
  /** Times so far that a book was not trusted and had to be made anew. */
  readonly resyncs: number
  /** Seconds from the venue's own time of its newest message to its receipt, by two clocks; undefined before one states a time. */
  readonly venueLatencyS: number | undefined
  readonly sources: readonly TapeSource[]
}

/** A source of the weather: `metar/KLGA`. */
export interface TapeSource {
  readonly name: string
  readonly status: 'OK' | 'STALE' | 'DEAD' | 'NO_DATA'
  /** Seconds since the time that its newest word is about; of a forecast, since it came. */
  readonly ageS: number | undefined
  /** Seconds from that time to when the word came. */
  readonly latencyS: number | undefined
}

/** An instrument, and since when it is so: ns since the run's start. */
export interface TapeInstrument {
  readonly shard: number
  readonly key: string
  readonly sinceRelNs: number
}

/** What the tape counted so far, over all shards. */
export interface TapeCounts {
  /** Messages that needed the slower reader. */
  readonly fallbacks: number
  /** Messages about updates that the book has already. */
  readonly stale: number
  /** Parts of messages about instruments that another connection speaks for, or that nobody subscribed to. */
  readonly foreign: number
  /** Messages that found no room: too many instruments, or too many updates that wait for a full book. */
  readonly overflow: number
  /** Books that stayed crossed at the end of a message. */
  readonly crossed: number
}

/** How the recorder does: what waits for it, how far it is behind, and what it could not keep. */
export interface JournalReport {
  readonly lines: number
  readonly queuedBytes: number
  readonly lagMs: number
  readonly missedLines: number
  /** Times that the disk refused it, and what it said last. */
  readonly faults: number
  readonly lastFault?: string | undefined
}

/** Records that one flush appended to one shard. `bytes` is left out when the receiver had no credit: it reads the range from the log. */
export interface FramesPart {
  readonly shard: number
  /** Index number of the first record. */
  readonly firstIdx: number
  /** Place of the first record in the shard's `.frames` file. */
  readonly fileOffset: number
  readonly byteLength: number
  /** The record bytes (header and payload, one record after another); transferred. */
  readonly bytes?: Uint8Array
}

export type ShardState = 'connecting' | 'open' | 'silent' | 'closed'

/** What the capture thread tells. Instants are bigint nanoseconds. */
export type CaptureEvent =
  /** The bundle exists; comes before the first frames. */
  | { readonly kind: 'started'; readonly runDir: string; readonly runId: string; readonly t0MonoNs: bigint; readonly t0WallNs: bigint }
  /** One flush: every record stamped up to it and not sent before, so flushes ascend in time. */
  | {
      readonly kind: 'frames'
      readonly flushId: number
      /** When the write of the flush ended, ns since the run's start. */
      readonly writtenRelNs: number
      readonly parts: readonly FramesPart[]
    }
  /** One line as written to metrics/global.ndjson, without the newline. */
  | { readonly kind: 'heartbeat'; readonly json: string; readonly monoNs: bigint }
  | { readonly kind: 'shardState'; readonly shard: number; readonly state: ShardState; readonly detail: string }
  /** The run is over and everything is on disk; no frames follow. `ok` is false after a failure. `discarded`: it never connected, and its folder is gone. */
  | {
      readonly kind: 'ended'
      readonly reason: string
      readonly frames: number
      readonly bytes: number
      readonly ok: boolean
      readonly discarded: boolean
    }
  /** Why the run could not start or had to end; `ended` follows when it had started. */
  | { readonly kind: 'failed'; readonly failure: Failure }
