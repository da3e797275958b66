import { SPEEDS } from '../../client/actions.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { speedText } from '../../ui/humanText.ts'

interface RefusalProps {
  /** Why the transport cannot be used now. */
  readonly refusal: string | undefined
}

/** The speeds of the replay clock, one button each. */
export function Speeds({ refusal }: RefusalProps) {
  const { actions } = useStudio()
  const speed = useSession((s) => s.session?.speed ?? 1)
  return (
    <div className="speeds" role="group" aria-label="Speed" data-testid="speed" data-speed={speed}>
      {SPEEDS.map((one) => (
        <Button
          key={one}
          label={`Speed ${speedText(one)}`}
          testId={`speed-${one === 0 ? 'max' : one}`}
          kind="quiet"
          keys="[ ]"
          refusal={refusal}
          pressed={refusal === undefined && one === speed}
          onClick={() => void actions.setSpeed(one)}
        >
          {speedText(one)}
        </Button>
      ))}
    </div>
  )
}

/** Whether stretches without data are jumped over. */
export function SkipIdle({ refusal }: RefusalProps) {
  const { actions } = useStudio()
  const skip = useSession((s) => s.session?.skipIdle ?? false)
  return (
    <label className="check" title={refusal ?? 'Jump over stretches in which nothing was received'}>
      <input
        type="checkbox"
        data-testid="skip-idle"
        checked={skip}
        disabled={refusal !== undefined}
        onChange={(event) => void actions.setSkipIdle(event.target.checked)}
      />
      Skip idle time
    </label>
  )
}
