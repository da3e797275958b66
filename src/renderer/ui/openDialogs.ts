import { useEffect, useRef } from 'react'

/** How to close each dialog that is open, in the order of opening. */
const open: { readonly close: () => void }[] = []

/** Keeps a dialog in the list while it is mounted. */
export function useOpenDialog(close: () => void): void {
  const latest = useRef(close)
  useEffect(() => {
    latest.current = close
  })
  useEffect(() => {
    const entry = { close: () => latest.current() }
    open.push(entry)
    return () => void open.splice(open.indexOf(entry), 1)
  }, [])
}

export function isDialogOpen(): boolean {
  return open.length > 0
}

/** Closes the dialog that was opened last. @returns false when there is none */
export function closeTopDialog(): boolean {
  const top = open.at(-1)
  top?.close()
  return top !== undefined
}
