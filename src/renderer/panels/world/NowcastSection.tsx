import type { ModelNowcast } from '../../../shared/api/index.ts'
import { ageText } from '../../ui/humanText.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { nowcastOf, type NowcastView } from './worldRead.ts'
import { degrees } from './worldText.ts'

interface NowcastProps {
  readonly of: ModelNowcast
}

/** The nowcast of a model as it stood: highest temperature, brackets, and how far it believes itself. */
export function NowcastSection({ of }: NowcastProps) {
  const { correlationId } = of
  return (
    <section data-testid="nowcast" data-model={of.model}>
      <h3>
        Nowcast <span className="badge">{of.model === 'baseline' ? 'baseline model' : 'outside model'}</span>
      </h3>
      <Nowcast now={nowcastOf(of)} />
      {correlationId !== '' && (
        <p className="id-line" title="All events that the same received message caused have this id">
          <span className="muted">correlation</span>
          <code data-testid="correlation-id">{correlationId}</code>
          <CopyButton text={correlationId} label="Copy the correlation id" testId="copy-correlation" />
        </p>
      )}
    </section>
  )
}

/** No model had said anything of the station. */
export function NoNowcast() {
  return (
    <section data-testid="nowcast">
      <h3>Nowcast</h3>
      <p className="muted small">No nowcast had been made.</p>
    </section>
  )
}

function Nowcast({ now }: { readonly now: NowcastView }) {
  return (
    <>
      <p className="tmax">
        <strong data-testid="tmax">{degrees(now.meanF, 'F')}</strong> ± {now.sigmaF.toFixed(1)}
        <span className="muted">
          {' '}
          highest of {now.date === '' ? 'the day' : now.date} · made {ageText(now.ageS)} ago
        </span>
      </p>
      <Buckets buckets={now.buckets} />
      <p className="confidence" title={now.factors.join('\n')}>
        Confidence <strong data-testid="confidence">{Math.round(now.confidence * 100)}%</strong>
        {now.factors.length > 0 && <span className="muted"> · {now.factors.join(', ')}</span>}
      </p>
    </>
  )
}

function Buckets({ buckets }: Pick<NowcastView, 'buckets'>) {
  const most = Math.max(0.01, ...buckets.map((bucket) => bucket.share))
  return (
    <div className="buckets" role="list" aria-label="Probability of each bracket" data-testid="buckets">
      {buckets.map(({ label, share, impossible }) => (
        <div key={label} role="listitem" className={impossible ? 'bucket impossible' : 'bucket'}>
          <span>{label.replace('-', '–')} °F</span>
          <span className="bucket-bar">
            <i style={{ width: `${(100 * share) / most}%` }} />
          </span>
          <span className="bucket-share">{impossible ? 'passed' : `${(share * 100).toFixed(1)}%`}</span>
        </div>
      ))}
    </div>
  )
}
