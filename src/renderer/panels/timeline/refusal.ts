/** Why the transport cannot be used now; undefined when it can. In LIVE it looks back at what was recorded. */
export function replayRefusal(mode: 'idle' | 'live' | 'replay', phase: string): string | undefined {
  if (mode === 'idle') return 'nothing is open'
  if (phase === 'failed') return 'the session has failed'
  if (mode === 'live')
    return phase === 'starting' ? 'the recording has not begun yet' : phase === 'stopping' ? 'the recording is being closed' : undefined
  return phase === 'loading' ? 'the bundle is still being opened' : undefined
}

/** Why the pace cannot be chosen now; undefined when it can. */
export function speedRefusal(mode: 'idle' | 'live' | 'replay', phase: string, lookingBack: boolean): string | undefined {
  if (mode === 'live' && !lookingBack) return 'LIVE goes at its own pace; pause it or go back first'
  return replayRefusal(mode, phase)
}

/** Why no range can be marked now; undefined when it can. */
export function rangeRefusal(mode: 'idle' | 'live' | 'replay', phase: string, lookingBack: boolean): string | undefined {
  if (mode === 'live' && !lookingBack) return 'pause LIVE or go back to loop a stretch; for a slice, stop LIVE and open the bundle'
  return replayRefusal(mode, phase)
}
