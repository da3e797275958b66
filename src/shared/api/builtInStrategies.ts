/** A strategy that comes with the program: its name and defaults, which the engine runs it with and the run panel offers. */
export interface BuiltInStrategy {
  readonly id: string
  readonly sentence: string
  /** Parameters and their defaults; sizes and prices are integers × 1e6. */
  readonly params: Readonly<Record<string, number>>
}

export const TOY_SPREAD = {
  id: 'toy_spread',
  sentence: 'Quotes both sides of a wide market. A maker is never filled in simulation, so it gives intents and no fills.',
  params: { size_e6: 1_000_000, min_spread_e6: 50_000 }
} as const satisfies BuiltInStrategy

export const TOY_TAKER = {
  id: 'toy_taker',
  sentence: 'Takes where one side of the best prices is much heavier. It exists to exercise fills and PnL, not to earn.',
  params: { size_e6: 1_000_000, threshold_bps: 6000, max_position_e6: 10_000_000 }
} as const satisfies BuiltInStrategy

export const BUILT_IN_STRATEGIES: readonly BuiltInStrategy[] = [TOY_SPREAD, TOY_TAKER]

/** @returns undefined for a name that no built-in strategy has */
export function builtInStrategy(id: string): BuiltInStrategy | undefined {
  return BUILT_IN_STRATEGIES.find((one) => one.id === id)
}
