import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { LoopText } from '../../ui/LoopText.tsx'

/** Says what to do while the stage is empty although a bundle is open. */
export function StartHint() {
  const { client } = useStudio()
  const text = useCallback(() => {
    const now = client.now
    if (now === undefined || !client.data.columns.empty) return ''
    if (now.mode === 'replay' && now.phase === 'paused') return 'At the start. Press Space to play, or pick a place on the timeline.'
    return now.mode === 'live' && now.phase === 'recording' ? 'Waiting for the first full second of a trusted book…' : ''
  }, [client])
  return <LoopText topics={['session', 'columns']} text={text} testId="start-hint" className="start-hint" />
}
