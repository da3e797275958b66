import type { StageFrame } from '../layers/layer.ts'
import { autoPxPerRow, autoPxPerSec, differsMuch } from './autoZoom.ts'
import { drawAxes } from './axes.ts'
import { ColumnMips } from './columnMips.ts'
import type { ColumnStore } from './columnStore.ts'
import { drawCrosshair, type CrosshairValues, valuesAt } from './crosshair.ts'
import type { FillMark } from './fillMarks.ts'
import type { FrameLoop } from './frameLoop.ts'
import { Heatmap } from './heatmap.ts'
import type { PaletteName } from './palette.ts'
import { visiblePercentile } from './percentile.ts'
import type { Playhead } from './playhead.ts'
import type { TradeStore } from './tradeStore.ts'
import { clamp, follow, newView, pan, type View, zoomRows, zoomTime } from './view.ts'
import { attachPointer } from './viewControl.ts'

/** Width of the price axis and height of the time axis, CSS pixels. */
export const AXIS_WIDTH = 74
export const AXIS_HEIGHT = 24
const RESCALE_EVERY_MS = 250

/** Data that the stage reads; owned by the client. */
export interface StageData {
  readonly columns: ColumnStore
  readonly trades: TradeStore
  readonly playhead: Playhead
}

/** What the user has chosen; changed by `Stage.configure`. */
export interface StageOptions {
  /** 90 to 99.9: share of the visible sizes below the top of the colour scale. */
  readonly percentile: number
  readonly palette: PaletteName
  readonly showTrades: boolean
  readonly showBest: boolean
}

/** The three canvases of the stage, back to front. */
export interface StageCanvases {
  readonly gl: HTMLCanvasElement
  readonly axes: HTMLCanvasElement
  readonly cross: HTMLCanvasElement
}

/** The heatmap on the screen: takes what is new, updates the layers, draws; only when something changed. */
export class Stage {
  readonly view: View = newView()
  readonly #data: StageData
  readonly #loop: FrameLoop
  readonly #canvases: StageCanvases
  readonly #heatmap: Heatmap
  readonly #frame: StageFrame & { -readonly [K in 'columns' | 'mips' | 'trades']: StageFrame[K] }
  readonly #undo: (() => void)[] = []
  readonly #onFollow: (following: boolean) => void
  #percentile = 99
  #following = true
  /** What the user has zoomed stays as it is. */
  #timeChosen = false
  #rowsChosen = false
  #rowsFitted = false
  #fills: readonly FillMark[] = []
  #pointer: { x: number; y: number } | undefined

  /** @throws Error when the browser offers no WebGL 2 */
  constructor(canvases: StageCanvases, data: StageData, loop: FrameLoop, onFollow: (following: boolean) => void) {
    this.#canvases = canvases
    this.#data = data
    this.#loop = loop
    this.#onFollow = onFollow
    this.#heatmap = new Heatmap(canvases.gl)
    this.#frame = {
      columns: data.columns,
      mips: new ColumnMips(data.columns),
      trades: data.trades,
      originSec: 0,
      playheadSec: 0,
      scaleSizeE6: 1,
      palette: 'sides',
      showTrades: true,
      showBest: true
    }
    // The textures come back by themselves; the picture must be drawn again.
    const redraw = (): void => loop.touch('view')
    canvases.gl.addEventListener('webglcontextrestored', redraw)
    this.#undo.push(
      () => canvases.gl.removeEventListener('webglcontextrestored', redraw),
      loop.add(['columns', 'view'], RESCALE_EVERY_MS, () => this.#rescale()),
      loop.add(['columns', 'trades', 'playhead', 'view', 'integrity'], 0, () => this.#draw()),
      attachPointer(canvases.cross, this)
    )
  }

  get following(): boolean {
    return this.#following
  }

  configure(options: StageOptions): void {
    this.#percentile = clamp(options.percentile, 50, 100)
    this.#frame.palette = options.palette
    this.#frame.showTrades = options.showTrades
    this.#frame.showBest = options.showBest
    this.#loop.touch('view')
  }

