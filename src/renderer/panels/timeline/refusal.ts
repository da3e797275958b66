/** Why the transport cannot be used now; undefined when it can. */
export function replayRefusal(mode: 'idle' | 'live' | 'replay', phase: string): string | undefined {
  if (mode === 'idle') return 'nothing is open'
  if (mode === 'live') return 'LIVE cannot be paused or moved; stop it and replay the bundle'
  if (phase === 'loading') return 'the bundle is still being opened'
  return phase === 'failed' ? 'the session has failed' : undefined
}
