import { TOY_TAKER } from '../../../../shared/api/index.ts'
import type { StrategyApi } from '../strategyApi.ts'

/**
 * Takes what the heavier side of the top points to: where (bid size − ask size) / (bid size + ask size) is at least `threshold_bps` / 10,000 it
 * buys at the ask, where it is at most minus that it sells at the bid, as long as the position stays within ±`max_position_e6`.
 * It exists so that fills and profit are exercised; it is not meant to earn.
 */
export const toyTaker: StrategyApi = {
  id: TOY_TAKER.id,
  params: TOY_TAKER.params,
  onTopOfBook({ params }, { marketId, bidPxE6, bidSizeE6, askPxE6, askSizeE6 }, _market, { positions }) {
    if (bidPxE6 === undefined || bidSizeE6 === undefined || askPxE6 === undefined || askSizeE6 === undefined) return undefined
    const lean = (10_000 * (bidSizeE6 - askSizeE6)) / (bidSizeE6 + askSizeE6)
    const threshold = Number(params['threshold_bps'])
    const side = lean >= threshold ? 'buy' : lean <= -threshold ? 'sell' : undefined
    if (side === undefined) return undefined
    const sizeE6 = Number(params['size_e6'])
    const after = (positions.get(marketId) ?? 0) + (side === 'buy' ? sizeE6 : -sizeE6)
    if (Math.abs(after) > Number(params['max_position_e6'])) return undefined
    return [{ type: 'place', marketId, side, priceE6: side === 'buy' ? askPxE6 : bidPxE6, sizeE6, tif: 'ioc', urgency: 'taker' }]
  }
}
