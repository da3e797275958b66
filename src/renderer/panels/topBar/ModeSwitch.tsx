import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'

/** LIVE or REPLAY, as a two-part switch, with the big label that says which of them is on the screen. */
export function ModeSwitch() {
  const { actions } = useStudio()
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  return (
    <div className="mode">
      <div className="segmented" role="group" aria-label="Mode">
        <button type="button" className="segment live" aria-pressed={mode === 'live'} data-testid="mode-live"
          title="Record now, from the source chosen at the left" onClick={() => void actions.goLive()}>LIVE</button>
        <button type="button" className="segment replay" aria-pressed={mode === 'replay'} data-testid="mode-replay"
          title="Replay a recorded bundle: the one recorded last, or the newest" onClick={() => void actions.goReplay()}>REPLAY</button>
      </div>
      <div className="mode-label" data-testid="mode-label" aria-live="polite">{labelOf(mode, phase)}</div>
    </div>
  )
}

/** What the big label says: never by colour alone. */
export function labelOf(mode: 'idle' | 'live' | 'replay', phase: string): string {
  if (mode === 'idle') return 'IDLE'
  if (mode === 'live') return phase === 'recording' ? '● LIVE · recording' : `● LIVE · ${phase}`
  return phase === 'playing' ? '▶ REPLAY · playing' : `❚❚ REPLAY · ${phase}`
}