  /** Fills of a strategy run of the instrument on screen, in time order. */
  showFills(fills: readonly FillMark[]): void {
    this.#fills = fills
    this.#loop.touch('view')
  }

  /** Size of the whole stage in CSS pixels, axes included. */
  resize(width: number, height: number, dpr: number): void {
    this.view.width = Math.max(1, width - AXIS_WIDTH)
    this.view.height = Math.max(1, height - AXIS_HEIGHT)
    this.view.dpr = dpr
    this.#heatmap.resize(this.view.width, this.view.height, dpr)
    for (const canvas of [this.#canvases.axes, this.#canvases.cross]) {
      canvas.width = Math.round(width * dpr)
      canvas.height = Math.round(height * dpr)
    }
    this.#loop.touch('view')
  }

  setFollowing(following: boolean): void {
    if (following !== this.#following) {
      this.#following = following
      this.#onFollow(following)
    }
    this.#loop.touch('view')
  }

  /** Chooses the row zoom anew at the next columns: another instrument. */
  refit(): void {
    this.#rowsChosen = false
    this.#rowsFitted = false
    this.view.centreRow = 0
    this.#loop.touch('view')
  }

  pan(dx: number, dy: number): void {
    if (dx !== 0) this.setFollowing(false)
    pan(this.view, dx, dy)
    this.#loop.touch('view')
  }

  zoom(axis: 'time' | 'rows', factor: number, x: number, y: number): void {
    if (axis === 'rows') {
      this.#rowsChosen = true
      zoomRows(this.view, factor, y)
    } else {
      this.#timeChosen = true
      zoomTime(this.view, factor, x)
    }
    this.#loop.touch('view')
  }

  point(at: { x: number; y: number } | undefined): void {
    this.#pointer = at
    this.#loop.touch('view')
  }

  /** Values under the crosshair, for the read-out; undefined outside the plot. */
  crosshair(): CrosshairValues | undefined {
    const at = this.#pointer
    if (at === undefined || at.x > this.view.width || at.y > this.view.height) return undefined
    return valuesAt(this.#data.columns, this.view, at.x, at.y)
  }

  /** Size (SizeE6) at the top of the colour scale. */
  get scaleSizeE6(): number {
    return this.#frame.scaleSizeE6
  }

  dispose(): void {
    for (const undo of this.#undo.splice(0)) undo()
    this.#heatmap.dispose()
  }

  #draw(): void {
    const { columns, playhead } = this.#data
    this.#frame.originSec = playhead.originSec
    this.#frame.playheadSec = playhead.sec
    if (!this.#rowsFitted) this.#fitRows()
    this.#fitTime()
    if (this.#following) follow(this.view, Math.max(playhead.sec, columns.empty ? 0 : columns.newest + 1))
    this.#heatmap.draw(this.#frame, this.view)
    drawAxes(this.#canvases.axes, { columns, playhead, fills: this.#fills }, this.view)
    drawCrosshair(this.#canvases.cross, this.#data.columns, this.view, this.#pointer)
  }

  /** The nearest levels of a book choose the row zoom, until the user does. */
  #fitRows(): void {
    if (this.#rowsChosen) return
    const wanted = autoPxPerRow(this.view.height, this.#data.columns)
    if (wanted === undefined) return
    if (this.#rowsFitted && !differsMuch(this.view.pxPerRow, wanted)) return
    this.#rowsFitted = true
    this.view.pxPerRow = wanted
    this.#loop.touch('view')
  }

  #fitTime(): void {
    const { columns } = this.#data
    if (this.#timeChosen || !this.#following || columns.empty) return
    this.view.pxPerSec = autoPxPerSec(this.view.width, columns.newest + 1 - columns.oldest)
  }

  /** Data, zoom and pan all change what is in view; looking a few times a second is cheap and keeps the picture calm. */
  #rescale(): void {
    this.#fitRows()
    const size = visiblePercentile(this.#data.columns, this.#frame.mips, this.view, this.#percentile)
    if (size === undefined || size === this.#frame.scaleSizeE6) return
    this.#frame.scaleSizeE6 = size
    this.#loop.touch('view')
  }
}
