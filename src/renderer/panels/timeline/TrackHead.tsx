import { useSession } from '../../stores/sessionStore.ts'
import { showOnTimeline, useStrategy } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'
import { LoopBar } from './LoopBar.tsx'
import { MarkLegend } from './MarkLegend.tsx'
import { SelectButton, SelectionBar } from './SelectionBar.tsx'

/** One row over the timeline: what its signs mean, what is drawn on it, and the marked range. Nothing lies over the data. */
export function TrackHead() {
  return (
    <div className="track-head">
      <span className="track-legend" aria-hidden="true">
        <i className="mark frames" />
        frames/s <i className="mark trades" />
        trades/s <i className="mark gap" />
        gap <i className="mark untrusted" />
        untrusted
        <MarkLegend />
      </span>
      <StrategyToggles />
      <span className="track-actions">
        <LoopBar />
        <SelectionBar />
        <SelectButton />
      </span>
    </div>
  )
}

/** Shown when the result of a strategy run belongs to the bundle on screen. */
function StrategyToggles() {
  const path = useSession((s) => (s.session?.mode === 'replay' ? s.session.path : ''))
  const shown = useStrategy((s) => path !== '' && s.result?.path === path && s.result.complete)
  const showSeries = useStrategy((s) => s.showSeries)
  const showFills = useStrategy((s) => s.showFills)
  const showIntents = useStrategy((s) => s.showIntents)
  if (!shown) return null
  return (
    <span className="track-toggles">
      <Button
        label="PnL and position"
        testId="toggle-pnl"
        kind="quiet"
        pressed={showSeries}
        onClick={() => showOnTimeline({ showSeries: !showSeries })}
      >
        <i className="line pnl" aria-hidden="true" /> PnL <i className="line position" aria-hidden="true" /> position
      </Button>
      <Button
        label="Fills"
        testId="toggle-fills"
        kind="quiet"
        pressed={showFills}
        onClick={() => showOnTimeline({ showFills: !showFills })}
      >
        <i className="fill-mark" aria-hidden="true">
          ▲
        </i>{' '}
        fills
      </Button>
      <Button
        label="Intents"
        testId="toggle-intents"
        kind="quiet"
        pressed={showIntents}
        onClick={() => showOnTimeline({ showIntents: !showIntents })}
      >
        <i className="intent-mark" aria-hidden="true" /> intents
      </Button>
    </span>
  )
}
