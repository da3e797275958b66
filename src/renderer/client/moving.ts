import type { SessionState } from '../../shared/api/index.ts'

type Now = Pick<SessionState, 'mode' | 'phase' | 'dvr'>

/** True when the playhead can be moved: in REPLAY, and in LIVE, which then looks back. */
export function canMove<T extends Now>(now: T | undefined): now is T {
  if (now?.mode === 'replay') return true
  return now?.mode === 'live' && now.phase !== 'starting' && now.phase !== 'stopping' && now.phase !== 'failed'
}

/** LIVE shows the newest instant: there is nothing later to go to. */
export function isAtHead(now: Now | undefined): boolean {
  return now?.mode === 'live' && now.dvr === undefined
}
