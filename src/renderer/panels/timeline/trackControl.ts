import type { StudioClient } from '../../client/studioClient.ts'
import { utcTime } from '../../stage/index.ts'
import { drawTimeline } from './timelineDraw.ts'
import { relOfX, type TimelineScale, xOfRel } from './timelineScale.ts'

interface TrackElements {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly line: HTMLElement
  readonly hover: HTMLElement
}

/** While dragging, a seek is asked for at most this often; the release seeks exactly. */
const DRAG_EVERY_MS = 80

/** Draws the track in the one loop and turns pointer drags into seeks. @returns takes everything away */
export function attachTrack(parts: TrackElements, client: StudioClient, seek: (relNs: number) => void): () => void {
  const scale = (): TimelineScale => ({
    startRelNs: client.now?.startRelNs ?? 0,
    endRelNs: client.now?.endRelNs ?? 0,
    width: parts.element.clientWidth
  })
  const draw = (): void => {
    const dpr = window.devicePixelRatio
    fit(parts.canvas, parts.element, dpr)
    drawTimeline(parts.canvas, client.data, scale(), dpr)
  }
  const place = (): void => placePlayhead(parts, client, scale())
  const ending = new AbortController()
  showHover(parts, client, scale, ending.signal)
  seekByDrag(parts, client, scale, seek, ending.signal)
  const observer = new ResizeObserver(() => {
    draw()
    place()
  })
  observer.observe(parts.element)
  const undo = [
    client.loop.add(['timeline', 'session', 'integrity'], 250, draw),
    client.loop.add(['playhead', 'session'], 16, place),
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
  const label = hover.querySelector('span')
  const show = (event: PointerEvent): void => {
    const x = xOf(element, event)
    const at = scale()
    hover.hidden = at.endRelNs <= at.startRelNs
    hover.style.transform = `translateX(${Math.round(Math.min(at.width - 1, Math.max(0, x)))}px)`
    hover.classList.toggle('flip', x > at.width - 90)
    if (label !== null) label.textContent = utcTime(client.data.playhead.secOf(relOfX(at, x)))
  }
  const hide = (): void => {
    hover.hidden = true
  }
  element.addEventListener('pointermove', show, { signal })
  element.addEventListener('pointerleave', hide, { signal })
}

function seekByDrag(
  { element }: TrackElements,
  client: StudioClient,
  scale: Scale,
  seek: (relNs: number) => void,
  signal: AbortSignal
): void {
  let dragging = false
  let lastMs = 0
  const seekHere = (event: PointerEvent): void => seek(relOfX(scale(), xOf(element, event)))
  const press = (event: PointerEvent): void => {
    if (event.button !== 0 || client.now?.mode !== 'replay') return
    dragging = true
    element.setPointerCapture(event.pointerId)
    client.stage?.setFollowing(true)
    seekHere(event)
  }
  const move = (event: PointerEvent): void => {
    if (!dragging || event.timeStamp - lastMs < DRAG_EVERY_MS) return
    lastMs = event.timeStamp
    seekHere(event)
  }
  const release = (event: PointerEvent): void => {
    if (dragging) seekHere(event)
    dragging = false
  }
  const cancel = (): void => {
    dragging = false
  }
  element.addEventListener('pointerdown', press, { signal })
  element.addEventListener('pointermove', move, { signal })
  element.addEventListener('pointerup', release, { signal })
  element.addEventListener('pointercancel', cancel, { signal })
}

function xOf(element: HTMLElement, event: PointerEvent): number {
  return event.clientX - element.getBoundingClientRect().left
}
