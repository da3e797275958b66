import type { ChannelName } from '../channels/index.ts'
import type { StoredIn } from './days.ts'
import type { JumpKind } from './replay.ts'

/** Version of the control messages of a stream. */
export const STREAM_PROTOCOL = 1

/** Names under which a client of the stream server asks for channels. Source: the transport names of the storage and replay seed. */
export const TRANSPORTS = ['l2', 'tape', 'world', 'features', 'nowcast', 'health', 'event_window', 'integrity'] as const
export type TransportName = (typeof TRANSPORTS)[number]

/** `light`: best prices once a second, without the ladders. `raw`: 20 levels a side once a second, and every change of a book. */
export type StreamMode = 'light' | 'raw'

const LIGHT: Readonly<Record<TransportName, readonly ChannelName[]>> = {
  l2: ['instrument', 'l2_snap_1s'],
  tape: ['instrument', 'tape_trades'],
  world: ['station', 'metar_obs', 'pws_cluster'],
  features: ['station', 'features_1m'],
  nowcast: ['station', 'nowcast_1m'],
  health: ['health'],
  event_window: ['event_window'],
  integrity: ['integrity']
}
/** `l2_deltas_event_window` is what a recorded day has of `l2_book`; nothing else has it. */
const RAW_L2: readonly ChannelName[] = ['l2_book', 'top_of_book', 'bbo', 'l2_deltas_event_window']

/** The channels of a transport name. */
export function channelsOf(transport: TransportName, mode: StreamMode): readonly ChannelName[] {
  return transport === 'l2' && mode === 'raw' ? [...LIGHT.l2, ...RAW_L2] : LIGHT[transport]
}

/** What a client wants. Empty lists of tokens and stations mean all. */
export interface Subscription {
  readonly channels: readonly TransportName[]
  readonly mode: StreamMode
  /** Token ids or symbols. */
  readonly tokens: readonly string[]
  readonly stations: readonly string[]
}

export const SUBSCRIBE_ALL: Subscription = { channels: TRANSPORTS, mode: 'light', tokens: [], stations: [] }

/** One event as it goes to a client. */
export interface StreamLine {
  readonly ch: ChannelName
  /** Number of its instrument or station; 0 = none. */
  readonly instrumentId: number
  /** Number of the model of a nowcast; 0 elsewhere. */
  readonly model: number
  /** JSON, see docs/formats/event-json.md. */
  readonly text: string
}

/** Names of the states are those of the seed. */
export type StreamPhase = 'idle' | 'loading' | 'ready' | 'playing' | 'paused' | 'finished'

/** Where a stream stands; sent as `replay_state`. Times are ISO 8601 with microseconds, UTC. */
export interface StreamState {
  readonly session_id: string
  readonly run_id: string
  /** The calendar day that is played, and of which weather station; all of these null, and no dates, where a bundle or a recording is. */
  readonly date: string | null
  readonly station_id: string | null
  /** Whose midnights begin and end the day. */
  readonly station_timezone: string | null
  /** `station`: the zone is that of the station. `time_zone`: it was named, or is the usual one. */
  readonly date_reference: 'station' | 'time_zone' | null
  /** Dates of the storage (New York) that the day touches. */
  readonly source_dates: readonly string[]
  readonly local_day_start_utc: string | null
  readonly local_day_end_utc: string | null
  readonly mode: StreamMode
  readonly state: StreamPhase
  /** Events of the whole run; null while they are being counted, and of a run that is being recorded. */
  readonly total_events: number | null
  /** Events up to the playhead. */
  readonly current_index: number
  /** `metar_obs` and `event_window` events of the whole run, as far as it is known; of a recording those so far. */
  readonly metar_count: number
  readonly window_count: number
  readonly channels_loaded: readonly TransportName[]
  readonly clock: {
    readonly kind: 'own' | 'shared' | 'live'
    readonly session_start: string
    readonly session_end: string
    readonly current_time: string
    /** Exact: ns since the run's origin. */
    readonly current_rel_ns: number
    /** 0 = as fast as possible. */
    readonly speed: number
    readonly is_paused: boolean
    readonly progress_percent: number
    readonly is_finished: boolean
  }
  /** Per channel the number of events and the newest one, up to the playhead. */
  readonly categories: Readonly<
    Partial<Record<ChannelName, { readonly count: number; readonly latest_event_id?: string; readonly latest_ts_utc?: string }>>
  >
}

/** What a client may ask of its clock. */
export type StreamDeed =
  | { readonly cmd: 'load' }
  | { readonly cmd: 'play' }
  | { readonly cmd: 'pause' }
  | { readonly cmd: 'stop' }
  | { readonly cmd: 'seek'; readonly relNs: number }
  | { readonly cmd: 'seek_percent'; readonly percent: number }
  | { readonly cmd: 'speed'; readonly speed: number }
  | { readonly cmd: 'step'; readonly unit: 'event' | 'second'; readonly direction: 1 | -1 }
  | { readonly cmd: 'jump'; readonly kind: JumpKind; readonly direction: 1 | -1 }
  | { readonly cmd: 'loop'; readonly loop: { readonly fromRelNs: number; readonly toRelNs: number; readonly preRollNs: number } | null }

/** Facts of a run that a client is greeted with. */
export interface StreamFacts {
  readonly mode: 'replay' | 'live'
  readonly run_id: string
  readonly venue: string
  readonly synthetic: boolean
  /** Nanoseconds since the Unix epoch of the run's origin, decimal text; of a recorded day, its beginning. */
  readonly origin_ts_ns: string
  /** Of a recorded day. */
  readonly day?: {
    readonly date: string
    readonly time_zone: string
    readonly mode: StreamMode
    readonly stored_in: StoredIn
    readonly run_ids: readonly string[]
    /** What raw frames would give beyond it, in sentences. */
    readonly missing: readonly string[]
  }
}
