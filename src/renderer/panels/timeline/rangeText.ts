import { type Playhead, utcTime } from '../../stage/index.ts'
import type { TimeRange } from '../../stores/selectionStore.ts'
import { durationText } from '../../ui/humanText.ts'

/** "12:03:05 – 12:04:10 UTC · 01:05"; a span under ten seconds with tenths. */
export function rangeText({ fromRelNs, toRelNs }: TimeRange, playhead: Pick<Playhead, 'secOf'>): string {
  const span = toRelNs - fromRelNs
  const length = span < 10e9 ? `${(span / 1e9).toFixed(1)} s` : durationText(Math.round(span / 1e9) * 1e9)
  return `${utcTime(playhead.secOf(fromRelNs))} – ${utcTime(playhead.secOf(toRelNs))} UTC · ${length}`
}
