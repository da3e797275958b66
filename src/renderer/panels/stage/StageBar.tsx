import { useCallback } from 'react'
import { useStudio } from '../../client/studioContext.ts'
import { PALETTE_NAMES, type PaletteName, PALETTES, priceText, sizeText } from '../../stage/index.ts'
import { useInstruments } from '../../stores/instrumentStore.ts'
import { setScreen, useScreen } from '../../stores/screenStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { Button } from '../../ui/Button.tsx'
import { LoopText } from '../../ui/LoopText.tsx'

/** What is drawn, and how: instrument, legend, colour scale, layers, follow. */
export function StageBar() {
  const { actions } = useStudio()
  const following = useScreen((s) => s.following)
  const showTrades = useScreen((s) => s.showTrades)
  const showBest = useScreen((s) => s.showBest)
  return (
    <div className="stage-bar">
      <InstrumentName />
      <Scale />
      <Button
        label="Trades"
        testId="toggle-trades"
        kind="quiet"
        pressed={showTrades}
        onClick={() => setScreen({ showTrades: !showTrades })}
      />
      <Button label="Best" testId="toggle-best" kind="quiet" pressed={showBest} onClick={() => setScreen({ showBest: !showBest })} />
      <Button
        label="Follow"
        testId="follow"
        kind={following ? 'quiet' : 'primary'}
        pressed={following}
        keys="End"
        onClick={() => actions.follow()}
      />
    </div>
  )
}

function InstrumentName() {
  const id = useSession((s) => s.session?.instrumentId ?? 0)
  const open = useSession((s) => (s.session?.mode ?? 'idle') !== 'idle')
  const one = useInstruments((s) => s.instruments.find((instrument) => instrument.instrumentId === id))
  if (!open || one === undefined) return <div className="instrument-name" />
  return (
    <div className="instrument-name" data-testid="instrument-name" title={`${one.name} ${one.outcome}`}>
      <strong>{one.name}</strong>
      {one.outcome !== '' && <span className="outcome">{one.outcome}</span>}
      <span className="muted">tick {priceText(one.tickE6, one.tickE6)}</span>
    </div>
  )
}

function Scale() {
  const { client } = useStudio()
  const percentile = useScreen((s) => s.percentile)
  const palette = useScreen((s) => s.palette)
  const top = useCallback(() => (client.data.columns.empty ? '' : sizeText(client.stage?.scaleSizeE6 ?? 0)), [client])
  return (
    <div className="scale">
      <label title="Share of the visible sizes below the brightest colour">
        <input
          type="range"
          min={90}
          max={99.9}
          step={0.1}
          value={percentile}
          data-testid="percentile"
          aria-label="Colour scale percentile"
          onChange={(event) => setScreen({ percentile: Number(event.target.value) })}
        />
        <span className="scale-value" data-testid="percentile-value">
          p{percentile.toFixed(1)}
        </span>
      </label>
      <LoopText
        topics={['columns', 'view']}
        text={top}
        testId="scale-size"
        className="scale-size"
        everyMs={500}
        title="Size at the brightest colour"
      />
      <select
        aria-label="Palette"
        data-testid="palette"
        value={palette}
        onChange={(event) => setScreen({ palette: event.target.value as PaletteName })}
      >
        {PALETTE_NAMES.map((name) => (
          <option key={name} value={name}>
            {PALETTES[name].label}
          </option>
        ))}
      </select>
    </div>
  )
}
