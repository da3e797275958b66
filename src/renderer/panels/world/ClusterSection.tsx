import type { StationInputs } from '../../../shared/api/index.ts'
import { ageText } from '../../ui/humanText.ts'
import { clusterOf } from './worldRead.ts'
import { degrees } from './worldText.ts'

/** What the private stations around the airport say together, and which of them do not fit. */
export function ClusterSection({ station }: { readonly station: StationInputs }) {
  const cluster = clusterOf(station)
  if (cluster === undefined) return null
  return (
    <section data-testid="cluster">
      <h3>
        Private stations <span className={`badge qc ${cluster.qc.toLowerCase()}`}>{cluster.qc}</span>
      </h3>
      <dl className="facts">
        <div>
          <dt>Median</dt>
          <dd>
            {degrees(cluster.medianF, 'F')} ± {cluster.madF === undefined ? '–' : cluster.madF.toFixed(2)}
          </dd>
        </div>
        <div>
          <dt>Stations</dt>
          <dd>
            {cluster.support} count, {cluster.outliers.length} {cluster.outliers.length === 1 ? 'does' : 'do'} not fit
          </dd>
        </div>
        {cluster.outliers.map((outlier) => (
          <div key={outlier.id} data-testid="outlier">
            <dt>{outlier.id}</dt>
            <dd>
              {degrees(outlier.tempC * 1.8 + 32, 'F')}, {outlier.score} deviations off
            </dd>
          </div>
        ))}
        <div>
          <dt>Received</dt>
          <dd>{ageText(cluster.ageS)} ago</dd>
        </div>
      </dl>
    </section>
  )
}
