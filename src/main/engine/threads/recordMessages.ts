import type { MissedStretch } from '../../../shared/api/index.ts'
import type { MessagePort } from 'node:worker_threads'
import type { RecorderRun, RecorderSettings, RecorderStatus } from '../record/index.ts'

/** What the owner asks of the recorder thread. */
export type RecordCommand =
  /** Comes first and once: the port on which the tape's records arrive. */
  { readonly kind: 'start'; readonly port: MessagePort; readonly settings: RecorderSettings } | { readonly kind: 'close' }

/** What the tape thread tells the recorder thread. */
export type RecordInput =
  /** The run exists; comes before the first records. */
  | { readonly kind: 'begin'; readonly run: RecorderRun }
  /** Whole kept records in the order of the tape; transferred. `sentNs`: monotonic time of the sender. */
  | { readonly kind: 'records'; readonly bytes: Uint8Array; readonly sentNs: number }
  | { readonly kind: 'missed'; readonly stretch: MissedStretch }
  /** Nothing more will come. */
  | { readonly kind: 'end' }

/** What the recorder thread tells the tape thread: so many bytes are worked off, and how it does. */
export interface RecordCredit {
  readonly kind: 'credit'
  readonly bytes: number
  readonly status: RecorderStatus & { readonly lagMs: number }
}

/** What the recorder thread tells its owner. */
export type RecordEvent =
  /** The journal is complete, or what it lacks is stated in it. No counts when the run never began. */
  | { readonly kind: 'ended'; readonly ok: boolean; readonly counts: Readonly<Record<string, number>> | undefined }
  | { readonly kind: 'notice'; readonly level: 'warning'; readonly text: string }
