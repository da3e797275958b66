/** What pointer and wheel may do to the stage. */
export interface ViewTarget {
  pan(dx: number, dy: number): void
  zoom(axis: 'time' | 'rows', factor: number, x: number, y: number): void
  point(at: { x: number; y: number } | undefined): void
}

/** Wheel zooms time, with Ctrl or Shift rows; drag pans; the pointer moves the crosshair. @returns takes the listeners away */
export function attachPointer(element: HTMLElement, target: ViewTarget): () => void {
  const ending = new AbortController()
  const options = { signal: ending.signal }
  let dragging: { id: number; x: number; y: number } | undefined

  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return
      dragging = { id: event.pointerId, x: event.clientX, y: event.clientY }
      element.setPointerCapture(event.pointerId)
      element.classList.add('dragging')
    },
    options
  )
  element.addEventListener(
    'pointermove',
    (event) => {
      target.point({ x: event.offsetX, y: event.offsetY })
      if (dragging === undefined || event.pointerId !== dragging.id) return
      target.pan(event.clientX - dragging.x, event.clientY - dragging.y)
      dragging.x = event.clientX
      dragging.y = event.clientY
    },
    options
  )
  const release = (): void => {
    dragging = undefined
    element.classList.remove('dragging')
  }
  element.addEventListener('pointerup', release, options)
  element.addEventListener('pointercancel', release, options)
  element.addEventListener('pointerleave', () => target.point(undefined), options)
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      // Shift turns a vertical wheel into a horizontal one on some systems.
      const turned = event.deltaY === 0 ? event.deltaX : event.deltaY
      const factor = Math.exp(-turned * (event.deltaMode === 1 ? 0.05 : 0.0015))
      target.zoom(event.ctrlKey || event.shiftKey ? 'rows' : 'time', factor, event.offsetX, event.offsetY)
    },
    { ...options, passive: false }
  )
  return () => ending.abort()
}
