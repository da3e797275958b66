import { INK, type Playhead, wipe } from '../../stage/index.ts'
import { type IntegrityData, isFinding } from '../../stores/integrityData.ts'
import type { TimelineData } from '../../stores/timelineData.ts'
import type { MarksData } from '../../stores/marksData.ts'
import { drawMarks } from './markDraw.ts'
import { type Band, drawStrategy, type StrategyPicture } from './strategyDraw.ts'
import { type TimelineScale, xOfRel } from './timelineScale.ts'

/** Height of the findings, CSS pixels. From the top: reports, shocks and windows, then findings, then density with trades over it. */
const MARKS_PX = 10

export interface TimelineSources {
  readonly timeline: TimelineData
  readonly integrity: IntegrityData
  readonly playhead: Playhead
  readonly marks: MarksData
  /** The run of a strategy that is drawn over the bands. */
  readonly strategy: StrategyPicture | undefined
}

interface Pixel {
  frames: number
  trades: number
  gaps: number
  untrusted: number
  known: boolean
}

/** Draws density, trades, gaps and untrusted stretches of the whole run. Costs one pass over the seconds; called when they change. */
export function drawTimeline(
  canvas: HTMLCanvasElement,
  { timeline: data, integrity, playhead, marks, strategy }: TimelineSources,
  scale: TimelineScale,
  dpr: number
): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const height = canvas.height / dpr
  context.setTransform(dpr, 0, 0, dpr, 0, 0)
  wipe(context, scale.width, height)
  if (scale.endRelNs <= scale.startRelNs) return
  const top = drawMarks(context, marks.all, scale)
  if (data.length === 0) return
  const pixels = binned(data, playhead, scale)
  let most = 1
  let mostTrades = 1
  for (const pixel of pixels) {
    most = Math.max(most, pixel.frames)
    mostTrades = Math.max(mostTrades, pixel.trades)
  }
  const floor = height - 1
  const room = floor - top - MARKS_PX - 3
  for (const [x, pixel] of pixels.entries()) {
    if (!pixel.known) continue
    bar(context, x, floor, room * Math.sqrt(pixel.frames / most), '#33455c')
    if (pixel.trades > 0) bar(context, x, floor, Math.max(2, room * 0.7 * Math.sqrt(pixel.trades / mostTrades)), '#6f9fd0')
    if (pixel.untrusted > 0) bar(context, x, top + MARKS_PX - 1, 4, '#d9ac4e')
  }
  drawFindings(context, pixels, integrity, scale, { top, bottom: floor })
  context.fillStyle = INK.line
  context.fillRect(0, top + MARKS_PX + 1, scale.width, 1)
  if (strategy !== undefined) drawStrategy(context, strategy, scale, { top: top + MARKS_PX + 5, bottom: floor - 1 })
}

/** Gaps and other findings as thin lines at their exact times; seconds that only the timeline knows of as well. */
function drawFindings(
  context: CanvasRenderingContext2D,
  pixels: readonly Pixel[],
  integrity: IntegrityData,
  scale: TimelineScale,
  { top, bottom }: Band
): void {
  const mark = (x: number): void => {
    bar(context, x, top + MARKS_PX, MARKS_PX, '#f06a9b', 2)
    bar(context, x, bottom, bottom - top - MARKS_PX - 3, 'rgba(240,106,155,0.55)')
  }
  for (const [x, pixel] of pixels.entries()) if (pixel.gaps > 0) mark(x)
  for (const { record } of integrity.entries) if (isFinding(record)) mark(Math.round(xOfRel(scale, record.recvRelNs)))
}

function bar(context: CanvasRenderingContext2D, x: number, floor: number, height: number, colour: string, width = 1): void {
  context.fillStyle = colour
  context.fillRect(x, floor - height, width, height)
}

/** Largest frame and trade rates and the marks of the seconds that fall on each pixel. */
function binned(data: TimelineData, playhead: Playhead, scale: TimelineScale): readonly Pixel[] {
  const width = Math.max(1, Math.floor(scale.width))
  const pixels = Array.from({ length: width }, (): Pixel => ({ frames: 0, trades: 0, gaps: 0, untrusted: 0, known: false }))
  for (let i = 0; i < data.length; i++) {
    const second = data.base + i
    if (!data.known(second)) continue
    const from = Math.floor(xOfRel(scale, playhead.relOfSec(second)))
    const to = Math.max(from + 1, Math.floor(xOfRel(scale, playhead.relOfSec(second + 1))))
    for (let x = Math.max(0, from); x < Math.min(width, to); x++) {
      const pixel = pixels[x]
      if (pixel === undefined) continue
      pixel.known = true
      pixel.frames = Math.max(pixel.frames, data.framesAt(second))
      pixel.trades = Math.max(pixel.trades, data.tradesAt(second))
      if (x === Math.max(0, from)) pixel.gaps += data.gapsAt(second)
      pixel.untrusted = Math.max(pixel.untrusted, data.untrustedAt(second))
    }
  }
  return pixels
}
