import type { InstrumentFacts, SessionState } from '../../../shared/api/index.ts'
import type { Failure } from '../../../shared/errors.ts'

/** What a session tells its owner. Frames are transport frames, header included; the owner acknowledges their bytes as credit. */
export type SessionEvent =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'state'; readonly state: SessionState }
  | { readonly kind: 'instruments'; readonly instruments: readonly InstrumentFacts[] }
  | { readonly kind: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  | { readonly kind: 'done'; readonly requestId: number; readonly state: SessionState }
  | { readonly kind: 'failed'; readonly requestId: number | undefined; readonly failure: Failure }
  | { readonly kind: 'closed' }

/** What the owner asks of a replay. Times are ns since the run's origin. */
export type ReplayCommand =
  | { readonly kind: 'open'; readonly requestId: number; readonly path: string }
  | { readonly kind: 'play'; readonly requestId: number }
  | { readonly kind: 'pause'; readonly requestId: number }
  | { readonly kind: 'seek'; readonly requestId: number; readonly relNs: number }
  | { readonly kind: 'step'; readonly requestId: number; readonly unit: 'event' | 'second'; readonly direction: 1 | -1 }
  | { readonly kind: 'speed'; readonly requestId: number; readonly speed: number }
  | { readonly kind: 'skipIdle'; readonly requestId: number; readonly skip: boolean }
  | { readonly kind: 'select'; readonly requestId: number; readonly instrumentId: number }
  /** The owner worked so many bytes off. */
  | { readonly kind: 'credit'; readonly bytes: number }
  /** A screen came or fell behind: send everything again under a new view epoch. */
  | { readonly kind: 'refresh' }
  | { readonly kind: 'close' }
