import { useStudio } from '../../client/studioContext.ts'
import { setScreen, useScreen } from '../../stores/screenStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { shownText } from '../../ui/shownText.ts'

/** What went wrong, in one sentence, and what can be done. */
export function FailedStage() {
  const { actions } = useStudio()
  const shown = useScreen((s) => s.failure)
  const failure = useSession((s) => s.session?.failure)
  const failed = useSession((s) => s.session?.phase === 'failed')
  const dismiss = (): void => {
    setScreen({ failure: undefined })
    if (failed) void actions.closeSession()
  }
  const retry = shown?.retry
  return (
    <div className="stage-card error" role="alert" data-testid="error-state">
      <h2>{shown?.title ?? 'The session failed'}</h2>
      <p data-testid="error-sentence">{shownText(shown?.sentence ?? failure?.message ?? 'The studio gave no reason.')}</p>
      <div className="dialog-buttons">
        <Button label="Dismiss" testId="error-dismiss" onClick={dismiss} />
        {retry !== undefined && <Button label="Try again" testId="error-retry" kind="primary" onClick={retry} />}
      </div>
    </div>
  )
}
