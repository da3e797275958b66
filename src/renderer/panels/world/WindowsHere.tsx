import { useCallback, useEffect, useState } from 'react'
import type { WindowMark } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { TRIGGERS } from '../../ui/markText.ts'
import { spanOf, subjectOf } from '../timeline/trackHover.ts'

/** Windows listed before the others are asked for, and at most. */
const FIRST_SHOWN = 4
const MAX_SHOWN = 50

/** Event windows that are open at the playhead: why, about what, from when to when. A press goes to the beginning. */
export function WindowsHere() {
  const { client, actions } = useStudio()
  const windows = useWindowsHere()
  const watchedId = useSession((s) => s.session?.instrumentId ?? 0)
  const [all, setAll] = useState(false)
  const shown = byInterest(windows, watchedId).slice(0, all ? MAX_SHOWN : FIRST_SHOWN)
  return (
    <section data-testid="windows-here" data-count={windows.length}>
      <h3>Event windows here</h3>
      {windows.length === 0 && <p className="muted small">None is open at the playhead.</p>}
      {shown.map((window) => (
        <button
          key={`${window.fromRelNs}/${window.trigger}/${window.instrumentId}`}
          type="button"
          className="window-entry"
          data-testid="window-item"
          data-trigger={window.trigger}
          style={{ borderLeftColor: TRIGGERS[window.trigger].colour }}
          title="Go to its beginning"
          onClick={() => void actions.seekTo(window.fromRelNs)}
        >
          <span className="window-head">
            <strong>{TRIGGERS[window.trigger].label}</strong>
            <span className="muted">{spanOf(window, client.data.playhead)}</span>
          </span>
          <span className="window-subject">{subjectOf(window)}</span>
          <span className="window-reason">{window.reason}</span>
        </button>
      ))}
      {windows.length > FIRST_SHOWN && (
        <Button label="Show more or fewer windows" testId="windows-more" kind="quiet" pressed={all} onClick={() => setAll(!all)}>
          {all ? `Fewer (${windows.length} in all)` : `${windows.length - FIRST_SHOWN} more`}
        </Button>
      )}
    </section>
  )
}

/** What the user marked, then the weather and the market on screen, then other markets; the newest first in each. */
export function byInterest(windows: readonly WindowMark[], watchedId: number): readonly WindowMark[] {
  const rank = ({ trigger, instrumentId }: WindowMark): number =>
    trigger === 'MANUAL' ? 0 : TRIGGERS[trigger].row === 0 || instrumentId === watchedId ? 1 : 2
  return windows.toSorted((a, b) => rank(a) - rank(b))
}

/** Renders again only when other windows are open than before. */
function useWindowsHere(): readonly WindowMark[] {
  const { client } = useStudio()
  const look = useCallback(() => client.data.marks.windowsAt(client.data.playhead.relNs), [client])
  const [windows, setWindows] = useState(look)
  useEffect(
    () =>
      client.loop.add(['playhead', 'marks', 'session'], 200, () => {
        const next = look()
        setWindows((old) => (old.length === next.length && old.every((window, i) => window === next[i]) ? old : next))
      }),
    [client, look]
  )
  return windows
}
