/** What one run of a contender did: how many units of work, and in how many seconds. Preparation is not in it. */
export interface Work {
  readonly count: number
  readonly seconds: number
}

export interface Contender {
  readonly name: string
  readonly run: () => Work | Promise<Work>
}

/** Median and range over the rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Units of work per second, by contender, one entry per round. */
export type Rounds = ReadonlyMap<string, readonly number[]>

export interface RoundOptions {
  readonly rounds: number
  readonly warmUps: number
}

/**
 * Runs all contenders in turn, round after round, so that a slow moment of the machine meets all of them.
 * @throws Error when the contenders did not do the same amount of work
 */
export async function interleave(contenders: readonly Contender[], options: RoundOptions): Promise<Rounds> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  let expected: number | undefined
  for (let round = -options.warmUps; round < options.rounds; round++) {
    for (const { name, run } of contenders) {
      globalThis.gc?.()
      const { count, seconds } = await run()
      expected ??= count
      if (count !== expected) throw new Error(`${name} did ${count} units of work where ${expected} are due`)
      if (round >= 0) rates.get(name)?.push(count / seconds)
    }
  }
  return rates
}

/** Seconds that a piece of work takes. */
export function timed(work: () => number): Work {
  const begun = performance.now()
  const count = work()
  return { count, seconds: (performance.now() - begun) / 1000 }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
  return { median, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN }
}

/** Ours over theirs, round by round: both met the same moment of the machine. */
export function ratioOf(rounds: Rounds, ours: string, theirs: string): Spread {
  const below = ratesOf(rounds, theirs)
  return spreadOf(ratesOf(rounds, ours).map((rate, round) => rate / (below[round] ?? NaN)))
}

export function ratesOf(rounds: Rounds, name: string): readonly number[] {
  return rounds.get(name) ?? []
}

/** Bulk text for information: the median rate of each contender in millions a second. */
export function ratesInMillions(rounds: Rounds): Record<string, number> {
  return Object.fromEntries([...rounds].map(([name, rates]) => [name, Number((spreadOf(rates).median / 1e6).toFixed(3))]))
}

/** @throws Error with `what` when the two are not the same */
export function same<T>(what: string, ours: T, theirs: T): void {
  if (ours !== theirs) throw new Error(`${what}: ${String(ours)} is not ${String(theirs)}`)
}
