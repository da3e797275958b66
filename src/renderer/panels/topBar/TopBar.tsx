import { useStudio } from '../../client/studioContext.ts'
import { setScreen } from '../../stores/screenStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { CaptureCounters } from './CaptureCounters.tsx'
import { Clocks } from './Clocks.tsx'
import { FeedDots } from './FeedDots.tsx'
import { IntegrityBadge } from './IntegrityBadge.tsx'
import { ModeSwitch } from './ModeSwitch.tsx'

/** Mode, source, clock, feeds and integrity: what an analyst must never be wrong about. */
export function TopBar() {
  return (
    <header className="top-bar">
      <ModeSwitch />
      <SourceName />
      <Clocks />
      <div className="top-right">
        <CaptureCounters />
        <FeedDots />
        <IntegrityBadge />
        <Button label="Help" testId="help-open" kind="icon" keys="?" onClick={() => setScreen({ helpOpen: true })}>?</Button>
      </div>
    </header>
  )
}

function SourceName() {
  const { actions } = useStudio()
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const name = useSession((s) => s.session?.name ?? '')
  const synthetic = useSession((s) => s.session?.synthetic ?? false)
  const verdict = useSession((s) => s.session?.verdict)
  if (mode === 'idle') return <div className="source"><span className="source-name muted">Nothing open</span></div>
  return (
    <div className="source">
      <span className="source-name" title={name} data-testid="source-name">{name}</span>
      {synthetic && <span className="badge synthetic" data-testid="synthetic-badge" title="This data was generated. It never came from a market.">synthetic</span>}
      {verdict !== undefined && verdict.state !== 'ended' && verdict.state !== 'recording' && (
        <span className={`badge ${verdict.state}`} title={verdict.sentence} data-testid="verdict-badge">{verdict.state}</span>
      )}
      {mode === 'replay' && <Button label="Close" testId="session-close" kind="quiet" onClick={() => void actions.closeSession()} />}
    </div>
  )
}
