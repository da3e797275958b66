import type { ReactNode } from 'react'

interface ButtonProps {
  readonly label: string
  readonly testId: string
  readonly onClick: () => void
  readonly children?: ReactNode
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet' | 'icon'
  /** Why the button cannot be used now; undefined when it can. */
  readonly refusal?: string | undefined
  readonly pressed?: boolean
  readonly keys?: string
}

/** A button. One that cannot be used says why in its tooltip and to a screen reader, and stays reachable. */
export function Button({ label, testId, onClick, children, kind = 'plain', refusal, pressed, keys }: ButtonProps) {
  const refused = refusal !== undefined
  const title = refused ? `${label}: ${refusal}` : keys === undefined ? label : `${label} (${keys})`
  return (
    <button
      type="button"
      className={`button ${kind}`}
      aria-label={refused ? title : label}
      aria-disabled={refused}
      aria-pressed={pressed}
      title={title}
      data-testid={testId}
      onClick={() => {
        if (!refused) onClick()
      }}
    >
      {children ?? label}
    </button>
  )
}
