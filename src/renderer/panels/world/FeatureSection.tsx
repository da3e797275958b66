import type { StationInputs } from '../../../shared/api/index.ts'
import { ageText } from '../../ui/humanText.ts'
import { featuresOf } from './worldRead.ts'
import { featureText, isStale } from './worldText.ts'

/** Every feature that the model could see, with its age at the playhead. */
export function FeatureSection({ station }: { readonly station: StationInputs }) {
  const features = featuresOf(station)
  if (features.length === 0) return null
  return (
    <section>
      <h3>
        Features <span className="muted">value, age</span>
      </h3>
      <div className="feature-list" role="table" aria-label="Features" data-testid="features" data-count={features.length}>
        {features.map(({ name, value, stalenessS }) => {
          const { label, unit } = featureText(name)
          const stale = stalenessS !== undefined && isStale(name, stalenessS)
          return (
            <div key={name} role="row" className={stale ? 'feature stale' : 'feature'} title={name}>
              <span role="cell">{label}</span>
              <span role="cell" className="feature-value">
                {value === '' ? '–' : `${value} ${unit}`}
              </span>
              <span role="cell" className="feature-age">
                {stalenessS === undefined ? '' : `${stale ? '⚠ ' : ''}${ageText(stalenessS)}`}
              </span>
            </div>
          )
        })}
      </div>
    </section>
  )
}
