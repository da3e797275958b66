import { useCallback } from 'react'
import { SPEEDS } from '../../client/actions.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { durationText, speedText } from '../../ui/humanText.ts'
import { Icon } from '../../ui/Icon.tsx'
import { LoopText } from '../../ui/LoopText.tsx'
import { replayRefusal } from './refusal.ts'

/** Play, step, seek and speed. What cannot be used now says why. */
export function Transport() {
  const { actions } = useStudio()
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  const refusal = replayRefusal(mode, phase)
  const playing = phase === 'playing'
  const endRefusal = mode === 'live' ? undefined : refusal
  return (
    <div className="transport" role="toolbar" aria-label="Transport">
      <Button label="To the start" testId="home" kind="icon" keys="Home" refusal={refusal} onClick={() => void actions.goHome()}><Icon name="home" /></Button>
      <Button label="One second back" testId="step-second-back" kind="icon" keys="←" refusal={refusal} onClick={() => void actions.step('second', -1)}>
        <Icon name="back" />
      </Button>
      <Button label={playing ? 'Pause' : 'Play'} testId="play" kind="icon" keys="Space" refusal={refusal} pressed={playing} onClick={() => void actions.togglePlay()}>
        <Icon name={playing ? 'pause' : 'play'} />
      </Button>
      <Button label="One second forward" testId="step-second-forward" kind="icon" keys="→" refusal={refusal} onClick={() => void actions.step('second', 1)}>
        <Icon name="forward" />
      </Button>
      <Button label="Step one event" testId="step-event" kind="icon" keys="." refusal={refusal} onClick={() => void actions.step('event', 1)}>
        <Icon name="step" />
      </Button>
      <Button label={mode === 'live' ? 'Follow live' : 'To the end'} testId="end" kind="icon" keys="End" refusal={endRefusal} onClick={() => void actions.goEnd()}>
        <Icon name="end" />
      </Button>
      <Speed refusal={refusal} />
      <SkipIdle refusal={refusal} />
      <Position />
    </div>
  )
}

interface RefusalProps {
  readonly refusal: string | undefined
}

function Speed({ refusal }: RefusalProps) {
  const { actions } = useStudio()
  const speed = useSession((s) => s.session?.speed ?? 1)
  return (
    <div className="speeds" role="group" aria-label="Speed" data-testid="speed" data-speed={speed}>
      {SPEEDS.map((one) => (
        <Button key={one} label={`Speed ${speedText(one)}`} testId={`speed-${one === 0 ? 'max' : one}`} kind="quiet" keys="[ ]" refusal={refusal}
          pressed={refusal === undefined && one === speed} onClick={() => void actions.setSpeed(one)}>{speedText(one)}</Button>
      ))}
    </div>
  )
}

function SkipIdle({ refusal }: RefusalProps) {
  const { actions } = useStudio()
  const skip = useSession((s) => s.session?.skipIdle ?? false)
  return (
    <label className="check" title={refusal ?? 'Jump over stretches in which nothing was received'}>
      <input type="checkbox" data-testid="skip-idle" checked={skip} disabled={refusal !== undefined}
        onChange={(event) => void actions.setSkipIdle(event.target.checked)} />
      Skip idle time
    </label>
  )
}

function Position() {
  const { client } = useStudio()
  const text = useCallback(() => {
    const now = client.now
    if (now === undefined || now.mode === 'idle') return ''
    const at = durationText(client.data.playhead.relNs - now.startRelNs)
    return now.mode === 'live' ? `${at} recorded` : `${at} / ${durationText(now.endRelNs - now.startRelNs)}`
  }, [client])
  return <LoopText topics={['playhead', 'session']} text={text} testId="position" className="position" />
}
