import { useStudio } from '../../client/studioContext.ts'
import { useMoves } from '../../stores/moveStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { rangeText } from './rangeText.ts'

/** The loop that is on: its times, its rounds, what is played before it, and its end. */
export function LoopBar() {
  const { client, time } = useStudio()
  const loop = useSession((s) => s.session?.loop)
  const preRollS = useMoves((s) => s.preRollS)
  if (loop === undefined) return null
  return (
    <div className="selection-bar loop-bar" role="group" aria-label="Loop" data-testid="loop-bar" data-rounds={loop.rounds}>
      <Icon name="loop" />
      <span data-testid="loop-text">
        {rangeText(loop, client.data.playhead)} · {loop.rounds} {loop.rounds === 1 ? 'round' : 'rounds'}
      </span>
      <label className="pre-roll" title="Seconds that are played before the beginning in each round">
        pre-roll
        <input
          type="number"
          min={0}
          max={600}
          step={1}
          defaultValue={preRollS}
          data-testid="pre-roll"
          onChange={(event) => void time.setPreRoll(event.target.valueAsNumber)}
        />
        s
      </label>
      <Button label="End the loop" testId="loop-end" kind="quiet" keys="L" onClick={() => void time.toggleLoop()}>
        End loop
      </Button>
    </div>
  )
}
