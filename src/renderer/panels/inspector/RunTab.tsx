import { useCallback } from 'react'
import type { FeedState } from '../../../shared/api/index.ts'
import { CHANNELS } from '../../../shared/channels/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { countText, startText } from '../../ui/humanText.ts'
import { Button } from '../../ui/Button.tsx'
import { LoopText } from '../../ui/LoopText.tsx'
import { feedText } from '../topBar/FeedDots.tsx'
import { Fingerprint } from './Fingerprint.tsx'
import { HealthFacts } from './HealthFacts.tsx'
import { JoinProofSection } from './JoinProofSection.tsx'
import { LiveGatesSection } from './LiveGatesSection.tsx'
import { PlayheadFingerprint } from './PlayheadFingerprint.tsx'
import { VerdictSection } from './VerdictSection.tsx'

const COUNTED = CHANNELS.filter((channel) => channel.scope !== 'view').map((channel) => channel.name)
const NO_FEEDS: readonly FeedState[] = []

/** The run itself: what it is, its fingerprint, events by channel, connections, health. */
export function RunTab() {
  const { jobs, client } = useStudio()
  const session = useSession((s) => s.session)
  if (session?.phase === 'failed' && client.data.gates.count > 0) return <FailedRun />
  if (session === undefined || session.mode === 'idle') return <p className="hint">Nothing is open.</p>
  return (
    <div className="run-tab">
      <section>
        <h3>Run</h3>
        <dl className="facts">
          <div>
            <dt>Run id</dt>
            <dd data-testid="run-id">{session.runId}</dd>
          </div>
          <div>
            <dt>Venue</dt>
            <dd>{session.venue === '' ? 'unknown' : session.venue}</dd>
          </div>
          <div>
            <dt>Start</dt>
            <dd>{startText(session.originTsNs)} UTC</dd>
          </div>
        </dl>
        <Button
          label="Report"
          testId="run-report"
          refusal={session.mode === 'live' ? 'a recording is judged in full when it has ended; its gates so far are below' : undefined}
          onClick={() => void jobs.report(session.path, session.name)}
        />
      </section>
      <VerdictSection />
      <JoinProofSection />
      {session.mode === 'live' && <LiveGatesSection />}
      <Fingerprint />
      <PlayheadFingerprint />
      <section>
        <h3>Events so far</h3>
        <dl className="facts" data-testid="counts">
          {COUNTED.map((name) => (
            <Count key={name} name={name} />
          ))}
        </dl>
      </section>
      <Feeds />
      <HealthFacts />
    </div>
  )
}

/** A recording that had to end: its gates as they stood. */
function FailedRun() {
  return (
    <div className="run-tab">
      <LiveGatesSection />
      <p className="hint">The recording had to end. What it holds is in the library, and its report judges it in full.</p>
    </div>
  )
}

function Count({ name }: { readonly name: (typeof COUNTED)[number] }) {
  const { client } = useStudio()
  const text = useCallback(() => countText(client.now?.counts[name] ?? 0), [client, name])
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <LoopText topics={['session']} text={text} testId={`count-${name}`} everyMs={250} />
      </dd>
    </div>
  )
}

function Feeds() {
  const feeds = useSession((s) => s.session?.feeds ?? NO_FEEDS)
  if (feeds.length === 0) return null
  return (
    <section>
      <h3>Connections</h3>
      <ul className="feed-list" data-testid="feed-list">
        {feeds.map((feed) => (
          <li key={feed.shard} className={feed.state}>
            {feedText(feed)}
          </li>
        ))}
      </ul>
    </section>
  )
}
