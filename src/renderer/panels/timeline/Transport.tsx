import type { Actions } from '../../client/actions.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon, type IconName } from '../../ui/Icon.tsx'
import { Jumps } from './Jumps.tsx'
import { MarkMomentButton } from './MarkMoment.tsx'
import { Position } from './Position.tsx'
import { replayRefusal, speedRefusal } from './refusal.ts'
import { SkipIdle, Speeds } from './Speeds.tsx'

interface Step {
  readonly testId: string
  readonly label: string
  readonly keys: string
  readonly icon: IconName
  readonly run: (actions: Actions) => Promise<void>
}

const BEFORE_PLAY: readonly Step[] = [
  { testId: 'home', label: 'To the start', keys: 'Home', icon: 'home', run: (actions) => actions.goHome() },
  { testId: 'step-second-back', label: 'One second back', keys: '←', icon: 'back', run: (actions) => actions.step('second', -1) }
]
const AFTER_PLAY: readonly Step[] = [
  { testId: 'step-second-forward', label: 'One second forward', keys: '→', icon: 'forward', run: (actions) => actions.step('second', 1) },
  { testId: 'step-event', label: 'Step one event', keys: '.', icon: 'step', run: (actions) => actions.step('event', 1) }
]

/** Play, step, seek and speed. What cannot be used now says why. */
export function Transport() {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  const refusal = replayRefusal(mode, phase)
  const slower = speedRefusal(mode, phase, lookingBack)
  const live = mode === 'live'
  const end: Step = {
    testId: 'end',
    label: lookingBack ? 'Back to LIVE' : live ? 'Follow live' : 'To the end',
    keys: 'End',
    icon: 'end',
    run: (actions) => actions.goEnd()
  }
  return (
    <div className="transport" role="toolbar" aria-label="Transport">
      {BEFORE_PLAY.map((step) => (
        <StepButton key={step.testId} step={step} refusal={refusal} />
      ))}
      <PlayButton playing={phase === 'playing' || (live && !lookingBack)} refusal={refusal} />
      {AFTER_PLAY.map((step) => (
        <StepButton key={step.testId} step={step} refusal={refusal} />
      ))}
      <StepButton step={end} refusal={live ? undefined : refusal} />
      <Jumps refusal={refusal} />
      <Speeds refusal={slower} />
      <SkipIdle refusal={slower} />
      <MarkMomentButton />
      <Position />
    </div>
  )
}

interface StepButtonProps {
  readonly step: Step
  readonly refusal: string | undefined
}

function StepButton({ step, refusal }: StepButtonProps) {
  const { actions } = useStudio()
  return (
    <Button label={step.label} testId={step.testId} kind="icon" keys={step.keys} refusal={refusal} onClick={() => void step.run(actions)}>
      <Icon name={step.icon} />
    </Button>
  )
}

interface PlayButtonProps {
  readonly playing: boolean
  readonly refusal: string | undefined
}

function PlayButton({ playing, refusal }: PlayButtonProps) {
  const { actions } = useStudio()
  const label = playing ? 'Pause' : 'Play'
  return (
    <Button
      label={label}
      testId="play"
      kind="icon"
      keys="Space"
      refusal={refusal}
      pressed={playing}
      onClick={() => void actions.togglePlay()}
    >
      <Icon name={playing ? 'pause' : 'play'} />
    </Button>
  )
}
