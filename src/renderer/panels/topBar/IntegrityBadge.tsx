import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { setScreen } from '../../stores/screenStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { useRevision } from '../../ui/useRevision.ts'

/** How many things were less than certain so far; opens the list of them. */
export function IntegrityBadge() {
  const { client } = useStudio()
  const revision = useCallback(() => client.data.integrity.revision, [client])
  useRevision('integrity', revision)
  const idle = useSession((s) => (s.session?.mode ?? 'idle') === 'idle')
  if (idle) return null
  const { gaps, findings } = client.data.integrity
  return (
    <button
      type="button"
      className={`integrity-badge ${findings === 0 ? 'clean' : 'found'}`}
      data-testid="integrity-badge"
      data-gaps={gaps}
      data-findings={findings}
      title="Gaps, lost connections, unreadable messages; press for the list"
      onClick={() => setScreen({ inspectorTab: 'integrity' })}
    >
      {findings === 0 ? '✓ No gaps' : `⚠ ${badgeText(gaps, findings - gaps)}`}
    </button>
  )
}

export function badgeText(gaps: number, others: number): string {
  const parts: string[] = []
  if (gaps > 0) parts.push(gaps === 1 ? '1 gap' : `${gaps} gaps`)
  if (others > 0) parts.push(others === 1 ? '1 other' : `${others} other`)
  return parts.join(', ')
}
