import type { Failure } from '../errors.ts'
import type { DayChoice, DaysListed } from './days.ts'
import type { BundleReport, CompactMade, JobKind, SliceMade, StrategyPlan, StrategyResult } from './jobs.ts'
import type { JoinProof, JumpKind, PlayheadFingerprint, PlayheadInputs, RunMarks } from './replay.ts'
import type { SecretFacts, SecretName } from './secrets.ts'
import type { SettingFacts } from './settings.ts'
import type { BundleEntry, InstrumentFacts, SessionState } from './session.ts'
import type { RetentionMade, StorageSettings } from './storage.ts'

/** Where LIVE gets its data. `practice` starts a loopback venue inside the app. */
export type LiveSource =
  | { readonly kind: 'polymarket'; readonly maxMarkets?: number; readonly tokens?: readonly string[] }
  | { readonly kind: 'binance'; readonly symbols: readonly string[] }
  | {
      readonly kind: 'practice'
      readonly venue: 'polymarket' | 'binance'
      readonly markets?: number
      readonly messagesPerSecond?: number
      readonly seed?: number
    }
  /** A practice venue that already runs, by its printed address (http://127.0.0.1:port). */
  | {
      readonly kind: 'practice_at'
      readonly venue: 'polymarket' | 'binance'
      readonly url: string
      readonly symbols?: readonly string[]
      readonly maxMarkets?: number
    }

/** Everything the screen can ask of the studio. `cmd` is the tag. */
export type StudioCommand =
  | { readonly cmd: 'session_get' }
  | { readonly cmd: 'session_close' }
  | { readonly cmd: 'library_list' }
  /** Adds a bundle folder or an archive of one (.zip, .tar.gz, .tgz, .tar.zst) by its path; an archive is unpacked into the data folder. */
  | { readonly cmd: 'library_add'; readonly path: string }
  /** Takes a bundle out of the list; its files stay. */
  | { readonly cmd: 'library_forget'; readonly path: string }
  | { readonly cmd: 'library_rescan' }
  /** Ends the unpacking of archives, whose `library_add` then fails with ABORTED. */
  | { readonly cmd: 'library_add_cancel' }
  /** Every setting of a capture, with what the next start of LIVE takes. */
  | { readonly cmd: 'settings_get' }
  /** Changes settings by name, all or none; null goes back to the default. CONFIG_INVALID in the words of the command line. */
  | { readonly cmd: 'settings_set'; readonly changes: Readonly<Record<string, string | null>> }
  /** Where the keys of services come from. No reply ever has a key in it. */
  | { readonly cmd: 'secret_status' }
  /** Keeps a key in the keychain; USAGE where there is none. */
  | { readonly cmd: 'secret_set'; readonly name: SecretName; readonly value: string }
  | { readonly cmd: 'secret_clear'; readonly name: SecretName }
  | { readonly cmd: 'live_start'; readonly source: LiveSource }
  | { readonly cmd: 'live_stop' }
  | { readonly cmd: 'replay_open'; readonly path: string }
  /** Days of which something is recorded in the lake and in the journals of the library's bundles. */
  | { readonly cmd: 'days_list' }
  /** Opens a day in REPLAY, from recorded events. */
  | { readonly cmd: 'day_open'; readonly day: DayChoice }
  | { readonly cmd: 'replay_play' }
  | { readonly cmd: 'replay_pause' }
  /** Goes to the state as of this instant (frames received at or before it). */
  | { readonly cmd: 'replay_seek'; readonly relNs: number }
  | { readonly cmd: 'replay_step'; readonly unit: 'event' | 'second'; readonly direction: 1 | -1 }
  /** By the share of the run's time, 0 to 100. */
  | { readonly cmd: 'replay_seek_percent'; readonly percent: number }
  /** Goes to the first place of this kind strictly beyond the playhead, and stays there when there is none. */
  | { readonly cmd: 'replay_jump'; readonly kind: JumpKind; readonly direction: 1 | -1 }
  /** Plays a stretch again and again, each round from `preRollNs` before its beginning; null ends that. */
  | {
      readonly cmd: 'replay_loop'
      readonly loop: { readonly fromRelNs: number; readonly toRelNs: number; readonly preRollNs: number } | null
    }
  /** 0.01 to 1000; 0 = as fast as possible. */
  | { readonly cmd: 'replay_speed'; readonly speed: number }
  /** What the weather and the model said as of the playhead. */
  | { readonly cmd: 'replay_inputs' }
  /** SHA-256 of all events up to the playhead, however it was reached. */
  | { readonly cmd: 'replay_fingerprint' }
  /** LIVE: leaves the past and goes on with the recording. In LIVE all replay commands look back at the run that is being recorded. */
  | { readonly cmd: 'live_rejoin' }
  /** LIVE: marks this moment of the recording; an event window opens. At most 300 characters of reason are kept. */
  | { readonly cmd: 'window_open'; readonly reason: string }
  | { readonly cmd: 'replay_skip_idle'; readonly skip: boolean }
  | { readonly cmd: 'view_select'; readonly instrumentId: number }
  /** Verifies and judges a bundle. One job at a time; BUSY while another runs. */
  | { readonly cmd: 'bundle_report'; readonly path: string }
  /** Cuts the window (both ends inclusive) into a bundle of its own, which joins the library. */
  | { readonly cmd: 'bundle_slice'; readonly path: string; readonly fromRelNs: number; readonly toRelNs: number }
  /** Brings the bundle's journal into the lake, proved. */
  | { readonly cmd: 'bundle_compact'; readonly path: string }
  /** What is kept for how long, and what happens by itself. */
  | { readonly cmd: 'storage_get' }
  | { readonly cmd: 'storage_set'; readonly settings: StorageSettings }
  /** Says what retention would delete of the library's journals and of the lake, or deletes it. */
  | { readonly cmd: 'storage_retention'; readonly apply: boolean }
  /** Runs strategies over a bundle in simulation. */
  | { readonly cmd: 'strategy_run'; readonly path: string; readonly plan: StrategyPlan }
  /** Runs strategies in simulation over what a source sends now; nothing is recorded. */
  | { readonly cmd: 'strategy_live'; readonly source: LiveSource; readonly seconds: number; readonly plan: StrategyPlan }
  /** Ends the running job, whose command then fails with ABORTED; a live run of strategies ends in order, with its result. */
  | { readonly cmd: 'job_cancel' }

