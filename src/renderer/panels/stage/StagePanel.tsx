import { useSession } from '../../stores/sessionStore.ts'
import { useScreen } from '../../stores/screenStore.ts'
import { EmptyStage } from './EmptyStage.tsx'
import { FailedStage } from './FailedStage.tsx'
import { HeatmapView } from './HeatmapView.tsx'
import { LoadingStage } from './LoadingStage.tsx'
import { PastBanner } from './PastBanner.tsx'
import { StageBar } from './StageBar.tsx'

/** The centre: the heatmap, or what there is to say while there is none. */
export function StagePanel() {
  const mode = useSession((s) => s.session?.mode ?? 'idle')
  const phase = useSession((s) => s.session?.phase ?? 'idle')
  const lost = useSession((s) => s.connection.state === 'lost')
  const failure = useScreen((s) => s.failure)
  return (
    <main className="stage-panel" aria-label="Heatmap">
      <StageBar />
      <PastBanner />
      <div className="stage">
        <HeatmapView />
        {lost && <LostStage />}
        {!lost && (failure !== undefined || phase === 'failed') && <FailedStage />}
        {!lost && failure === undefined && phase !== 'failed' && mode === 'idle' && <EmptyStage />}
        {!lost && ((phase === 'loading' && mode === 'replay') || phase === 'starting') && <LoadingStage />}
      </div>
    </main>
  )
}

function LostStage() {
  const reason = useSession((s) => (s.connection.state === 'lost' ? s.connection.reason : ''))
  return (
    <div className="stage-card" role="alert" data-testid="connection-lost">
      <h2>Connection lost</h2>
      <p>{reason}</p>
      <span className="spinner" aria-hidden="true" />
    </div>
  )
}
