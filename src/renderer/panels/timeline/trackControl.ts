import type { StudioClient } from '../../client/studioClient.ts'
import { utcTime } from '../../stage/index.ts'
import { useSelection } from '../../stores/selectionStore.ts'
import { useStrategy } from '../../stores/strategyStore.ts'
import { fillHover, hoverLines } from './trackHover.ts'
import type { StrategyPicture } from './strategyDraw.ts'
import { drawTimeline } from './timelineDraw.ts'
import { relOfX, type TimelineScale, xOfRel } from './timelineScale.ts'
import { attachLoop } from './trackLoop.ts'
import { attachDrag, type DragTarget, xOf } from './trackDrag.ts'

interface TrackElements {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly line: HTMLElement
  readonly hover: HTMLElement
  readonly selection: HTMLElement
  readonly loop: HTMLElement
}

/** Draws the track in the one loop and turns pointer drags into seeks and ranges. @returns takes everything away */
export function attachTrack(parts: TrackElements, client: StudioClient, target: DragTarget): () => void {
  const scale = (): TimelineScale => ({
    startRelNs: client.now?.startRelNs ?? 0,
    endRelNs: client.now?.endRelNs ?? 0,
    width: parts.element.clientWidth
  })
  const draw = (): void => {
    const dpr = window.devicePixelRatio
    fit(parts.canvas, parts.element, dpr)
    drawTimeline(parts.canvas, { ...client.data, strategy: strategyPicture(client) }, scale(), dpr)
  }
  const place = (): void => placePlayhead(parts, client, scale())
  const mark = (): void => placeSelection(parts.selection, scale())
  const ending = new AbortController()
  showHover(parts, client, scale, ending.signal)
  const loop = attachLoop(parts.loop, parts.element, client, scale, target, ending.signal)
  attachDrag(parts.element, client, scale, target, ending.signal)
  const observer = new ResizeObserver(() => {
    draw()
    place()
    mark()
    loop()
  })
  observer.observe(parts.element)
  const undo = [
    client.loop.add(['timeline', 'session', 'integrity', 'marks'], 250, draw),
    client.loop.add(['playhead', 'session'], 16, place),
    client.loop.add(['session'], 100, mark),
    client.loop.add(['session'], 100, loop),
    useSelection.subscribe(mark),
    useStrategy.subscribe(() => client.loop.touch('timeline')),
    () => ending.abort(),
    () => observer.disconnect()
  ]
  return () => undo.forEach((one) => one())
}

function fit(canvas: HTMLCanvasElement, element: HTMLElement, dpr: number): void {
  const width = Math.round(element.clientWidth * dpr)
  const height = Math.round(element.clientHeight * dpr)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
}

function placePlayhead({ element, line }: TrackElements, client: StudioClient, scale: TimelineScale): void {
  const {
    now,
    data: { playhead }
  } = client
  line.hidden = now === undefined || now.mode === 'idle'
  line.style.transform = `translateX(${Math.round(Math.min(scale.width - 1, Math.max(0, xOfRel(scale, playhead.relNs))))}px)`
  const seconds = (relNs: number): string => String(Math.round((relNs - scale.startRelNs) / 1e8) / 10)
  element.setAttribute('aria-valuemax', seconds(scale.endRelNs))
  element.setAttribute('aria-valuenow', seconds(playhead.relNs))
  element.setAttribute('aria-valuetext', line.hidden ? 'nothing is open' : `${utcTime(playhead.sec)} UTC`)
}

type Scale = () => TimelineScale

function showHover({ element, hover }: TrackElements, client: StudioClient, scale: Scale, signal: AbortSignal): void {
  const box = hover.querySelector<HTMLElement>('.hover-text')
  const show = (event: PointerEvent): void => {
    const x = xOf(element, event)
    const at = scale()
    hover.hidden = at.endRelNs <= at.startRelNs
    hover.style.transform = `translateX(${Math.round(Math.min(at.width - 1, Math.max(0, x)))}px)`
    hover.classList.toggle('flip', x > at.width / 2)
    if (box !== null) fillHover(box, hoverLines(client, at, relOfX(at, x)))
  }
  const hide = (): void => {
    hover.hidden = true
  }
  element.addEventListener('pointermove', show, { signal })
  element.addEventListener('pointerleave', hide, { signal })
}

function placeSelection(element: HTMLElement, scale: TimelineScale): void {
  const { range } = useSelection.getState()
  element.hidden = range === undefined
  if (range === undefined) return
  const from = xOfRel(scale, range.fromRelNs)
  element.style.transform = `translateX(${from}px)`
  element.style.width = `${Math.max(1, xOfRel(scale, range.toRelNs) - from)}px`
}

/** The result that belongs to the bundle on screen. */
function strategyPicture({ now }: StudioClient): StrategyPicture | undefined {
  const { result, showSeries, showFills, showIntents } = useStrategy.getState()
  return result === undefined || now?.mode !== 'replay' || now.path !== result.path
    ? undefined
    : { result, showSeries, showFills, showIntents }
}
