import { clip, rounded } from './rounding.ts'
import type { PwsAdjustment } from './pwsAdjustment.ts'
import { staleSources } from './sigma.ts'
import type { NowcastInput } from './types.ts'

export interface Confidence {
  readonly confidence: number
  readonly factors: readonly string[]
}

/** How far the nowcast believes itself, in [0.1, 1], and every reason by name and amount. */
export function confidenceOf(input: NowcastInput, sigmaF: number, validBase: boolean, pws: PwsAdjustment | undefined): Confidence {
  const factors: string[] = []
  let sum = 1
  const add = (amount: number, name: string): void => {
    sum += amount
    factors.push(`${name} ${amount > 0 ? '+' : '−'}${Math.abs(amount).toFixed(2)}`)
  }
  if (sigmaF > 3) add(-0.3, 'very wide')
  else if (sigmaF > 2) add(-0.1, 'wide')
  if (input.qc === 'UNCERTAIN') add(-0.15, 'uncertain reports')
  else if (input.qc !== 'OK') add(-0.3, 'outlier')
  const stale = staleSources(input)
  if (stale > 0) add(-0.05 * stale, 'stale sources')
  const { biasF, observations } = input.day
  if (observations >= 5 && biasF !== undefined && Math.abs(biasF) < 1) add(0.1, 'forecast holds')
  if (pws !== undefined && (input.pws?.support ?? 0) >= 3) add(0.05, 'fresh personal stations')
  if (!validBase) add(-0.2, 'no forecast')
  if (input.hour >= 14) add(0.1, 'late in the day')
  return { confidence: rounded(clip(sum, 0.1, 1), 2), factors }
}
