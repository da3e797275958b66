import type { StudioClient } from '../../client/studioClient.ts'
import { clearSelection, selectRange, useSelection } from '../../stores/selectionStore.ts'
import { canMove, isAtHead } from '../../client/moving.ts'
import { relOfX, type TimelineScale } from './timelineScale.ts'

/** While dragging, a seek is asked for at most this often; the release seeks exactly. */
const DRAG_EVERY_MS = 80
/** A drag shorter than this was a click. */
const LEAST_RANGE_PX = 3

/** What a drag on the timeline leads to. */
export interface DragTarget {
  seek(relNs: number): void
  /** An end of the loop was dragged. */
  loop(a: number, b: number): void
  /** A range was asked for where none can be marked. */
  refuseRange(): void
}

/** Plain drags move the playhead; with Shift, or while selecting is on, they mark a range. */
export function attachDrag(
  element: HTMLElement,
  client: StudioClient,
  scale: () => TimelineScale,
  target: DragTarget,
  signal: AbortSignal
): void {
  let drag: { readonly kind: 'seek' } | { readonly kind: 'range'; readonly fromX: number } | undefined
  let lastMs = 0
  const seekHere = (event: PointerEvent): void => target.seek(relOfX(scale(), xOf(element, event)))
  const press = (event: PointerEvent): void => {
    if (event.button !== 0) return
    const range = event.shiftKey || useSelection.getState().selecting
    if (isAtHead(client.now) && range) return target.refuseRange()
    if (!canMove(client.now)) return
    drag = range ? { kind: 'range', fromX: xOf(element, event) } : { kind: 'seek' }
    element.setPointerCapture(event.pointerId)
    if (range) return
    client.stage?.setFollowing(true)
    seekHere(event)
  }
  const move = (event: PointerEvent): void => {
    if (drag?.kind === 'range') return markRange(client, scale(), drag.fromX, xOf(element, event))
    if (drag === undefined || event.timeStamp - lastMs < DRAG_EVERY_MS) return
    lastMs = event.timeStamp
    seekHere(event)
  }
  const release = (event: PointerEvent): void => {
    if (drag?.kind === 'seek') seekHere(event)
    else if (drag?.kind === 'range' && Math.abs(xOf(element, event) - drag.fromX) < LEAST_RANGE_PX) clearSelection()
    drag = undefined
  }
  const cancel = (): void => {
    drag = undefined
  }
  element.addEventListener('pointerdown', press, { signal })
  element.addEventListener('pointermove', move, { signal })
  element.addEventListener('pointerup', release, { signal })
  element.addEventListener('pointercancel', cancel, { signal })
}

/** Position of a pointer inside an element, CSS pixels. */
export function xOf(element: HTMLElement, event: PointerEvent): number {
  return event.clientX - element.getBoundingClientRect().left
}

function markRange(client: StudioClient, scale: TimelineScale, fromX: number, toX: number): void {
  if (client.now !== undefined) selectRange(client.now.path, relOfX(scale, fromX), relOfX(scale, toX))
}
