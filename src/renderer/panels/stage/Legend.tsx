import { useMemo } from 'react'
import { colourAt, PALETTES, type Rgb } from '../../stage/index.ts'
import { useScreen } from '../../stores/screenStore.ts'

/** The signs of the heatmap with their meaning. */
export function Legend() {
  const palette = useScreen((s) => s.palette)
  const bid = useMemo(() => gradient(PALETTES[palette].bid), [palette])
  const ask = useMemo(() => gradient(PALETTES[palette].ask), [palette])
  return (
    <div className="legend" aria-label="Legend" role="group">
      <span className="legend-item">
        <i className="swatch ramp" style={{ backgroundImage: bid }} />
        bid
      </span>
      <span className="legend-item">
        <i className="swatch ramp" style={{ backgroundImage: ask }} />
        ask
      </span>
      <span className="legend-item">
        <i className="swatch hatch-untrusted" />
        untrusted
      </span>
      <span className="legend-item">
        <i className="swatch hatch-gap" />
        gap
      </span>
      <span className="legend-item">
        <i className="swatch hatch-none" />
        no data
      </span>
    </div>
  )
}

function gradient(stops: readonly Rgb[]): string {
  const colours = [0, 0.25, 0.5, 0.75, 1].map((t) => `rgb(${colourAt(stops, t).join(' ')})`)
  return `linear-gradient(90deg, ${colours.join(', ')})`
}
