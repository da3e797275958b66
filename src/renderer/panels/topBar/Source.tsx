import type { CrashState } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { verdictText } from '../../ui/verdictText.ts'

/** States that need no sign beside the name. */
const QUIET: ReadonlySet<CrashState> = new Set(['ended', 'recording', 'unknown'])

/** The big label that says which mode is on the screen, and below it what is open. */
export function Source() {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  const lookingBack = useSession((s) => s.session?.lookingBack ?? false)
  return (
    <div className="source">
      <div className="mode-label" data-testid="mode-label" aria-live="polite">
        {labelOf(mode, phase, lookingBack)}
      </div>
      {mode === 'idle' ? <div className="source-line muted">Nothing is open</div> : <OpenSource replay={mode === 'replay'} />}
    </div>
  )
}

function OpenSource({ replay }: { readonly replay: boolean }) {
  const { actions } = useStudio()
  const name = useSession((s) => s.session?.name ?? '')
  const synthetic = useSession((s) => s.session?.synthetic ?? false)
  const verdict = useSession((s) => s.session?.verdict)
  return (
    <div className="source-line">
      <span className="source-name" title={name} data-testid="source-name">
        {name}
      </span>
      {synthetic && (
        <span className="badge synthetic" data-testid="synthetic-badge" title="This data was generated. It never came from a market.">
          synthetic
        </span>
      )}
      {verdict !== undefined && !QUIET.has(verdict.state) && (
        <span className={`badge ${verdict.state}`} title={verdict.sentence} data-testid="verdict-badge">
          {verdictText(verdict.state)}
        </span>
      )}
      {replay && (
        <Button label="Close the bundle" testId="session-close" kind="icon" onClick={() => void actions.closeSession()}>
          <Icon name="close" />
        </Button>
      )}
    </div>
  )
}

/** What the big label says: never by colour alone. */
export function labelOf(mode: 'idle' | 'live' | 'replay', phase: string, lookingBack = false): string {
  if (mode === 'idle') return 'IDLE'
  if (lookingBack) return '↶ LOOKING BACK'
  if (mode === 'live') return `● LIVE · ${phase}`
  return phase === 'playing' ? '▶ REPLAY · playing' : `❚❚ REPLAY · ${phase}`
}
