import type { Spread } from './measure.ts'

/** A bound that a figure should keep. */
export interface Bound {
  readonly atLeast?: number
  readonly atMost?: number
}

/** One figure of a goal, with what is asked of it now and what will be asked later. */
export interface Finding {
  readonly what: string
  readonly unit: 'x' | 'M/s' | 'ms'
  readonly figure: Spread
  readonly now?: Bound
  readonly later?: Bound
}

export interface GoalReport {
  readonly id: string
  readonly what: string
  readonly count: number
  readonly counted: string
  readonly findings: readonly Finding[]
  /** Millions a second, information only. */
  readonly ratesM: Readonly<Record<string, number>>
  readonly notes: readonly string[]
}

export interface BenchOptions {
  /** Smaller inputs and fewer rounds: to see that a bench runs, not to quote from. */
  readonly quick: boolean
  readonly say: (line: string) => void
}

/** One bench. It throws when outputs or counts are wrong; being slow is only reported. */
export type Goal = (options: BenchOptions) => Promise<GoalReport>

export function isKept({ figure }: Finding, bound: Bound | undefined): boolean {
  if (bound === undefined) return true
  return figure.median >= (bound.atLeast ?? Number.NEGATIVE_INFINITY) && figure.median <= (bound.atMost ?? Number.POSITIVE_INFINITY)
}
