import type { LiveFigures, StrategyResult } from '../../../shared/api/index.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { countText } from '../../ui/humanText.ts'

/** How a live run went: connections, losses, and the latency of every stage from the socket to the intent hash. */
export function LiveFiguresView({ live }: { readonly live: LiveFigures }) {
  return (
    <section className="live-figures" data-testid="strategy-latency">
      <div className="sub-head">
        <h3>Latency</h3>
        <CopyButton text={live.report} label="Copy the latency report as JSON" testId="strategy-latency-copy" />
      </div>
      <p className="hint">
        {countText(live.frames)} messages, {countText(live.reconnects)} reconnects, {countText(live.dropped)} dropped because the queue was
        full. Microseconds; a figure is the upper end of its bucket.
      </p>
      <table>
        <thead>
          <tr>
            {['stage', 'count', 'p50', 'p90', 'p99', 'max'].map((name) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {live.stages.map(({ name, count, p50Us, p90Us, p99Us, maxUs }) => (
            <tr key={name} data-testid="latency-stage">
              <th>{name.replaceAll('_', ' ')}</th>
              {[count, p50Us, p90Us, p99Us, maxUs].map((value, i) => (
                <td key={`column-${i}`}>{countText(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** How long the callbacks took, where they were timed. */
export function Callbacks({ rows }: { readonly rows: StrategyResult['callbacks'] }) {
  return rows.map(({ strategy, count, meanUs, maxUs, overruns }) => (
    <p key={strategy} className="hint" data-testid="strategy-callbacks">
      {strategy}: {countText(count)} callbacks, {meanUs.toFixed(1)} µs on average, {maxUs.toFixed(0)} µs at most, {countText(overruns)}{' '}
      overruns.
    </p>
  ))
}
