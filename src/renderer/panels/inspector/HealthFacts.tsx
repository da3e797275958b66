import { useEffect, useState } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { healthGroups } from './healthGroups.ts'

/** The newest heartbeat of the plant, as it was recorded, in groups; the tip of a row is the name of its field. */
export function HealthFacts() {
  const { client } = useStudio()
  const [json, setJson] = useState(client.data.health)
  useEffect(() => client.loop.add(['health', 'session'], 500, () => setJson(client.data.health)), [client])
  const groups = json === '' ? undefined : healthGroups(json)
  return (
    <section data-testid="health">
      <h3>Health</h3>
      {groups === undefined && <p className="muted small">{json === '' ? 'No heartbeat yet.' : 'The heartbeat could not be read.'}</p>}
      {groups?.map(({ title, facts }) => (
        <div key={title} className="health-group" data-testid="health-group">
          <h4>{title}</h4>
          <dl className="facts">
            {facts.map(({ label, value, field }) => (
              <div key={field} title={field}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </section>
  )
}
