export { BestLayer } from './bestLayer.ts'
export { DepthLayer } from './depthLayer.ts'
export type { Layer, StageFrame } from './layer.ts'
export { TradeLayer } from './tradeLayer.ts'
