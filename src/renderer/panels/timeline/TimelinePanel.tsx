import { TimelineTrack } from './TimelineTrack.tsx'
import { TrackHead } from './TrackHead.tsx'
import { Transport } from './Transport.tsx'

/** The whole run at a glance, and the buttons that move through it. */
export function TimelinePanel() {
  return (
    <footer className="timeline-panel" aria-label="Timeline">
      <Transport />
      <TrackHead />
      <TimelineTrack />
    </footer>
  )
}
