import type { StageFrame } from '../layers/layer.ts'
import { BenchColumns, DISTINCT } from './benchColumns.ts'
import { COLUMN_FLOATS, TILE_COLUMNS } from './columnLevel.ts'
import { ColumnMips } from './columnMips.ts'
import { CAPACITY, ColumnStore } from './columnStore.ts'
import { Heatmap } from './heatmap.ts'
import { TradeStore } from './tradeStore.ts'
import { FOLLOW_MARGIN, newView, type View } from './view.ts'

/** Cost of a frame, milliseconds: one new column, all layers, draw, and a wait until the picture is there. */
export interface FrameCost {
  readonly columns: number
  /** `window`: the newest 200 columns, 4 px each. `all`: everything that there is, over the same width. */
  readonly view: 'window' | 'all'
  readonly frames: number
  readonly medianMs: number
  readonly p95Ms: number
}

export interface HeatmapBenchReport {
  readonly renderer: string
  readonly width: number
  readonly height: number
  readonly costs: readonly FrameCost[]
  /** Median cost at the larger count over that at the smaller, per view. */
  readonly windowRatio: number
  readonly allRatio: number
  readonly raster: {
    readonly columns: number
    readonly columnsPerSecond: number
    readonly memcpyColumnsPerSecond: number
    readonly ratio: number
  }
}

export interface HeatmapBenchOptions {
  readonly few?: number
  readonly many?: number
  readonly frames?: number
  readonly width?: number
  readonly height?: number
}

declare global {
  interface Window {
    /** Present in the page `?bench=heatmap`. */
    tapedeckBench?: { heatmap(options?: HeatmapBenchOptions): HeatmapBenchReport }
  }
}

const START = 1_723_161_253

/** Puts `window.tapedeckBench` into a page that shows nothing else. */
export function offerHeatmapBench(page: HTMLElement): void {
  window.tapedeckBench = { heatmap: (options) => runHeatmapBench(page, options ?? {}) }
  document.title = 'Tapedeck heatmap bench'
}

/** Measures the heatmap with few and with many columns, frame by frame in turns, so that a noisy machine is noisy for both. */
export function runHeatmapBench(page: HTMLElement, options: HeatmapBenchOptions): HeatmapBenchReport {
  const { few = 200, many = 10_000, frames = 120, width = 800, height = 600 } = options
  const columns = new BenchColumns()
  const rigs = [few, many].flatMap((count) => [
    new Rig(page, columns, count, 'window', width, height),
    new Rig(page, columns, count, 'all', width, height)
  ])
  for (let i = 0; i < 10; i++) for (const rig of rigs) rig.frame()
  for (const rig of rigs) rig.forgetTimes()
  for (let i = 0; i < frames; i++) for (const rig of rigs) rig.frame()
  const costs = rigs.map((rig) => rig.cost())
  const renderer = rigs[0]?.rendererName() ?? ''
  for (const rig of rigs) rig.dispose()
  const median = (count: number, view: FrameCost['view']): number =>
    costs.find((cost) => cost.columns === count && cost.view === view)?.medianMs ?? 0
  return {
    renderer,
    width,
    height,
    costs,
    windowRatio: median(many, 'window') / median(few, 'window'),
    allRatio: median(many, 'all') / median(few, 'all'),
    raster: rasterRate(columns, many)
  }
}

/** One heatmap with its own store, canvas and clock. */
class Rig {
  readonly #canvas = document.createElement('canvas')
  readonly #store = new ColumnStore()
  readonly #heatmap: Heatmap
  readonly #view: View = newView()
  readonly #frame: StageFrame
  readonly #columns: BenchColumns
  readonly #count: number
  readonly #kind: FrameCost['view']
  readonly #pixel = new Uint8Array(4)
  #times: number[] = []
  #next = START

  constructor(page: HTMLElement, columns: BenchColumns, count: number, kind: FrameCost['view'], width: number, height: number) {
    page.append(this.#canvas)
    this.#columns = columns
    this.#count = count
    this.#kind = kind
    this.#heatmap = new Heatmap(this.#canvas)
    this.#heatmap.resize(width, height, 1)
    for (let i = 0; i < count; i++) this.#ingest()
    this.#view.width = width
    this.#view.height = height
    this.#view.pxPerRow = 2.5
    this.#view.pxPerSec = kind === 'window' ? 4 : (width * (1 - FOLLOW_MARGIN)) / count
    this.#frame = {
      columns: this.#store,
      mips: new ColumnMips(this.#store),
      trades: new TradeStore(),
      originSec: START,
      playheadSec: START,
      scaleSizeE6: 4e6,
      palette: 'sides',
      showTrades: true,
      showBest: true
    }
  }

  frame(): void {
    const began = performance.now()
    this.#ingest()
    this.#view.rightSec = this.#next + (this.#view.width * FOLLOW_MARGIN) / this.#view.pxPerSec
    this.#heatmap.draw(this.#frame, this.#view)
    // Reading a pixel waits for the picture; finish() alone only sends the commands off.
    const gl = this.#heatmap.renderer.getContext()
    gl.finish()
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, this.#pixel)
    this.#times.push(performance.now() - began)
  }

  forgetTimes(): void {
    this.#times = []
  }

  cost(): FrameCost {
    const sorted = this.#times.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return { columns: this.#count, view: this.#kind, frames: sorted.length, medianMs: at(0.5), p95Ms: at(0.95) }
  }

  rendererName(): string {
    const gl = this.#heatmap.renderer.getContext()
    const info = gl.getExtension('WEBGL_debug_renderer_info')
    return String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL))
  }

  dispose(): void {
    this.#heatmap.dispose()
    this.#canvas.remove()
  }

  #ingest(): void {
    this.#store.putBytes(this.#columns.at(this.#next), 0)
    this.#next++
  }
}

/** Columns written from record bytes a second, against columns copied whole into a ring of the same size; best of five rounds each, in turns. */
export function rasterRate(columns: BenchColumns, count: number): HeatmapBenchReport['raster'] {
  const store = new ColumnStore()
  const source = new Float32Array(DISTINCT * COLUMN_FLOATS).fill(1)
  const target = Array.from({ length: CAPACITY / TILE_COLUMNS }, () => new Float32Array(TILE_COLUMNS * COLUMN_FLOATS))
  let raster = Infinity
  let memcpy = Infinity
  let next = START
  for (let round = 0; round < 5; round++) {
    let began = performance.now()
    for (let i = 0; i < count; i++) store.putBytes(columns.at(next++), 0)
    raster = Math.min(raster, performance.now() - began)
    began = performance.now()
    for (let i = 0; i < count; i++) {
      const from = (i % DISTINCT) * COLUMN_FLOATS
      const slot = i % CAPACITY
      target[Math.floor(slot / TILE_COLUMNS)]?.set(source.subarray(from, from + COLUMN_FLOATS), (slot % TILE_COLUMNS) * COLUMN_FLOATS)
    }
    memcpy = Math.min(memcpy, performance.now() - began)
  }
  if (store.count === 0 || target[0]?.[0] !== 1) throw new Error('broken promise: the bench wrote nothing')
  return {
    columns: count,
    columnsPerSecond: (count / raster) * 1000,
    memcpyColumnsPerSecond: (count / memcpy) * 1000,
    ratio: memcpy / raster
  }
}
