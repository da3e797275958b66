/** Which instant lies where on the timeline: the whole run over the whole width. */
export interface TimelineScale {
  readonly startRelNs: number
  readonly endRelNs: number
  readonly width: number
}

export function xOfRel(scale: TimelineScale, relNs: number): number {
  const span = scale.endRelNs - scale.startRelNs
  return span <= 0 ? 0 : ((relNs - scale.startRelNs) / span) * scale.width
}

/** Instant at x, kept inside the run. */
export function relOfX(scale: TimelineScale, x: number): number {
  const share = scale.width <= 0 ? 0 : Math.min(1, Math.max(0, x / scale.width))
  return Math.round(scale.startRelNs + share * (scale.endRelNs - scale.startRelNs))
}
