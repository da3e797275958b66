import { notify } from '../stores/noticeStore.ts'
import { Button } from './Button.tsx'
import { copyText } from './copyText.ts'
import { Icon } from './Icon.tsx'

interface CopyButtonProps {
  readonly text: string
  readonly label: string
  readonly testId: string
}

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label, testId }: CopyButtonProps) {
  const copy = async (): Promise<void> => {
    const copied = await copyText(text)
    notify(copied ? 'info' : 'warning', copied ? 'Copied.' : 'The clipboard refused it.')
  }
  return (
    <Button label={label} testId={testId} kind="icon" onClick={() => void copy()}>
      <Icon name="copy" />
    </Button>
  )
}
