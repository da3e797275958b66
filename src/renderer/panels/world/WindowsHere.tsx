import { useCallback, useEffect, useState } from 'react'
import type { WindowMark } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { TRIGGERS } from '../../ui/markText.ts'
import { spanOf, subjectOf } from '../timeline/trackHover.ts'

/** Windows listed at most. */
const MAX_SHOWN = 6

/** Event windows that are open at the playhead: why, about what, from when to when. A press goes to the beginning. */
export function WindowsHere() {
  const { client, actions } = useStudio()
  const windows = useWindowsHere()
  return (
    <section data-testid="windows-here" data-count={windows.length}>
      <h3>Event windows here</h3>
      {windows.length === 0 && <p className="muted small">None is open at the playhead.</p>}
      {windows.slice(0, MAX_SHOWN).map((window) => (
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
      {windows.length > MAX_SHOWN && <p className="muted small">and {windows.length - MAX_SHOWN} more</p>}
    </section>
  )
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
