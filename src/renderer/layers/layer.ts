import type { ColumnMips } from '../stage/columnMips.ts'
import type { ColumnStore } from '../stage/columnStore.ts'
import type { PaletteName } from '../stage/palette.ts'
import type { TradeStore } from '../stage/tradeStore.ts'
import type { View } from '../stage/view.ts'

/** What a layer may read when it is updated. One object for the stage's life; its fields change. */
export interface StageFrame {
  readonly columns: ColumnStore
  readonly mips: ColumnMips
  readonly trades: TradeStore
  /** Unix seconds of relNs 0. */
  originSec: number
  /** Unix seconds of the playhead. */
  playheadSec: number
  /** Size (SizeE6) at the top of the colour scale. */
  scaleSizeE6: number
  palette: PaletteName
  showTrades: boolean
  showBest: boolean
}

/** One thing drawn on the stage. Owns its GPU objects. `update` allocates nothing but what new data needs. */
export interface Layer {
  update(frame: StageFrame, view: View): void
  /** Frees every geometry, material and texture. Safe to call twice. */
  dispose(): void
}
