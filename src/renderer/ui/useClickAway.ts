import { type RefObject, useEffect } from 'react'

/** Calls back when a press or the focus goes elsewhere, or Escape is pressed, while `open`. */
export function useClickAway(box: RefObject<HTMLElement | null>, open: boolean, away: () => void): void {
  useEffect(() => {
    if (!open) return
    const ending = new AbortController()
    const { signal } = ending
    const look = (event: Event): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === true) return
      away()
    }
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      away()
    }
    document.addEventListener('pointerdown', look, { signal })
    document.addEventListener('focusin', look, { signal })
    // Before the keys of the window, which close something else.
    document.addEventListener('keydown', escape, { signal, capture: true })
    return () => ending.abort()
  }, [box, open, away])
}
