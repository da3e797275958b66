import { useEffect } from 'react'
import type { StrategyResult } from '../../../shared/api/index.ts'
import type { StudioClient } from '../../client/studioClient.ts'
import type { FillMark } from '../../stage/index.ts'
import { useInstruments } from '../../stores/instrumentStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { useStrategy } from '../../stores/strategyStore.ts'

/** Keeps the fills of the newest strategy run on the heatmap, when it was run over the bundle that is open. */
export function useFillMarks(client: StudioClient): void {
  const result = useStrategy((s) => s.result)
  const shown = useStrategy((s) => s.showFills)
  const path = useSession((s) => (s.session?.mode === 'replay' ? s.session.path : ''))
  const id = useSession((s) => s.session?.instrumentId ?? 0)
  const market = useInstruments((s) => s.instruments.find((one) => one.instrumentId === id)?.tokenId)
  useEffect(() => {
    const fits = shown && result !== undefined && result.path === path && market !== undefined
    client.stage?.showFills(fits ? marksOf(result, market, client) : [])
  }, [client, result, shown, path, market])
}

function marksOf({ fillRows }: StrategyResult, market: string, { data }: StudioClient): readonly FillMark[] {
  return fillRows
    .filter((fill) => fill.market === market)
    .map((fill) => ({ sec: data.playhead.secOf(fill.relNs), pxE6: fill.pxE6, buy: fill.side === 'buy' }))
}
