import type { JobKind } from '../../shared/api/index.ts'
import { useStudio } from '../client/studioContext.ts'
import { useJob } from '../stores/jobStore.ts'
import { Button } from '../ui/Button.tsx'

interface JobProgressProps {
  readonly job: JobKind
  /** What is being done, for people. */
  readonly label: string
  /** What ending it is called. */
  readonly cancelLabel?: string
}

/** How far the studio's job is, with a way to end it. Shows nothing while no job of this kind runs. */
export function JobProgress({ job, label, cancelLabel = 'Cancel' }: JobProgressProps) {
  const { jobs } = useStudio()
  const share = useJob((s) => (s.running?.job === job ? s.running.share : undefined))
  if (share === undefined) return null
  const percent = Math.floor(Math.min(1, Math.max(0, share)) * 100)
  return (
    <div className="job" data-testid={`job-${job}`}>
      <span>
        {label} <span className="percent">{percent} %</span>
      </span>
      <progress max={100} value={percent} aria-label={label} />
      <Button label={cancelLabel} testId={`job-${job}-cancel`} kind="quiet" onClick={() => void jobs.cancel()} />
    </div>
  )
}
