import { useEffect, useRef } from 'react'
import { type Studio, useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { attachTrack } from './trackControl.ts'

/** The timeline's canvas and playhead. A slider to a screen reader; the keys of the window move it. */
export function TimelineTrack() {
  const studio = useStudio()
  const box = useRef<HTMLDivElement>(null)
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  useEffect(() => (box.current === null ? undefined : attach(box.current, studio)), [studio])
  return (
    <div
      ref={box}
      className="timeline-track"
      data-mode={mode}
      data-testid="seek-slider"
      role="slider"
      tabIndex={mode === 'replay' ? 0 : -1}
      aria-label="Playhead"
      aria-valuemin={0}
      aria-valuemax={0}
      aria-valuenow={0}
      aria-disabled={mode !== 'replay'}
    >
      <canvas data-testid="timeline" aria-hidden="true" />
      <div className="track-playhead" data-testid="playhead" />
      <div className="track-hover" hidden>
        <span data-testid="timeline-hover" />
      </div>
      <span className="track-legend" aria-hidden="true">
        <i className="mark frames" />
        frames/s <i className="mark trades" />
        trades/s <i className="mark gap" />
        gap <i className="mark untrusted" />
        untrusted
      </span>
    </div>
  )
}

function attach(element: HTMLDivElement, { client, actions }: Studio): () => void {
  const canvas = element.querySelector('canvas')
  const line = element.querySelector<HTMLElement>('.track-playhead')
  const hover = element.querySelector<HTMLElement>('.track-hover')
  if (canvas === null || line === null || hover === null) return () => undefined
  return attachTrack({ element, canvas, line, hover }, client, (relNs) => void actions.seekTo(relNs))
}
