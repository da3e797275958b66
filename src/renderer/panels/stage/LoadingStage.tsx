import { useSession } from '../../stores/sessionStore.ts'

/** A bundle is being opened, or LIVE is connecting. */
export function LoadingStage() {
  const phase = useSession((s) => s.session?.phase)
  const name = useSession((s) => s.session?.name ?? '')
  const percent = useSession((s) => Math.floor((s.session?.indexed ?? 0) * 100))
  const loading = phase === 'loading'
  return (
    <div className="stage-card" role="status" data-testid="loading-state">
      <h2>{loading ? `Opening ${name}` : `Starting LIVE from ${name}`}</h2>
      <p>{loading ? `Reading through the recording: ${percent} %` : 'Finding markets and connecting…'}</p>
      {loading ? (
        <progress max={100} value={percent} aria-label="Share of the bundle that has been read" />
      ) : (
        <span className="spinner" aria-hidden="true" />
      )}
    </div>
  )
}
