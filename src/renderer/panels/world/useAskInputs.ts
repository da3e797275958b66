import { useEffect } from 'react'
import { isAtHead } from '../../client/moving.ts'
import { type Studio, useStudio } from '../../client/studioContext.ts'
import { setInputs, useInputs } from '../../stores/inputsStore.ts'

/** LIVE at its newest moment asks again this often at most. */
const HEAD_EVERY_NS = 5e9

/** Asks what was known at the playhead whenever it stands still at another place; in LIVE every few seconds. */
export function useAskInputs(): void {
  const studio = useStudio()
  useEffect(() => {
    const look = (): void => {
      dropFuture(studio)
      if (isDue(studio)) void studio.time.askInputs()
    }
    return studio.client.loop.add(['session', 'playhead', 'marks'], 250, look)
  }, [studio])
}

function isDue({ client }: Studio): boolean {
  const { now } = client
  if (now === undefined || now.mode === 'idle') return false
  const { inputs } = useInputs.getState()
  if (isAtHead(now)) return now.phase === 'recording' && (inputs === undefined || now.playheadRelNs - inputs.relNs > HEAD_EVERY_NS)
  const stands = now.phase === 'paused' || now.phase === 'finished'
  return stands && inputs?.relNs !== now.playheadRelNs
}

/** What is shown was never known later than the playhead. */
function dropFuture({ client }: Studio): void {
  const { inputs } = useInputs.getState()
  const now = client.now
  if (inputs !== undefined && now !== undefined && inputs.relNs > client.data.playhead.relNs && now.phase !== 'loading')
    setInputs({ inputs: undefined })
}
