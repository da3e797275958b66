import { TOY_SPREAD } from '../../../../shared/api/index.ts'
import type { StrategyApi } from '../strategyApi.ts'

/**
 * Quotes both sides of a wide market: where the spread is at least `min_spread_e6`, a maker's buy at the bid, then a maker's sell at the ask.
 * Never filled in simulation. Source: the capture system's example strategy; its defaults and the order of its intents are fixed.
 */
export const toySpread: StrategyApi = {
  id: TOY_SPREAD.id,
  params: TOY_SPREAD.params,
  onTopOfBook({ params }, { marketId, bidPxE6, askPxE6 }) {
    if (bidPxE6 === undefined || askPxE6 === undefined || askPxE6 - bidPxE6 < Number(params['min_spread_e6'])) return undefined
    const sizeE6 = Number(params['size_e6'])
    return [
      { type: 'place', marketId, side: 'buy', priceE6: bidPxE6, sizeE6 },
      { type: 'place', marketId, side: 'sell', priceE6: askPxE6, sizeE6 }
    ]
  }
}
