import { useJob } from '../../stores/jobStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { useStrategy } from '../../stores/strategyStore.ts'
import { shownText } from '../../ui/shownText.ts'
import { JobProgress } from '../JobProgress.tsx'
import { StrategyForm } from './StrategyForm.tsx'
import { StrategyResultView } from './StrategyResultView.tsx'

/** Runs a strategy over a bundle in simulation and shows what came of it. */
export function StrategyTab() {
  const result = useStrategy((s) => s.result)
  const problem = useStrategy((s) => s.problem)
  const running = useJob((s) => s.running?.job === 'strategy')
  const live = useStrategy((s) => s.form.over === 'live')
  const openPath = useSession((s) => (s.session?.mode === 'replay' ? s.session.path : ''))
  return (
    <div className="strategy-tab">
      <StrategyForm openPath={openPath} folded={result !== undefined} />
      {running && <JobProgress job="strategy" label="Running" cancelLabel={live ? 'Stop and show' : 'Cancel'} />}
      {problem !== '' && (
        <p className="strategy-problem" role="alert" data-testid="strategy-problem">
          {shownText(problem)}
        </p>
      )}
      {result !== undefined && <StrategyResultView result={result} open={openPath === result.path} />}
      {result === undefined && problem === '' && !running && (
        <p className="hint">
          Simulation only: nothing is ever sent to a venue. The same bundle and parameters give the same hash every time.
        </p>
      )}
    </div>
  )
}
