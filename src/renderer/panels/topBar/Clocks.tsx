import { useCallback } from 'react'
import { type Studio, useStudio } from '../../client/studioContext.ts'
import { LoopText } from '../../ui/LoopText.tsx'
import { zoneClock } from '../../ui/humanText.ts'

const newYork = zoneClock('America/New_York')
const madrid = zoneClock('Europe/Madrid')

/** The time at the playhead, in LIVE and in REPLAY alike. */
export function Clocks() {
  return (
    <div className="clocks" role="group" aria-label="Time at the playhead">
      <Clock label="UTC" testId="clock-utc" text={utcText} wide />
      <Clock label="New York" testId="clock-new-york" text={newYork} />
      <Clock label="Madrid" testId="clock-madrid" text={madrid} />
    </div>
  )
}

interface ClockProps {
  readonly label: string
  readonly testId: string
  /** Text of an instant in Unix milliseconds. */
  readonly text: (ms: number) => string
  readonly wide?: boolean
}

function Clock({ label, testId, text, wide = false }: ClockProps) {
  const studio = useStudio()
  const now = useCallback(() => playheadText(studio, text), [studio, text])
  return (
    <div className={wide ? 'clock wide' : 'clock'}>
      <span className="clock-label">{label}</span>
      <LoopText topics={['playhead', 'session']} text={now} testId={testId} className="clock-time" />
    </div>
  )
}

function playheadText({ client }: Studio, text: (ms: number) => string): string {
  if (client.now === undefined || client.now.mode === 'idle') return '–'
  const { playhead } = client.data
  return text(playhead.msOf(playhead.relNs))
}

function utcText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ')
}
