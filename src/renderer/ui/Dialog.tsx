import { type ReactNode, useCallback } from 'react'
import { useOpenDialog } from './openDialogs.ts'

interface DialogProps {
  readonly label: string
  readonly testId: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** A page of its own instead of a small sheet. */
  readonly wide?: boolean
}

/** A modal sheet: the browser's own dialog keeps the focus inside; Escape closes the one that was opened last. */
export function Dialog({ label, testId, onClose, children, wide = false }: DialogProps) {
  useOpenDialog(onClose)
  const attach = useCallback((element: HTMLDialogElement | null) => {
    if (element !== null && !element.open) element.showModal()
  }, [])
  return (
    <dialog
      className={wide ? 'dialog wide' : 'dialog'}
      ref={attach}
      aria-label={label}
      data-testid={testId}
      onCancel={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      <div className="dialog-body">{children}</div>
    </dialog>
  )
}
