import type { StationInputs } from '../../../shared/api/index.ts'
import { ageText } from '../../ui/humanText.ts'
import { reportOf } from './worldRead.ts'
import { bodyText, degrees, sourceText } from './worldText.ts'

/** The newest report of the airport, word for word, and what its temperature means. */
export function ReportSection({ station }: { readonly station: StationInputs }) {
  const report = reportOf(station)
  return (
    <section data-testid="report">
      <h3>
        {report === undefined ? 'METAR' : `${report.kind}${report.corrected ? ', corrected' : ''}`}{' '}
        {report !== undefined && <span className={`badge qc ${report.qc.toLowerCase()}`}>{report.qc}</span>}
      </h3>
      {report === undefined ? (
        <p className="muted small">No report had come.</p>
      ) : (
        <>
          <p className="raw-report" data-testid="metar-raw">
            {report.raw}
          </p>
          <dl className="facts">
            <div>
              <dt>Temperature</dt>
              <dd data-testid="metar-temperature">
                {degrees(report.tempC, 'C')} = {degrees(report.tempF, 'F')}
                {report.alignedF !== undefined && (
                  <>
                    , counts as <strong>{report.alignedF} °F</strong>
                  </>
                )}
              </dd>
            </div>
            <div>
              <dt>Source</dt>
              <dd data-testid="metar-source" data-source={report.source}>
                {sourceText(report)}
              </dd>
            </div>
            {report.source === 't_group' && report.bodyC !== undefined && (
              <div>
                <dt>Body of the report</dt>
                <dd data-testid="metar-body">{bodyText(report)}</dd>
              </div>
            )}
            <div>
              <dt>Observed</dt>
              <dd>
                {report.observed.slice(11, 19)} UTC, received {ageText(report.ageS)} ago
              </dd>
            </div>
            {report.flags.length > 0 && (
              <div>
                <dt>Quality</dt>
                <dd>{report.flags.join(', ')}</dd>
              </div>
            )}
          </dl>
        </>
      )}
    </section>
  )
}
