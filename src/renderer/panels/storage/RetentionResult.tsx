import type { RetentionGroup, RetentionMade } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useJob } from '../../stores/jobStore.ts'
import { useStorage } from '../../stores/storageStore.ts'
import { Button } from '../../ui/Button.tsx'
import { bytesText, countText } from '../../ui/humanText.ts'
import { shownText } from '../../ui/shownText.ts'

const WHY: Readonly<Record<string, string>> = {
  age: 'old enough',
  budget: 'more than may be kept',
  young: 'not old enough',
  'keep forever': 'kept for ever: event windows and their changes',
  'not proved': 'not proved in Parquet yet',
  open: 'still being written',
  'its journal is still there': 'its journal is still there'
}

/** Looks first, deletes second: what goes is listed before anything does. */
export function RetentionResult() {
  const { storage } = useStudio()
  const made = useStorage((s) => s.retention)
  const busy = useJob((s) => s.running !== undefined) ? 'another job is under way' : undefined
  const canDelete = made !== undefined && !made.applied && made.deletedBytes > 0
  return (
    <section className="storage-result" aria-label="What may be deleted">
      <div className="storage-buttons">
        <Button label="See what would be deleted" testId="storage-look" refusal={busy} onClick={() => void storage.retain(false)} />
        {canDelete && (
          <Button
            label={`Delete ${bytesText(made.deletedBytes)}`}
            testId="storage-delete"
            kind="danger"
            refusal={busy}
            onClick={() => void storage.retain(true)}
          />
        )}
      </div>
      {made !== undefined && <Found made={made} />}
    </section>
  )
}

function Found({ made }: { readonly made: RetentionMade }) {
  const { applied, groups, deletedBytes, remainingBytes, freeBytes, hoursLeft, faults } = made
  return (
    <>
      <p role="status" data-testid="storage-sum" data-applied={applied} data-bytes={deletedBytes}>
        {deletedBytes === 0
          ? 'Nothing may be deleted now.'
          : applied
            ? `${bytesText(deletedBytes)} were deleted.`
            : `${bytesText(deletedBytes)} would be deleted.`}{' '}
        Journals and Parquet {applied || deletedBytes === 0 ? 'take' : 'would take'} {bytesText(remainingBytes)}; {bytesText(freeBytes)} are
        free on the disk{hoursLeft === null ? '' : `, enough for ${spanText(hoursLeft)} at the present rate`}.
      </p>
      {groups.length > 0 && (
        <table className="storage-groups" data-testid="storage-groups">
          <thead>
            <tr>
              <th>What</th>
              <th>Files</th>
              <th>Size</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={`${group.kind} ${group.action} ${group.why}`} data-action={group.action}>
                <td>{whatText(group, applied)}</td>
                <td className="number">{countText(group.files)}</td>
                <td className="number">{bytesText(group.bytes)}</td>
                <td>{WHY[group.why] ?? group.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {faults.map((fault) => (
        <p key={fault} className="setting-problem" data-testid="storage-fault">
          {shownText(fault)}
        </p>
      ))}
    </>
  )
}

function whatText({ kind, action }: RetentionGroup, applied: boolean): string {
  const what = kind === 'journal' ? 'Journals' : 'Parquet'
  if (action === 'keep') return `${what}, kept`
  return applied ? `${what}, deleted` : `${what}, to be deleted`
}

function spanText(hours: number): string {
  if (hours < 48) return `${Math.floor(hours)} hours`
  return hours < 24 * 730 ? `${Math.floor(hours / 24)} days` : 'years'
}
