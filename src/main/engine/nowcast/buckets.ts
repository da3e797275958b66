import { rounded } from './rounding.ts'

/** Logistic scale for a standard deviation of one. */
const SCALE = 0.5513
const EACH_SIDE = 3

export interface Bucket {
  readonly label: string
  readonly probability: number
  readonly is_impossible: boolean
}

function logisticCdf(x: number, mean: number, scale: number): number {
  return 1 / (1 + Math.exp(-(x - mean) / scale))
}

/**
 * Probabilities of the two-degree brackets around the mean, low degree even, three on each side. A bracket holds everything that rounds
 * into it; one that the day has passed already is impossible. The possible ones sum up to 1.
 */
export function bucketsOf(meanF: number, sigmaF: number, maxAlignedF: number | undefined): Bucket[] {
  const scale = SCALE * sigmaF
  const middle = rounded(meanF)
  const centre = middle - (((middle % 2) + 2) % 2)
  const brackets = Array.from({ length: 2 * EACH_SIDE + 1 }, (_, i) => {
    const low = centre + 2 * (i - EACH_SIDE)
    const impossible = maxAlignedF !== undefined && low + 1 < maxAlignedF
    const mass = impossible ? 0 : logisticCdf(low + 1.5, meanF, scale) - logisticCdf(low - 0.5, meanF, scale)
    return { low, impossible, mass }
  })
  const total = brackets.reduce((sum, { mass }) => sum + mass, 0)
  return brackets.map(({ low, impossible, mass }) => ({
    label: `${low}-${low + 1}`,
    probability: total > 0 ? rounded(mass / total, 6) : 0,
    is_impossible: impossible
  }))
}

/** Probability that the day gets at least this warm, for the eleven whole degrees around the mean. */
export function strikesOf(meanF: number, sigmaF: number): Record<string, number> {
  const middle = rounded(meanF)
  const scale = SCALE * sigmaF
  return Object.fromEntries(
    Array.from({ length: 11 }, (_, i) => middle - 5 + i).map((strike) => [`${strike}`, rounded(1 - logisticCdf(strike, meanF, scale), 4)])
  )
}
