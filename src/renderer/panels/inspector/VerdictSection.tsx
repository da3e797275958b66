import type { RunVerdict } from '../../../shared/api/index.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { shownText } from '../../ui/shownText.ts'
import { lossRows, verdictText } from '../../ui/verdictText.ts'

/** How what is open ended, and what was lost of it. */
export function VerdictSection() {
  const verdict = useSession((s) => s.session?.verdict)
  if (verdict === undefined) return null
  return (
    <section data-testid="verdict">
      <h3>
        How it ended{' '}
        <span className={`badge ${verdict.state}`} data-testid="verdict-state" data-state={verdict.state}>
          {verdictText(verdict.state)}
        </span>
      </h3>
      {verdict.sentence !== '' && <p className="hint">{shownText(verdict.sentence)}</p>}
      {verdict.runs.map((run) => (
        <Losses key={run.run_id} run={run} named={verdict.runs.length > 1} />
      ))}
    </section>
  )
}

function Losses({ run, named }: { readonly run: RunVerdict; readonly named: boolean }) {
  const rows = lossRows(run)
  if (rows.length === 0) return null
  return (
    <table className="verdict-table" data-testid="verdict-table">
      {named && (
        <caption>
          {run.run_id}: {verdictText(run.state)}
        </caption>
      )}
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col">Kept</th>
          <th scope="col">Lost</th>
          <th scope="col">Time lost</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ place, kept, lost, seconds, why }) => (
          <tr key={place} data-place={place} title={shownText(why)}>
            <th scope="row">{place}</th>
            <td>{kept}</td>
            <td>
              {lost}
              {why !== '' && <div className="muted">{shownText(why)}</div>}
            </td>
            <td>{seconds}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
