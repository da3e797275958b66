import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { utcTime } from '../../stage/index.ts'
import { useInstruments } from '../../stores/instrumentStore.ts'
import { type IntegrityEntry, isFinding } from '../../stores/integrityData.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { integrityText } from '../../ui/humanText.ts'
import { useRevision } from '../../ui/useRevision.ts'
import { VirtualList } from '../../ui/VirtualList.tsx'

/** Everything that made the record less than certain; a press goes there. */
export function IntegrityTab() {
  const { client } = useStudio()
  const revision = useCallback(() => client.data.integrity.revision, [client])
  useRevision('integrity', revision)
  const { entries, findings, gaps } = client.data.integrity
  if (entries.length === 0)
    return (
      <p className="hint" data-testid="integrity-empty">
        Nothing to report: no gap, no lost connection, no unreadable message.
      </p>
    )
  return (
    <>
      <div className="sub-head">
        <h3>Integrity</h3>
        <span className="muted">
          {gaps} {gaps === 1 ? 'gap' : 'gaps'}, {findings - gaps} other {findings - gaps === 1 ? 'finding' : 'findings'}
        </span>
      </div>
      <VirtualList
        items={[...entries]}
        rowHeight={54}
        label="Integrity events"
        testId="integrity-list"
        keyOf={keyOf}
        stickToEnd
        row={(entry) => <Entry entry={entry} />}
      />
    </>
  )
}

function keyOf({ record }: IntegrityEntry): string {
  return `${record.shard}:${record.frameIdx}:${record.pos}`
}

function Entry({ entry: { record } }: { readonly entry: IntegrityEntry }) {
  const { client, actions } = useStudio()
  const open = useSession((s) => (s.session?.mode ?? 'idle') !== 'idle')
  const name = useInstruments((s) => s.instruments.find((one) => one.instrumentId === record.instrumentId)?.name)
  const { what, why } = integrityText(record.kind, record.reason)
  return (
    <button
      type="button"
      className={isFinding(record) ? 'integrity-entry finding' : 'integrity-entry'}
      data-testid="integrity-item"
      data-kind={record.kind}
      title={`${record.text}${open ? '\nPress to go there' : ''}`}
      onClick={() => void actions.seekTo(record.recvRelNs)}
    >
      <span className="entry-head">
        <strong>
          {isFinding(record) ? '⚠ ' : '✓ '}
          {what}
        </strong>
        <span className="entry-time">{utcTime(client.data.playhead.secOf(record.recvRelNs))}</span>
      </span>
      <span className="entry-why">{why === '' ? record.text : why}</span>
      <span className="entry-where">
        {name ?? (record.instrumentId === 0 ? `connection ${record.shard}` : `instrument ${record.instrumentId}`)}
      </span>
    </button>
  )
}
