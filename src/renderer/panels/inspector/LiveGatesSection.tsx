import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { bytesText } from '../../ui/humanText.ts'
import { useRevision } from '../../ui/useRevision.ts'
import { GateList, gateSummary } from '../GateList.tsx'

/** The gates of the recording while it runs: the same limits as in the report of a finished one. */
export function LiveGatesSection() {
  const { client } = useStudio()
  const revision = useCallback(() => client.data.gates.revision, [client])
  useRevision('health', revision)
  const { gates } = client.data
  const results = gates.results()
  const unsynced = gates.unsyncedBytes()
  return (
    <section>
      <h3>
        Gates <span className="muted">{gateSummary(results)}</span>
      </h3>
      <GateList gates={results} testId="live-gates" label="Gates of this recording" />
      <p className="muted small" data-testid="live-gates-note">
        Judged over {gates.count} heartbeats since this screen began to look. Not yet safely on disk:{' '}
        {unsynced === undefined ? 'unknown' : bytesText(unsynced)}.
      </p>
    </section>
  )
}
