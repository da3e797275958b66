import type { StrategyApi } from '../strategyApi.ts'
import { toySpread } from './toySpread.ts'
import { toyTaker } from './toyTaker.ts'

/** Strategies that come with the program, by id. */
export const BUILT_IN: ReadonlyMap<string, StrategyApi> = new Map([toySpread, toyTaker].map((strategy) => [strategy.id ?? '', strategy]))
