import type { LatestEvent, SessionState, StreamPhase, StreamState, Subscription } from '../../../shared/api/index.ts'
import { isoMicros } from '../../../shared/channels/eventTime.ts'
import { health, type ChannelName } from '../../../shared/channels/index.ts'
import type { DayCalendar } from '../replay/index.ts'

export interface StateParts {
  readonly sessionId: string
  readonly clock: 'own' | 'shared' | 'live'
  readonly session: SessionState
  /** Nanoseconds since the Unix epoch of relNs 0. */
  readonly originTsNs: bigint
  readonly eventIdOf: (channel: ChannelName, place: LatestEvent) => string
  readonly subscription: Subscription
  /** Has not been played since it was loaded. */
  readonly fresh: boolean
  readonly totalEvents: number | undefined
  /** Events of a channel, of the whole run as far as it is known: of a recording that is what there is so far. */
  readonly countOf: (channel: ChannelName) => number
  /** Of a recorded day. */
  readonly calendar: DayCalendar | undefined
}

/** The state of a stream as its clients see it. */
export function streamState(parts: StateParts): StreamState {
  const { sessionId, clock, session, originTsNs, eventIdOf, subscription, fresh, totalEvents, countOf, calendar } = parts
  const { startRelNs, endRelNs, playheadRelNs, latest = {} } = session
  // Heartbeats are no events of the tape; a recorded day has them among its own.
  const { [health.name]: _, ...counts } = session.counts
  const iso = (relNs: number): string => isoMicros(originTsNs + BigInt(Math.trunc(relNs)))
  const phase = phaseOf(session, fresh)
  const categories: Record<string, StreamState['categories'][ChannelName]> = {}
  for (const [name, count = 0] of Object.entries(counts)) {
    const place = latest[name as ChannelName]
    if (count === 0) continue
    categories[name] = {
      count,
      ...(place !== undefined && {
        latest_event_id: eventIdOf(name as ChannelName, place),
        latest_ts_utc: iso(place.relNs)
      })
    }
  }
  return {
    session_id: sessionId,
    run_id: session.runId,
    ...dayFields(calendar),
    mode: subscription.mode,
    state: phase,
    total_events: totalEvents ?? null,
    current_index: Object.values(counts).reduce((sum, n) => sum + n, 0),
    metar_count: countOf('metar_obs'),
    window_count: countOf('event_window'),
    channels_loaded: subscription.channels,
    clock: {
      kind: clock,
      session_start: iso(startRelNs),
      session_end: iso(endRelNs),
      current_time: iso(playheadRelNs),
      current_rel_ns: Math.floor(playheadRelNs),
      speed: session.speed,
      is_paused: phase !== 'playing',
      progress_percent: Math.round((1e4 * (playheadRelNs - startRelNs)) / Math.max(1, endRelNs - startRelNs)) / 100,
      is_finished: phase === 'finished'
    },
    categories
  }
}

/** Nothing of it where no calendar day was chosen. */
function dayFields(day: DayCalendar | undefined) {
  const iso = (ms: number | undefined): string | null => (ms === undefined ? null : isoMicros(BigInt(ms) * 1_000_000n))
  return {
    date: day?.date ?? null,
    station_id: day?.stationId ?? null,
    station_timezone: day?.timeZone ?? null,
    date_reference: day?.reference ?? null,
    source_dates: day?.sourceDates ?? [],
    local_day_start_utc: iso(day?.startMs),
    local_day_end_utc: iso(day?.endMs)
  }
}

function phaseOf({ phase, mode }: SessionState, fresh: boolean): StreamPhase {
  if (mode === 'live') return phase === 'recording' ? 'playing' : 'finished'
  if (phase === 'paused') return fresh ? 'ready' : 'paused'
  if (phase === 'playing' || phase === 'finished' || phase === 'loading') return phase
  return 'idle'
}
