import type { LatestEvent, SessionState, StreamPhase, StreamState, Subscription } from '../../../shared/api/index.ts'
import { isoMicros } from '../../../shared/channels/eventTime.ts'
import { health, type ChannelName } from '../../../shared/channels/index.ts'

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
  /** Weather reports and event windows of the run, as far as it is known. */
  readonly metarCount: number
  readonly windowCount: number
}

/** The state of a stream as its clients see it. */
export function streamState(parts: StateParts): StreamState {
  const { sessionId, clock, session, originTsNs, eventIdOf, subscription, fresh, totalEvents } = parts
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
    mode: subscription.mode,
    state: phase,
    total_events: totalEvents ?? null,
    current_index: Object.values(counts).reduce((sum, n) => sum + n, 0),
    metar_count: parts.metarCount,
    window_count: parts.windowCount,
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

function phaseOf({ phase, mode }: SessionState, fresh: boolean): StreamPhase {
  if (mode === 'live') return phase === 'recording' ? 'playing' : 'finished'
  if (phase === 'paused') return fresh ? 'ready' : 'paused'
  if (phase === 'playing' || phase === 'finished' || phase === 'loading') return phase
  return 'idle'
}
