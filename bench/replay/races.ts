import { openBundle } from '../../src/main/engine/bundle/index.ts'
import { runOfBundle } from '../../src/main/engine/replay/index.ts'
import { runStrategies } from '../../src/main/engine/runtime/index.ts'
import { TOY_SPREAD } from '../../src/shared/api/index.ts'
import { interleave, ratioOf, same, spreadOf, type Rounds, type Spread, type Work } from '../measure.ts'
import { BookCounter } from './bookCounter.ts'
import { playJson } from './jsonPipeline.ts'
import { runJson } from './jsonStrategy.ts'
import { replayInput, type ReplayInput } from './replayInput.ts'
import { digestOf } from './replayOutput.ts'
import { playTape, type TapeOutput } from './tapePipeline.ts'

export const TWO_THREADS = 'tape'
export const ONE_THREAD = 'tape in one thread'
export const JSON_PARSE = 'JSON.parse'
export const STRATEGY = 'strategy run'
export const JSON_STRATEGY = 'JSON.parse with strategy'

const ROUNDS = { rounds: 5, warmUps: 1 }

export interface Race {
  readonly rounds: Rounds
  /** The same by processor time of all threads, one entry a round: what other work on the machine changes least. */
  readonly byProcessor: Rounds
}

export interface TapeRace extends Race {
  readonly expected: TapeOutput
}

export interface StrategyRace extends Race {
  readonly marketEvents: number
  readonly strategyEvents: number
  readonly intents: number
  readonly intentHash: string
}

type Say = (line: string) => void

/** Tape against JSON.parse over one input; what they found is equal before anything is measured, and each round again. */
export async function tapeRace(input: ReplayInput, say: Say): Promise<TapeRace> {
  const bundle = await openBundle(await replayInput(input, say))
  const run = runOfBundle(bundle)
  const expected = playTape(run, false, new BookCounter())
  same('counts and final books of tape and JSON.parse pipeline', digestOf(expected), digestOf(playJson(run)))
  const { marketEvents } = expected
  const tape = (readAhead: boolean) => (): number => {
    const output = playTape(run, readAhead)
    same('fingerprint of two replays', output.fingerprint, expected.fingerprint)
    return output.marketEvents
  }
  const race = await measuredRace(marketEvents, {
    [TWO_THREADS]: tape(true),
    [JSON_PARSE]: () => marketEventsOf(playJson(run).counts),
    [ONE_THREAD]: tape(false)
  })
  bundle.close()
  return { ...race, expected }
}

/** `tapedeck run` with a toy strategy on changes against the obvious pipeline with the same strategy; the hash of all intents is equal. */
export async function strategyRace(input: ReplayInput, say: Say): Promise<StrategyRace> {
  const runDir = await replayInput(input, say)
  const bundle = await openBundle(runDir, { readOnly: true })
  const run = runOfBundle(bundle)
  const expected = runJson(run)
  const marketEvents = marketEventsOf(expected.counts)
  const ours = async (): Promise<number> => {
    const result = await runStrategies({
      source: { mode: 'replay', runDir },
      events: 'change',
      strategies: [{ name: TOY_SPREAD.id }],
      details: false
    })
    same('intents of both', result.intents, expected.intents)
    same('hash of the intents of both', result.finalHash, expected.intentHash)
    same('events of both', result.canonicalEvents, expected.counts.topMoves)
    return marketEvents
  }
  const theirs = (): number => {
    const output = runJson(run)
    same('hash of two peers', output.intentHash, expected.intentHash)
    return marketEventsOf(output.counts)
  }
  const race = await measuredRace(marketEvents, { [STRATEGY]: ours, [JSON_STRATEGY]: theirs })
  bundle.close()
  return { ...race, marketEvents, strategyEvents: expected.counts.topMoves, intents: expected.intents, intentHash: expected.intentHash }
}

/** Rate in millions a second. */
export function rateOf(rounds: Rounds, name: string): Spread {
  return spreadOf((rounds.get(name) ?? []).map((perSecond) => perSecond / 1e6))
}

/** Both ratios of two contenders: by the clock and by processor time. */
export function ratiosOf({ rounds, byProcessor }: Race, ours: string, theirs: string): { clock: Spread; processor: Spread } {
  return { clock: ratioOf(rounds, ours, theirs), processor: ratioOf(byProcessor, ours, theirs) }
}

function marketEventsOf({ levelChanges, trades }: { readonly levelChanges: number; readonly trades: number }): number {
  return levelChanges + trades
}

async function measuredRace(events: number, plays: Readonly<Record<string, () => number | Promise<number>>>): Promise<Race> {
  const byProcessor = new Map<string, number[]>()
  const contender = (name: string, play: () => number | Promise<number>) => async (): Promise<Work> => {
    const begun = performance.now()
    const begunCpu = process.cpuUsage()
    same('market events', await play(), events)
    const seconds = (performance.now() - begun) / 1000
    const { user, system } = process.cpuUsage(begunCpu)
    const rates = byProcessor.get(name) ?? []
    rates.push((1e6 * events) / (user + system))
    byProcessor.set(name, rates)
    return { count: events, seconds }
  }
  const rounds = await interleave(
    Object.entries(plays).map(([name, play]) => ({ name, run: contender(name, play) })),
    ROUNDS
  )
  return { rounds, byProcessor: new Map([...byProcessor].map(([name, rates]) => [name, rates.slice(ROUNDS.warmUps)])) }
}
