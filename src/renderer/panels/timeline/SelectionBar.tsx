import { useStudio } from '../../client/studioContext.ts'
import { useJob } from '../../stores/jobStore.ts'
import { clearSelection, setSelecting, useSelection } from '../../stores/selectionStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { JobProgress } from '../JobProgress.tsx'
import { rangeText } from './rangeText.ts'
import { rangeRefusal } from './refusal.ts'

/** The switch that lets a plain drag on the timeline mark a range. */
export function SelectButton() {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  const selecting = useSelection((s) => s.selecting)
  return (
    <Button
      label="Select"
      testId="select-range"
      kind="quiet"
      keys="or Shift + drag"
      pressed={selecting}
      refusal={rangeRefusal(mode, phase, lookingBack)}
      onClick={() => setSelecting(!selecting)}
    />
  )
}

/** The marked stretch with its times, and what can be done with it. */
export function SelectionBar() {
  const { client, jobs, time } = useStudio()
  const live = useSession((s) => s.session?.mode === 'live')
  const looping = useSession((s) => s.session?.loop !== undefined)
  const range = useSelection((s) => s.range)
  const busy = useJob((s) => s.running !== undefined)
  const slicing = useJob((s) => s.running?.job === 'slice')
  if (slicing) return <JobProgress job="slice" label="Cutting the slice" />
  // A loop has a bar of its own, with the same times.
  if (range === undefined || looping) return null
  return (
    <div className="selection-bar" role="group" aria-label="Marked range" data-testid="selection-bar">
      <span data-testid="selection-text" data-from={range.fromRelNs} data-to={range.toRelNs}>
        {rangeText(range, client.data.playhead)}
      </span>
      <Button label="Loop" testId="loop-range" kind="quiet" keys="L" onClick={() => void time.toggleLoop()}>
        <Icon name="loop" />
        Loop
      </Button>
      <Button
        label="Make a slice"
        testId="make-slice"
        kind="quiet"
        refusal={live ? 'a slice is cut from a finished recording; stop LIVE first' : busy ? 'another job is under way' : undefined}
        onClick={() => void jobs.slice()}
      />
      <Button label="Play this range" testId="play-range" kind="quiet" onClick={() => void jobs.playRange()} />
      <Button label="Clear the range" testId="clear-range" kind="icon" keys="Esc" onClick={clearSelection}>
        <Icon name="close" />
      </Button>
    </div>
  )
}
