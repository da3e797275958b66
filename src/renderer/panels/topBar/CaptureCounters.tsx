import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { bytesText, countText } from '../../ui/humanText.ts'
import { LoopText } from '../../ui/LoopText.tsx'

/** What the recording has taken in, and how much of it is safely on disk. Shown while recording. */
export function CaptureCounters() {
  const { client } = useStudio()
  const live = useSession((s) => s.session?.mode === 'live')
  const frames = useCallback(() => {
    const capture = client.now?.capture
    return capture === undefined ? '' : `${countText(capture.frames)} frames · ${countText(capture.framesPerSecond)}/s`
  }, [client])
  const bytes = useCallback(() => {
    const capture = client.now?.capture
    return capture === undefined ? '' : `${bytesText(capture.bytes)} · ${syncedText(capture.bytes, capture.syncedBytes)}`
  }, [client])
  if (!live) return null
  return (
    <div className="capture" role="group" aria-label="Recording">
      <LoopText topics={['session']} text={frames} testId="capture-frames" everyMs={250} />
      <LoopText
        topics={['session']}
        text={bytes}
        testId="capture-bytes"
        everyMs={250}
        title="Bytes received, and how much of them is safely on disk"
      />
    </div>
  )
}

function syncedText(bytes: number, synced: number): string {
  return synced >= bytes ? 'all synced' : `${bytesText(bytes - synced)} to sync`
}
