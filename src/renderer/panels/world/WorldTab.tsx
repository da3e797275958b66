import { Fragment } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { utcTime } from '../../stage/index.ts'
import { setInputs, shownStation, useInputs } from '../../stores/inputsStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { shownText } from '../../ui/shownText.ts'
import { ClusterSection } from './ClusterSection.tsx'
import { FeatureSection } from './FeatureSection.tsx'
import { InputsSection } from './InputsSection.tsx'
import { NoNowcast, NowcastSection } from './NowcastSection.tsx'
import { ReportSection } from './ReportSection.tsx'
import { useAskInputs } from './useAskInputs.ts'
import { WindowsHere } from './WindowsHere.tsx'

/** What was known of the world at the playhead: open windows, the nowcast of each model and what it was made of, reports, private stations. */
export function WorldTab() {
  const open = useSession((s) => (s.session?.mode ?? 'idle') !== 'idle')
  if (!open) return <p className="hint">Nothing is open.</p>
  return (
    <div className="world-tab" data-testid="world-tab">
      <WindowsHere />
      <Known />
    </div>
  )
}

function Known() {
  useAskInputs()
  const { client } = useStudio()
  const inputs = useInputs((s) => s.inputs)
  const stationId = useInputs((s) => s.stationId)
  const problem = useInputs((s) => s.problem)
  const playing = useSession((s) => s.session?.phase === 'playing')
  const station = shownStation(inputs, stationId)
  if (problem !== undefined) return <p className="strategy-problem">{shownText(problem)}</p>
  if (inputs === undefined) return <p className="hint">{playing ? 'Pause to see what was known at the playhead.' : 'Looking…'}</p>
  if (station === undefined)
    return (
      <p className="hint" data-testid="world-empty">
        No weather was known at this moment. To record it beside a market, name airport stations in the capture settings, under Weather.
      </p>
    )
  return (
    <>
      <div className="known-at">
        <span data-testid="known-at" data-rel={inputs.relNs}>
          Known at <strong>{utcTime(client.data.playhead.secOf(inputs.relNs))}</strong> UTC
          {playing && <span className="muted"> · pause to look again</span>}
        </span>
        <select
          aria-label="Station"
          data-testid="world-station"
          value={station.stationId}
          onChange={(event) => setInputs({ stationId: event.target.value })}
        >
          {inputs.stations.map((one) => (
            <option key={one.stationId} value={one.stationId}>
              {one.stationId}
            </option>
          ))}
        </select>
      </div>
      {station.nowcasts.length === 0 && <NoNowcast />}
      {station.nowcasts.map((one) => (
        <Fragment key={one.model}>
          <NowcastSection of={one} />
          <InputsSection of={one} />
        </Fragment>
      ))}
      <ReportSection station={station} />
      <ClusterSection station={station} />
      <FeatureSection station={station} />
    </>
  )
}
