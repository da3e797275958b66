import { useCallback } from 'react'
import type { FeedState } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { setScreen } from '../../stores/screenStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { useRevision } from '../../ui/useRevision.ts'
import { journalState } from './journalState.ts'
import { worldState } from './worldState.ts'

const NO_FEEDS: readonly FeedState[] = []
const MAX_DOTS = 12
/** Shape and colour both tell the state. */
const SIGNS: Readonly<Record<FeedState['state'], string>> = { open: '●', silent: '◐', connecting: '○', closed: '✕' }

/** One sign per connection, and how many of them are open; a cloud tells of the weather services, a pen of a journal that is behind. */
export function FeedDots() {
  const feeds = useSession((s) => s.session?.feeds ?? NO_FEEDS)
  if (feeds.length === 0) return null
  const open = feeds.filter((feed) => feed.state === 'open').length
  return (
    <button
      type="button"
      className="feeds"
      data-testid="feeds"
      data-open={open}
      data-all={feeds.length}
      title="Connections; press for details"
      onClick={() => setScreen({ inspectorTab: 'run' })}
    >
      <span className="feed-dots" aria-hidden="true">
        {feeds.slice(0, MAX_DOTS).map((feed) => (
          <span key={feed.shard} className={`feed-dot ${feed.state}`} title={feedText(feed)}>
            {SIGNS[feed.state]}
          </span>
        ))}
      </span>
      <WorldSign />
      <JournalSign />
      <span>{open === feeds.length ? `${open} open` : `${open} of ${feeds.length} open`}</span>
    </button>
  )
}

function WorldSign() {
  const { client } = useStudio()
  const revision = useCallback(() => client.data.gates.revision, [client])
  useRevision('health', revision)
  const world = worldState(client.data.health)
  if (world === undefined) return null
  return (
    <span className={`feed-dot ${world.state}`} title={world.lines.join('\n')} data-testid="world-sign" data-state={world.state}>
      ☁{world.state === 'open' ? '' : '!'}
    </span>
  )
}

/** A pen with a mark, only while there is something to say of the journal. */
function JournalSign() {
  const { client } = useStudio()
  const revision = useCallback(() => client.data.gates.revision, [client])
  useRevision('health', revision)
  const journal = journalState(client.data.health)
  if (journal === undefined || journal.state === 'open') return null
  return (
    <span className={`feed-dot ${journal.state}`} title={journal.lines.join('\n')} data-testid="journal-sign" data-state={journal.state}>
      ✎!
    </span>
  )
}

export function feedText(feed: FeedState): string {
  return `Connection ${feed.shard}: ${feed.state}${feed.detail === '' ? '' : `, ${feed.detail}`}`
}
