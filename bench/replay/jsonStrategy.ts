import { createHash } from 'node:crypto'
import type { RunFacts } from '../../src/main/engine/replay/index.ts'
import { TOY_SPREAD } from '../../src/shared/api/index.ts'
import { playJson } from './jsonPipeline.ts'
import { e6, type ReplayOutput } from './replayOutput.ts'

export interface StrategyOutput extends ReplayOutput {
  /** SHA-256 over the lines of all intents. */
  readonly intentHash: string
  readonly intents: number
}

const { id, params } = TOY_SPREAD

/** The peer of a strategy run: the obvious JSON.parse pipeline with the toy strategy written down in place, and a hash of its intents. */
export function runJson(run: RunFacts): StrategyOutput {
  const hash = createHash('sha256')
  let events = 0
  let intents = 0
  const played = playJson(run, (token, { bid, ask }) => {
    events++
    if (bid === undefined || ask === undefined) return
    const bidE6 = e6(bid)
    const askE6 = e6(ask)
    if (askE6 - bidE6 < params.min_spread_e6) return
    for (const [side, priceE6] of [
      ['buy', bidE6],
      ['sell', askE6]
    ] as const) {
      hash.update(`${events}|${id}|place|${token}|${side}|${priceE6}|${params.size_e6}|gtc|maker|${id}\n`)
      intents++
    }
  })
  return { ...played, intentHash: hash.digest('hex'), intents }
}
