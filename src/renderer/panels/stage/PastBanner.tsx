import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { behindText } from '../../ui/humanText.ts'
import { LoopText } from '../../ui/LoopText.tsx'

/** LIVE looks back: says how far, and offers the way back. The recording goes on meanwhile. */
export function PastBanner() {
  const { client, time } = useStudio()
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  const behind = useCallback(() => {
    const now = client.now
    return now?.dvr === undefined ? '' : behindText(now.dvr.headRelNs - client.data.playhead.relNs)
  }, [client])
  if (!lookingBack) return null
  return (
    <div className="past-banner" role="status" data-testid="past-banner">
      <span>
        <strong>Looking back:</strong> <LoopText topics={['session', 'playhead']} text={behind} testId="past-behind" everyMs={250} /> behind
        LIVE
      </span>
      <span className="past-note">The recording goes on.</span>
      <Button label="Back to LIVE" testId="back-to-live" kind="plain" keys="End" onClick={() => void time.rejoin()} />
    </div>
  )
}
