import { useEffect, useRef } from 'react'
import { type Studio, useStudio } from '../../client/studioContext.ts'
import { notify } from '../../stores/noticeStore.ts'
import { clearSelection, useSelection } from '../../stores/selectionStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { rangeRefusal } from './refusal.ts'
import { attachTrack } from './trackControl.ts'

/** The timeline's canvas and playhead. A slider to a screen reader; the keys of the window move it. */
export function TimelineTrack() {
  const studio = useStudio()
  const box = useRef<HTMLDivElement>(null)
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const past = useSession((s) => s.session?.lookingBack ?? false)
  const selecting = useSelection((s) => s.selecting)
  const path = useSession((s) => s.session?.path ?? '')
  useEffect(() => {
    if (useSelection.getState().path !== path) clearSelection()
  }, [path])
  useEffect(() => (box.current === null ? undefined : attach(box.current, studio)), [studio])
  return (
    <div
      ref={box}
      className="timeline-track"
      data-mode={mode}
      data-past={past}
      data-selecting={selecting}
      data-testid="seek-slider"
      role="slider"
      tabIndex={mode === 'idle' ? -1 : 0}
      aria-label="Playhead"
      aria-valuemin={0}
      aria-valuemax={0}
      aria-valuenow={0}
      aria-disabled={mode === 'idle'}
    >
      <canvas data-testid="timeline" aria-hidden="true" />
      <div className="track-selection" data-testid="track-selection" hidden />
      <div className="track-loop" data-testid="track-loop" hidden>
        <span className="loop-handle a" title="Beginning of the loop: drag">
          A
        </span>
        <span className="loop-handle b" title="End of the loop: drag">
          B
        </span>
      </div>
      <div className="track-playhead" data-testid="playhead" />
      <div className="track-hover" hidden>
        <div className="hover-text" data-testid="timeline-hover" />
      </div>
    </div>
  )
}

function attach(element: HTMLDivElement, { client, actions, time }: Studio): () => void {
  const canvas = element.querySelector('canvas')
  const line = element.querySelector<HTMLElement>('.track-playhead')
  const hover = element.querySelector<HTMLElement>('.track-hover')
  const selection = element.querySelector<HTMLElement>('.track-selection')
  const loop = element.querySelector<HTMLElement>('.track-loop')
  if (canvas === null || line === null || hover === null || selection === null || loop === null) return () => undefined
  return attachTrack({ element, canvas, line, hover, selection, loop }, client, {
    seek: (relNs) => void actions.seekTo(relNs),
    loop: (a, b) => void time.moveLoop(a, b),
    refuseRange: () => notify('info', `No range can be marked: ${rangeRefusal('live', 'recording', false)}.`)
  })
}
