import type { StudioClient } from '../../client/studioClient.ts'
import type { DragTarget } from './trackDrag.ts'
import { xOf } from './trackDrag.ts'
import { relOfX, type TimelineScale, xOfRel } from './timelineScale.ts'

/** Shows the loop that is on, and lets its ends be dragged. @returns places it anew */
export function attachLoop(
  box: HTMLElement,
  track: HTMLElement,
  client: StudioClient,
  scale: () => TimelineScale,
  target: DragTarget,
  signal: AbortSignal
): () => void {
  /** The end that stays and the one that moves, while an end is dragged. */
  let drag: { readonly fixed: number; moved: number } | undefined
  const place = (): void => {
    const loop = client.now?.loop
    box.hidden = loop === undefined
    if (loop === undefined) return
    const [from, to] =
      drag === undefined ? [loop.fromRelNs, loop.toRelNs] : [Math.min(drag.fixed, drag.moved), Math.max(drag.fixed, drag.moved)]
    const x = xOfRel(scale(), from)
    box.style.transform = `translateX(${x}px)`
    box.style.width = `${Math.max(2, xOfRel(scale(), to) - x)}px`
  }
  const press = (event: PointerEvent): void => {
    const handle = event.target
    const loop = client.now?.loop
    if (!(handle instanceof HTMLElement) || !handle.classList.contains('loop-handle') || loop === undefined) return
    // The track below would seek.
    event.stopPropagation()
    handle.setPointerCapture(event.pointerId)
    const first = handle.classList.contains('a')
    drag = first ? { fixed: loop.toRelNs, moved: loop.fromRelNs } : { fixed: loop.fromRelNs, moved: loop.toRelNs }
  }
  const move = (event: PointerEvent): void => {
    if (drag === undefined) return
    drag.moved = relOfX(scale(), xOf(track, event))
    place()
  }
  const release = (): void => {
    if (drag !== undefined) target.loop(drag.fixed, drag.moved)
    drag = undefined
  }
  const cancel = (): void => {
    drag = undefined
    place()
  }
  box.addEventListener('pointerdown', press, { signal })
  box.addEventListener('pointermove', move, { signal })
  box.addEventListener('pointerup', release, { signal })
  box.addEventListener('pointercancel', cancel, { signal })
  return place
}
