import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'

/** LIVE or REPLAY, as a two-part switch. */
export function ModeSwitch() {
  const { actions } = useStudio()
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  return (
    <div className="segmented" role="group" aria-label="Mode">
      <button
        type="button"
        className="segment live"
        aria-pressed={mode === 'live'}
        data-testid="mode-live"
        title="Record now, from the source chosen at the left"
        onClick={() => void actions.goLive()}
      >
        LIVE
      </button>
      <button
        type="button"
        className="segment replay"
        aria-pressed={mode === 'replay'}
        data-testid="mode-replay"
        title="Replay a recorded bundle: the one recorded last, or the newest"
        onClick={() => void actions.goReplay()}
      >
        REPLAY
      </button>
    </div>
  )
}
