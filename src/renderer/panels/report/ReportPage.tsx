import { useStudio } from '../../client/studioContext.ts'
import { useJob } from '../../stores/jobStore.ts'
import { useReport } from '../../stores/reportStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { shownText } from '../../ui/shownText.ts'
import { JobProgress } from '../JobProgress.tsx'
import { ReportBody } from './ReportBody.tsx'

/** The report of one bundle over the whole window: being made, failed, or there. */
export function ReportPage() {
  const { jobs } = useStudio()
  const page = useReport((s) => s.page)
  if (page.state === 'closed') return null
  const close = (): void => jobs.closeReport()
  return (
    <Dialog label={`Report on ${page.name}`} testId="report" onClose={close} wide>
      <header className="report-head">
        <h2>Report on {page.name}</h2>
        <Button label="Close" testId="report-close" onClick={close} />
      </header>
      {page.state === 'working' && <Working />}
      {page.state === 'failed' && (
        <p className="report-failed" role="alert" data-testid="report-failed">
          {shownText(page.sentence)}
        </p>
      )}
      {page.state === 'done' && <ReportBody report={page.report} />}
    </Dialog>
  )
}

function Working() {
  const begun = useJob((s) => s.running?.job === 'report')
  return (
    <div className="report-working" data-testid="report-working">
      <p>Every record of the bundle is read and checked. Closing this page cancels the report.</p>
      {begun ? <JobProgress job="report" label="Reading the bundle" /> : <span className="spinner" aria-hidden="true" />}
    </div>
  )
}
