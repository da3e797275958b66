import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { bytesText } from '../../ui/humanText.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { shownText } from '../../ui/shownText.ts'
import { useRevision } from '../../ui/useRevision.ts'
import { GateList, gateSummary } from '../GateList.tsx'

/** The gates of the recording while it runs, and of one that had to end: the same rules and limits as in the report of a finished one. */
export function LiveGatesSection() {
  const { client } = useStudio()
  const revision = useCallback(() => client.data.gates.revision, [client])
  useRevision('health', revision)
  const { gates } = client.data
  const fatal = useSession((s) => s.session?.failure?.message)
  const results = gates.results(fatal === undefined ? undefined : shownText(fatal))
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
