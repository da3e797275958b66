import { useStudio } from '../client/studioContext.ts'
import { Button } from '../ui/Button.tsx'
import { Icon } from '../ui/Icon.tsx'
import { dismissNotice, type Notice, useNotices } from '../stores/noticeStore.ts'
import { useJob } from '../stores/jobStore.ts'
import { useScreen } from '../stores/screenStore.ts'
import { shownText } from '../ui/shownText.ts'

const LABELS = { info: 'Note', warning: 'Warning', error: 'Error' } as const

/** Short messages at the lower edge of the stage, read out by screen readers. */
export function Notices() {
  const notices = useNotices((s) => s.notices)
  const busy = useScreen((s) => s.busy)
  const adding = useJob((s) => s.adding)
  return (
    <div className="notices" role="status" aria-live="polite">
      {adding === undefined ? busy !== undefined && <Busy text={busy} /> : <Adding {...adding} />}
      {notices.map((notice) => (
        <div key={notice.id} className={`notice ${notice.level}`} data-testid="notice" data-level={notice.level}>
          <strong>{LABELS[notice.level]}</strong>
          <span>{shownText(notice.text)}</span>
          <ActionButton notice={notice} />
          <Button label="Dismiss" testId="notice-dismiss" kind="icon" onClick={() => dismissNotice(notice.id)}>
            <Icon name="close" />
          </Button>
        </div>
      ))}
    </div>
  )
}

function Busy({ text }: { readonly text: string }) {
  return (
    <div className="notice busy" data-testid="busy">
      <span className="spinner" aria-hidden="true" />
      <span>{text}</span>
    </div>
  )
}

function Adding({ name, share }: { readonly name: string; readonly share: number }) {
  const { jobs } = useStudio()
  return (
    <div className="notice busy" data-testid="adding">
      <span className="spinner" aria-hidden="true" />
      <span>
        Unpacking {shownText(name)}… <span className="percent">{Math.floor(share * 100)} %</span>
      </span>
      <Button label="Cancel" testId="adding-cancel" kind="quiet" onClick={() => void jobs.cancelAdding()} />
    </div>
  )
}

function ActionButton({ notice }: { readonly notice: Notice }) {
  const { action } = notice
  if (action === undefined) return null
  const run = (): void => {
    dismissNotice(notice.id)
    action.run()
  }
  return <Button label={action.label} testId="notice-action" kind="primary" onClick={run} />
}
