import { useCallback, useRef, useState } from 'react'
import { MAX_SPEED, MIN_SPEED } from '../../../shared/api/index.ts'
import { SPEEDS } from '../../client/actions.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { speedText } from '../../ui/humanText.ts'
import { useClickAway } from '../../ui/useClickAway.ts'

interface RefusalProps {
  /** Why the transport cannot be used now. */
  readonly refusal: string | undefined
}

/** One button each; all others are in the menu. */
const SHOWN = [1, 2, 5, 10, 50, 0] as const

/** The speeds of the replay clock: the usual ones as buttons, any other from the menu or typed. */
export function Speeds({ refusal }: RefusalProps) {
  const speed = useSession((s) => s.session?.speed ?? 1)
  return (
    <div className="speeds" role="group" aria-label="Speed" data-testid="speed" data-speed={speed}>
      {SHOWN.map((one) => (
        <SpeedButton key={one} speed={one} current={speed} refusal={refusal} />
      ))}
      <SpeedMenu speed={speed} refusal={refusal} />
    </div>
  )
}

interface SpeedButtonProps extends RefusalProps {
  readonly speed: number
  readonly current: number
}

function SpeedButton({ speed, current, refusal }: SpeedButtonProps) {
  const { actions } = useStudio()
  return (
    <Button
      label={`Speed ${speedText(speed)}`}
      testId={`speed-${speed === 0 ? 'max' : speed}`}
      kind="quiet"
      keys="[ ]"
      refusal={refusal}
      pressed={refusal === undefined && speed === current}
      onClick={() => void actions.setSpeed(speed)}
    >
      {speedText(speed)}
    </Button>
  )
}

function SpeedMenu({ speed, refusal }: RefusalProps & { readonly speed: number }) {
  const box = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const close = useCallback(() => setOpen(false), [])
  useClickAway(box, open, close)
  const special = !SHOWN.some((one) => one === speed)
  return (
    <div className="menu-box" ref={box}>
      <Button
        label="Other speeds"
        testId="speed-menu"
        kind="quiet"
        refusal={refusal}
        pressed={open || (special && refusal === undefined)}
        onClick={() => setOpen(!open)}
      >
        {special ? speedText(speed) : '…'} ▾
      </Button>
      {open && <SpeedList speed={speed} close={close} />}
    </div>
  )
}

function SpeedList({ speed, close }: { readonly speed: number; readonly close: () => void }) {
  const { actions } = useStudio()
  const choose = (one: number): void => {
    void actions.setSpeed(one)
    close()
  }
  return (
    <div className="menu speed-list" role="group" aria-label="Speeds">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const typed = Number(new FormData(event.currentTarget).get('speed'))
          if (typed >= MIN_SPEED && typed <= MAX_SPEED) choose(typed)
        }}
      >
        <label>
          Any speed
          <input
            name="speed"
            type="number"
            min={MIN_SPEED}
            max={MAX_SPEED}
            step="any"
            defaultValue={speed === 0 ? 1 : speed}
            data-testid="speed-typed"
            ref={focusAll}
          />
        </label>
        <button type="submit" className="button quiet" data-testid="speed-set">
          Set
        </button>
      </form>
      <div className="speed-grid">
        {SPEEDS.map((one) => (
          <button
            key={one}
            type="button"
            className="button quiet"
            data-testid={`speed-item-${one === 0 ? 'max' : one}`}
            aria-pressed={one === speed}
            onClick={() => choose(one)}
          >
            {speedText(one)}
          </button>
        ))}
      </div>
    </div>
  )
}

function focusAll(field: HTMLInputElement | null): void {
  field?.focus()
  field?.select()
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
      Skip idle
    </label>
  )
}
