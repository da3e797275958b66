import { useStudio } from '../../client/studioContext.ts'
import { setScreen, useScreen } from '../../stores/screenStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Icon } from '../../ui/Icon.tsx'

/** As long as what the recording keeps of it. */
const MAX_REASON = 300

/** LIVE: marks the newest moment of the recording, so that it is found again and everything around it is kept. */
export function MarkMomentButton() {
  const live = useSession((s) => s.session?.mode === 'live')
  const phase = useSession((s) => s.session?.phase)
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  if (!live) return null
  const begun = phase !== 'starting' && phase !== 'stopping'
  const refusal = lookingBack ? 'it marks the newest moment; go back to LIVE first' : begun ? undefined : 'nothing is being recorded'
  return (
    <Button
      label="Mark this moment"
      testId="mark-moment"
      kind="quiet"
      keys="K"
      refusal={refusal}
      onClick={() => setScreen({ marking: true })}
    >
      <Icon name="flag" />
      Mark
    </Button>
  )
}

/** Asks why, in a few words. */
export function MarkMomentDialog() {
  const { time } = useStudio()
  const open = useScreen((s) => s.marking)
  if (!open) return null
  const close = (): void => setScreen({ marking: false })
  const mark = (reason: string): void => {
    close()
    void time.markMoment(reason)
  }
  return (
    <Dialog label="Mark this moment" testId="mark-dialog" onClose={close}>
      <form
        className="mark-form"
        onSubmit={(event) => {
          event.preventDefault()
          const reason = new FormData(event.currentTarget).get('reason')
          mark(typeof reason === 'string' ? reason : '')
        }}
      >
        <h2>Mark this moment</h2>
        <p className="hint">An event window of 60 seconds begins with the next message of the recording.</p>
        <label className="field">
          <span>Why (may stay empty)</span>
          <input name="reason" maxLength={MAX_REASON} data-testid="mark-reason" autoComplete="off" ref={focus} />
        </label>
        <div className="dialog-buttons">
          <Button label="Cancel" testId="mark-cancel" onClick={close} />
          <button type="submit" className="button primary" data-testid="mark-confirm">
            Mark
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function focus(field: HTMLInputElement | null): void {
  field?.focus()
}
