import type { RunMarks, WindowMark } from '../../../shared/api/index.ts'
import type { StudioClient } from '../../client/studioClient.ts'
import { type Playhead, utcTime } from '../../stage/index.ts'
import { useInstruments } from '../../stores/instrumentStore.ts'
import type { MarksData } from '../../stores/marksData.ts'
import { importance, TRIGGERS } from '../../ui/markText.ts'
import type { TimelineScale } from './timelineScale.ts'

/** How near to the pointer a mark counts as under it. */
const NEAR_PX = 3
const MAX_WINDOWS = 3

export interface HoverLine {
  readonly text: string
  readonly colour?: string
}

/** What lies under the pointer: the time, then what happened there. */
export function hoverLines({ data }: Pick<StudioClient, 'data'>, scale: TimelineScale, relNs: number): readonly HoverLine[] {
  const nearNs = (NEAR_PX * (scale.endRelNs - scale.startRelNs)) / Math.max(1, scale.width)
  const time = (at: number): string => utcTime(data.playhead.secOf(at))
  return [
    { text: time(relNs) },
    ...pointLines(data.marks.all, relNs, nearNs, time),
    ...windowLines(data.marks, relNs, nearNs, data.playhead)
  ]
}

function pointLines(marks: RunMarks, relNs: number, nearNs: number, time: (at: number) => string): HoverLine[] {
  const kinds = [
    ['METAR', marks.metar],
    ['Price shock', marks.shocks],
    ['Gap', marks.gaps]
  ] as const
  return kinds.flatMap(([name, times]) => {
    const near = times.filter((at) => Math.abs(at - relNs) <= nearNs)
    const [first] = near
    if (first === undefined) return []
    return [{ text: near.length === 1 ? `${name} at ${time(first)}` : `${near.length} × ${name}, first at ${time(first)}` }]
  })
}

function windowLines(marks: MarksData, relNs: number, nearNs: number, playhead: Playhead): HoverLine[] {
  const windows = marks.windowsAt(relNs, nearNs).toSorted((a, b) => importance(b.trigger) - importance(a.trigger))
  const lines: HoverLine[] = windows
    .slice(0, MAX_WINDOWS)
    .map((window) => ({ text: windowText(window, playhead), colour: TRIGGERS[window.trigger].colour }))
  if (windows.length > MAX_WINDOWS) lines.push({ text: `and ${windows.length - MAX_WINDOWS} more windows` })
  return lines
}

/** "forecast · KLGA · 12:01:05 – 12:06:05 · The forecast …" */
export function windowText(window: WindowMark, playhead: Pick<Playhead, 'secOf'>): string {
  const parts = [TRIGGERS[window.trigger].label, subjectOf(window), spanOf(window, playhead), window.reason]
  return parts.filter((part) => part !== '').join(' · ')
}

/** "12:01:05 – 12:06:05" */
export function spanOf({ fromRelNs, toRelNs }: WindowMark, playhead: Pick<Playhead, 'secOf'>): string {
  return `${utcTime(playhead.secOf(fromRelNs))} – ${toRelNs === undefined ? 'open' : utcTime(playhead.secOf(toRelNs))}`
}

/** Station or market that a window is about; empty for neither. */
export function subjectOf({ stationId, instrumentId }: Pick<WindowMark, 'stationId' | 'instrumentId'>): string {
  if (stationId !== undefined) return stationId
  if (instrumentId === 0) return ''
  const found = useInstruments.getState().instruments.find((one) => one.instrumentId === instrumentId)
  return found === undefined ? `instrument ${instrumentId}` : `${found.name} ${found.outcome}`.trim()
}

/** Writes the lines into the box, one element each. */
export function fillHover(box: HTMLElement, lines: readonly HoverLine[]): void {
  box.replaceChildren(
    ...lines.map(({ text, colour }) => {
      const line = document.createElement('div')
      line.textContent = text
      if (colour !== undefined) line.style.borderLeftColor = colour
      return line
    })
  )
}
