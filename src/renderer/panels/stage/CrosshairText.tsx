import { useCallback } from 'react'
import { type Studio, useStudio } from '../../client/studioContext.ts'
import { priceText, rowText, sizeText, utcTime } from '../../stage/index.ts'
import { LoopText } from '../../ui/LoopText.tsx'

const STATES = { ok: '', untrusted: ' · book not trusted', gap: ' · gap in this second', none: ' · no data' } as const

/** The values under the crosshair in words. */
export function CrosshairText() {
  const studio = useStudio()
  const text = useCallback(() => valuesText(studio), [studio])
  return <LoopText topics={['view', 'columns']} text={text} testId="crosshair-readout" className="crosshair-text" everyMs={33} />
}

function valuesText({ client }: Studio): string {
  const values = client.stage?.crosshair()
  if (values === undefined || client.data.columns.empty) return ''
  const price = values.pxE6 === undefined ? '' : ` · ${priceText(values.pxE6, values.tickE6 ?? 0)}`
  const ticks = ` · ${rowText(values.row)} ${Math.abs(values.row) === 1 ? 'tick' : 'ticks'}`
  const size = values.side === undefined ? '' : ` · ${values.side} ${sizeText(values.sizeE6)}`
  return `${utcTime(values.second)}${price}${ticks}${size}${STATES[values.state]}${values.spotCarried ? ' · spot carried' : ''}`
}
