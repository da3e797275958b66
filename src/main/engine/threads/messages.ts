import type { MessagePort } from 'node:worker_threads'
import type { DayChoice, InstrumentFacts, JoinProof, JumpKind, RunMarks, SessionState } from '../../../shared/api/index.ts'
import type { Failure } from '../../../shared/errors.ts'
import type { FastClock } from '../fastClock.ts'
import type { Keep, Recorded } from '../record/index.ts'

/** What a session tells its owner. Frames are transport frames, header included; the owner acknowledges their bytes as credit. */
export type SessionEvent =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'state'; readonly state: SessionState }
  | { readonly kind: 'instruments'; readonly instruments: readonly InstrumentFacts[] }
  | { readonly kind: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  | { readonly kind: 'marks'; readonly marks: RunMarks }
  | { readonly kind: 'joined'; readonly proof: JoinProof }
  /** `value`: what a question was answered with, beside the state. */
  | { readonly kind: 'done'; readonly requestId: number; readonly state: SessionState; readonly value?: unknown }
  | { readonly kind: 'failed'; readonly requestId: number | undefined; readonly failure: Failure }
  | { readonly kind: 'closed' }

/** Which recorded events are played, and where they are. */
export interface RecordedDay {
  readonly choice: DayChoice
  readonly lakeDir: string | undefined
  /** Bundles whose journals may have some. */
  readonly bundleDirs: readonly string[]
}

/** A stretch to be played again and again, each round from `preRollNs` before its beginning. */
export interface LoopStretch {
  readonly fromRelNs: number
  readonly toRelNs: number
  readonly preRollNs: number
}

/** What the owner asks of a replay. Times are ns since the run's origin. */
export type ReplayCommand =
  | { readonly kind: 'open'; readonly requestId: number; readonly path: string }
  /** A day of recorded events. */
  | { readonly kind: 'openDay'; readonly requestId: number; readonly day: RecordedDay }
  | { readonly kind: 'play'; readonly requestId: number }
  | { readonly kind: 'pause'; readonly requestId: number }
  | { readonly kind: 'seek'; readonly requestId: number; readonly relNs: number }
  /** By the share of the run's time, 0 to 100. */
  | { readonly kind: 'seekPercent'; readonly requestId: number; readonly percent: number }
  /** Answered with whether there was such a place. */
  | { readonly kind: 'jump'; readonly requestId: number; readonly to: JumpKind; readonly direction: 1 | -1 }
  /** What strategies decided over this run, ascending: jumps can go there. */
  | { readonly kind: 'decisions'; readonly requestId: number; readonly relNs: readonly number[] }
  | { readonly kind: 'loop'; readonly requestId: number; readonly loop: LoopStretch | null }
  /** Answered with PlayheadInputs. */
  | { readonly kind: 'inputs'; readonly requestId: number }
  /** Answered with PlayheadFingerprint. */
  | { readonly kind: 'fingerprint'; readonly requestId: number }
  | { readonly kind: 'step'; readonly requestId: number; readonly unit: 'event' | 'second'; readonly direction: 1 | -1 }
  | { readonly kind: 'speed'; readonly requestId: number; readonly speed: number }
  | { readonly kind: 'skipIdle'; readonly requestId: number; readonly skip: boolean }
  | { readonly kind: 'select'; readonly requestId: number; readonly instrumentId: number }
  /** The owner worked so many bytes off. */
  | { readonly kind: 'credit'; readonly bytes: number }
  /** A screen came or fell behind: send everything again under a new view epoch. */
  | { readonly kind: 'refresh' }
  | { readonly kind: 'close' }

/** A command that is answered. */
export type ReplayRequestCommand = Exclude<Extract<ReplayCommand, { requestId: number }>, { kind: 'open' | 'openDay' }>

/** What the owner asks of the live tape. */
export type LiveCommand =
  /** Comes first: the port on which the capture thread's events arrive. */
  | {
      readonly kind: 'run'
      readonly port: MessagePort
      readonly name: string
      readonly venue: 'polymarket' | 'binance'
      readonly synthetic: boolean
      /** How far back the screen is filled. */
      readonly historyNs: number
      /** The clock of the capture, where it is not the host's. */
      readonly fastClock?: FastClock | undefined
      /** Tell all events, for a stream of them. */
      readonly stream?: boolean | undefined
      /** Where the recorder thread listens, and what it keeps; left out: nothing is recorded but the frame log. */
      readonly recorder?: { readonly port: MessagePort; readonly keep: Keep } | undefined
    }
  | { readonly kind: 'select'; readonly requestId: number; readonly instrumentId: number }
  /** Looks back at the running recording; the first one leaves the head. */
  | { readonly kind: 'lookBack'; readonly command: ReplayRequestCommand }
  /** Leaves the past. Answered with a JoinProof. */
  | { readonly kind: 'rejoin'; readonly requestId: number }
  | { readonly kind: 'credit'; readonly bytes: number }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'close' }

/** SHA-256 over all events of a run, in hex, and their number by channel. */
export interface RunSummary {
  readonly sha256: string
  readonly counts: Readonly<Partial<Record<string, number>>>
}

export type LiveEvent =
  | SessionEvent
  /** Whole records of the tape and heartbeats, in order; only when they were asked for. */
  | { readonly kind: 'records'; readonly bytes: Uint8Array }
  /** The last frame has been taken. No summary when the run never started. */
  | { readonly kind: 'ended'; readonly summary: RunSummary | undefined; readonly recorded?: Recorded | undefined }
