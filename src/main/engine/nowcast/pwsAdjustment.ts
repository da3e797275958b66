import { clip } from './rounding.ts'
import type { NowcastInput, PwsInput } from './types.ts'

const USABLE_S = 1800
/** A report younger than this beats any cluster. */
const FRESH_METAR_S = 600
const MOST_F = 2

/** What the personal stations add, and how much they are believed. */
export interface PwsAdjustment {
  readonly adjustmentF: number
  /** Cluster minus what the model holds for now, °F. */
  readonly deltaF: number
  readonly quality: number
  readonly weight: number
}

/** @param anchorF last report of the station, or the forecast for now. @returns undefined when the cluster is not usable now */
export function pwsAdjustment({ pws, metar }: NowcastInput, anchorF: number | undefined): PwsAdjustment | undefined {
  if (pws === undefined || anchorF === undefined || pws.ageS > USABLE_S) return undefined
  if (metar !== undefined && metar.ageS < FRESH_METAR_S) return undefined
  const freshness = 1 - pws.ageS / USABLE_S
  const advantage = metar === undefined ? 1 : clip((metar.ageS - pws.ageS) / 2700, 0, 1)
  const quality = 0.45 * freshness + 0.55 * advantage
  const weight = clip(0.45 * quality * supportScore(pws.support) * sourceScore(pws.shares) * driftScore(pws.driftC), 0, 1)
  const deltaF = pws.medianF - anchorF
  return { adjustmentF: clip(clip(deltaF, -8, 8) * weight, -MOST_F, MOST_F), deltaF, quality, weight }
}

export function supportScore(support: number): number {
  if (support === 0) return 0
  const score = clip(support / 12, 0.3, 1)
  return support < 3 ? score / 2 : score
}

export function sourceScore({ synoptic, madis, openMeteo }: PwsInput['shares']): number {
  const none = synoptic + madis + openMeteo === 0
  const score = 0.35 + 0.45 * synoptic + 0.25 * madis + 0.08 * openMeteo + (none ? 0.15 : 0)
  const alone = openMeteo > 0 && synoptic + madis === 0
  return clip(alone ? Math.min(score, 0.45) : score, 0.2, 1)
}

export function driftScore(driftC: number): number {
  const excess = Math.abs(driftC) - 1.5
  return excess <= 0 ? 1 : Math.max(0.2, 1 - excess / 2.5)
}
