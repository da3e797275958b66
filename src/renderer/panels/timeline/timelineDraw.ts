import { INK } from '../../stage/index.ts'
import type { Playhead } from '../../stage/index.ts'
import type { TimelineData } from '../../stores/timelineData.ts'
import { type TimelineScale, xOfRel } from './timelineScale.ts'

/** Heights of the bands, CSS pixels, from the top: marks, then density with trades over it. */
const MARKS_PX = 10

interface Pixel {
  frames: number
  trades: number
  gaps: number
  untrusted: number
  known: boolean
}

/** Draws density, trades, gaps and untrusted stretches of the whole run. Costs one pass over the seconds; called when they change. */
export function drawTimeline(canvas: HTMLCanvasElement, data: TimelineData, playhead: Playhead, scale: TimelineScale, dpr: number): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const height = canvas.height / dpr
  context.setTransform(dpr, 0, 0, dpr, 0, 0)
  context.clearRect(0, 0, scale.width, height)
  if (data.length === 0 || scale.endRelNs <= scale.startRelNs) return
  const pixels = binned(data, playhead, scale)
  let most = 1
  let mostTrades = 1
  for (const pixel of pixels) {
    most = Math.max(most, pixel.frames)
    mostTrades = Math.max(mostTrades, pixel.trades)
  }
  const floor = height - 1
  const room = floor - MARKS_PX - 3
  for (const [x, pixel] of pixels.entries()) {
    if (!pixel.known) continue
    bar(context, x, floor, room * Math.sqrt(pixel.frames / most), '#33455c')
    if (pixel.trades > 0) bar(context, x, floor, Math.max(2, room * 0.7 * Math.sqrt(pixel.trades / mostTrades)), '#6f9fd0')
    if (pixel.untrusted > 0) bar(context, x, MARKS_PX - 1, 4, '#d9ac4e')
    if (pixel.gaps > 0) bar(context, x, MARKS_PX - 1, MARKS_PX - 1, '#f06a9b')
    if (pixel.gaps > 0) bar(context, x, floor, room, 'rgba(240,106,155,0.30)')
  }
  context.fillStyle = INK.line
  context.fillRect(0, MARKS_PX + 1, scale.width, 1)
}

function bar(context: CanvasRenderingContext2D, x: number, floor: number, height: number, colour: string): void {
  context.fillStyle = colour
  context.fillRect(x, floor - height, 1, height)
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
      pixel.gaps += data.gapsAt(second)
      pixel.untrusted = Math.max(pixel.untrusted, data.untrustedAt(second))
    }
  }
  return pixels
}