export type CommandName = StudioCommand['cmd']

export interface ReplyOf {
  session_get: SessionState
  session_close: SessionState
  library_list: readonly BundleEntry[]
  library_add: BundleEntry
  library_forget: readonly BundleEntry[]
  library_rescan: readonly BundleEntry[]
  library_add_cancel: null
  settings_get: readonly SettingFacts[]
  settings_set: readonly SettingFacts[]
  secret_status: readonly SecretFacts[]
  secret_set: readonly SecretFacts[]
  secret_clear: readonly SecretFacts[]
  live_start: SessionState
  live_stop: BundleEntry
  replay_open: SessionState
  days_list: DaysListed
  day_open: SessionState
  replay_play: SessionState
  replay_pause: SessionState
  replay_seek: SessionState
  replay_step: SessionState
  replay_seek_percent: SessionState
  replay_jump: { readonly moved: boolean; readonly state: SessionState }
  replay_loop: SessionState
  replay_speed: SessionState
  replay_inputs: PlayheadInputs
  replay_fingerprint: PlayheadFingerprint
  live_rejoin: JoinProof
  window_open: null
  replay_skip_idle: SessionState
  view_select: SessionState
  bundle_report: BundleReport
  bundle_slice: SliceMade
  bundle_compact: CompactMade
  storage_get: StorageSettings
  storage_set: StorageSettings
  storage_retention: RetentionMade
  strategy_run: StrategyResult
  strategy_live: StrategyResult
  job_cancel: null
}

export type CommandReply<N extends CommandName> =
  | { readonly ok: true; readonly value: ReplyOf[N] }
  | { readonly ok: false; readonly failure: Failure }

/** What the studio tells the screen without being asked. */
export type StudioEvent =
  | { readonly kind: 'session'; readonly state: SessionState }
  | { readonly kind: 'instruments'; readonly instruments: readonly InstrumentFacts[] }
  | { readonly kind: 'library'; readonly bundles: readonly BundleEntry[] }
  /** A job is under way; share 0..1, or undefined when it has ended. */
  | { readonly kind: 'job'; readonly job: JobKind; readonly share: number | undefined }
  /** An archive is being unpacked for the library; share 0..1, or undefined when that has ended. */
  | { readonly kind: 'adding'; readonly name: string; readonly share: number | undefined }
  /** Settings were changed, here or on another screen. */
  | { readonly kind: 'settings'; readonly settings: readonly SettingFacts[] }
  /** The menu of the desktop asks for the settings. */
  | { readonly kind: 'open_settings' }
  /** What the timeline marks, whenever it changed, at most once a second. */
  | { readonly kind: 'marks'; readonly marks: RunMarks }
  /** LIVE was rejoined after looking back. */
  | { readonly kind: 'joined'; readonly proof: JoinProof }
  | { readonly kind: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
