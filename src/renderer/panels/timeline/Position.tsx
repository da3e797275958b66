import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { durationText } from '../../ui/humanText.ts'
import { LoopText } from '../../ui/LoopText.tsx'

/** Where the playhead is in the run, and how long the run is. */
export function Position() {
  const { client } = useStudio()
  const text = useCallback(() => {
    const now = client.now
    if (now === undefined || now.mode === 'idle') return ''
    const at = durationText(client.data.playhead.relNs - now.startRelNs)
    return now.mode === 'live' && now.dvr === undefined ? `${at} recorded` : `${at} / ${durationText(now.endRelNs - now.startRelNs)}`
  }, [client])
  return <LoopText topics={['playhead', 'session']} text={text} testId="position" className="position" />
}
