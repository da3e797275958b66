import type { SessionState } from '../../../shared/api/index.ts'
import type { Playable, RunPlayer } from './playable.ts'

type Moving = Pick<
  SessionState,
  'phase' | 'viewEpoch' | 'playheadRelNs' | 'speed' | 'skipIdle' | 'instrumentId' | 'fingerprint' | 'playheadFingerprint' | 'loop'
>

/** The whole state of a replay session. */
export function sessionState(source: Playable, player: RunPlayer, moving: Moving): SessionState {
  const { index, facts, startRelNs, endRelNs } = source
  const span = Math.max(1, endRelNs - startRelNs)
  return {
    ...facts,
    ...moving,
    startRelNs,
    endRelNs,
    indexed: index.done ? 1 : Math.min(0.999, Math.max(0, (index.reachedRelNs - startRelNs) / span)),
    feeds: [],
    counts: player.counts,
    latest: player.latest.byChannel()
  }
}
