import { useStudio } from '../../client/studioContext.ts'
import { useStorage } from '../../stores/storageStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { shownText } from '../../ui/shownText.ts'
import { JobProgress } from '../JobProgress.tsx'
import { RetentionResult } from './RetentionResult.tsx'
import { StorageForm } from './StorageForm.tsx'

/** How long recorded events are kept, what happens by itself, and what may be deleted now. */
export function StoragePage() {
  const { storage } = useStudio()
  const open = useStorage((s) => s.open)
  const settings = useStorage((s) => s.settings)
  const problem = useStorage((s) => s.problem)
  if (!open) return null
  return (
    <Dialog label="Storage" testId="storage" onClose={() => storage.close()}>
      <div className="storage">
        <header className="storage-head">
          <h2>Storage</h2>
          <Button label="Close" testId="storage-close" onClick={() => storage.close()} />
        </header>
        <p className="hint">
          A recording keeps its raw bytes for ever. Beside them lie its events: as journals, and once they are compacted and proved, as
          Parquet. Only journals with a proved copy, and old Parquet, are ever deleted.
        </p>
        {settings !== undefined && <StorageForm settings={settings} />}
        {problem !== undefined && (
          <p className="setting-problem" role="alert" data-testid="storage-problem">
            {shownText(problem)}
          </p>
        )}
        <JobProgress job="retention" label="Looking through journals and Parquet" />
        <RetentionResult />
      </div>
    </Dialog>
  )
}
