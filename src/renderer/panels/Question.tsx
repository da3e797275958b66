import { setScreen, useScreen } from '../stores/screenStore.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'

/** One question before something that cannot be taken back. */
export function Question() {
  const question = useScreen((s) => s.question)
  if (question === undefined) return null
  const close = (): void => setScreen({ question: undefined })
  const yes = (): void => {
    close()
    question.onYes()
  }
  return (
    <Dialog label={question.text} testId="question" onClose={close}>
      <p>{question.text}</p>
      <div className="dialog-buttons">
        <Button label={question.no} testId="question-no" onClick={close} />
        <Button label={question.yes} testId="question-yes" kind="primary" onClick={yes} />
      </div>
    </Dialog>
  )
}
