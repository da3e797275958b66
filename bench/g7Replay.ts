import type { BenchOptions, Finding, GoalReport } from './goal.ts'
import { ratesInMillions, ratesOf, spreadOf } from './measure.ts'
import {
  JSON_PARSE,
  JSON_STRATEGY,
  ONE_THREAD,
  rateOf,
  ratiosOf,
  STRATEGY,
  strategyRace,
  tapeRace,
  TWO_THREADS,
  type StrategyRace,
  type TapeRace
} from './replay/races.ts'
import { ALL_INPUT, CHANGES_INPUT, type ReplayInput } from './replay/replayInput.ts'

/**
 * Replay end to end, in the two ways in which the product replays: a strategy run (verified read, normalise, merge, strategy, simulated execution)
 * against the obvious JSON.parse pipeline with the same strategy, and the tape from disk to fingerprint against the same pipeline without one.
 */
export async function g7Replay({ quick, say }: BenchOptions): Promise<GoalReport> {
  const sized = (input: ReplayInput): ReplayInput => (quick ? { ...input, changeFrames: input.changeFrames / 10 } : input)
  const strategy = await strategyRace(sized(CHANGES_INPUT), say)
  const changes = await tapeRace(sized(CHANGES_INPUT), say)
  const all = await tapeRace(sized(ALL_INPUT), say)
  const { expected } = changes
  return {
    id: 'G7',
    what: `Replay end to end: ${inputText(sized(CHANGES_INPUT))}`,
    count: strategy.marketEvents,
    counted: `market events (level changes, trades): ${strategy.strategyEvents.toLocaleString('en')} of them move a best price or size and are a strategy's events, ${strategy.intents.toLocaleString('en')} intents, hash ${strategy.intentHash.slice(0, 16)}; ${expected.records.toLocaleString('en')} events of the tape's channels, fingerprint ${expected.fingerprint.slice(0, 16)}`,
    findings: [...strategyFindings(strategy), ...tapeFindings(changes), ...allFindings(all)],
    ratesM: { ...ratesInMillions(strategy.rounds), ...ratesInMillions(changes.rounds) },
    notes: [
      'two threads, as `tapedeck run` and `tapedeck replay` use: one reads, checks, merges and scans, the other keeps books and does the rest; the peers have one',
      "a strategy run checks every book against the venue's hashes, keeps the trust in each market, and books simulated orders; its peer keeps books, asks the strategy and hashes its intents",
      'the tape also makes every record of its channels, snapshots every book each second, looks for event windows and hashes it all',
      `"all" is ${inputText(sized(ALL_INPUT))}, with both whole books after every trade, which are no market events: ${all.expected.marketEvents.toLocaleString('en')} events, ${all.expected.records.toLocaleString('en')} records`
    ]
  }
}

function strategyFindings(race: StrategyRace): Finding[] {
  const ratios = ratiosOf(race, STRATEGY, JSON_STRATEGY)
  return [
    { what: 'strategy run: market events a second', unit: 'M/s', figure: rateOf(race.rounds, STRATEGY), now: { atLeast: 3 } },
    { what: 'against JSON.parse with the same strategy', unit: 'x', figure: ratios.clock, now: { atLeast: 6 } },
    { what: 'the same by processor time of all threads', unit: 'x', figure: ratios.processor },
    { what: 'market events a second of processor time', unit: 'M/s', figure: rateOf(race.byProcessor, STRATEGY) }
  ]
}

function tapeFindings(race: TapeRace): Finding[] {
  const ratios = ratiosOf(race, TWO_THREADS, JSON_PARSE)
  return [
    { what: 'tape: its events a second, as `replay` prints', unit: 'M/s', figure: recordRate(race), now: { atLeast: 1.5 } },
    { what: 'tape: market events a second', unit: 'M/s', figure: rateOf(race.rounds, TWO_THREADS), later: { atLeast: 1.5 } },
    { what: 'tape in one thread: market events', unit: 'M/s', figure: rateOf(race.rounds, ONE_THREAD) },
    { what: 'tape against the JSON.parse pipeline', unit: 'x', figure: ratios.clock },
    { what: 'the same by processor time of all threads', unit: 'x', figure: ratios.processor }
  ]
}

function allFindings(race: TapeRace): Finding[] {
  return [
    { what: 'all that the venue sends: market events', unit: 'M/s', figure: rateOf(race.rounds, TWO_THREADS) },
    { what: 'all that the venue sends: against JSON.parse', unit: 'x', figure: ratiosOf(race, TWO_THREADS, JSON_PARSE).clock }
  ]
}

function inputText({ shards, markets, messagesPerSecond, changeFrames }: ReplayInput): string {
  return `${shards} shards, ${changeFrames.toLocaleString('en')} price_change frames of 2 changes, ${2 * markets} books, ${messagesPerSecond.toLocaleString('en')} frames a second`
}

/** What `tapedeck replay` counts as events: one with an id of its own, in the fingerprint. */
function recordRate({ rounds, expected }: TapeRace): ReturnType<typeof spreadOf> {
  const perMarketEvent = expected.records / expected.marketEvents
  return spreadOf(ratesOf(rounds, TWO_THREADS).map((perSecond) => (perSecond * perMarketEvent) / 1e6))
}
