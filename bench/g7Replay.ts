import { openBundle } from '../src/main/engine/bundle/index.ts'
import { runOfBundle, type RunFacts } from '../src/main/engine/replay/index.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { interleave, ratesInMillions, ratesOf, ratioOf, same, spreadOf, type Rounds, type Work } from './measure.ts'
import { BookCounter } from './replay/bookCounter.ts'
import { playJson } from './replay/jsonPipeline.ts'
import { ALL_INPUT, CHANGES_INPUT, replayInput, type ReplayInput } from './replay/replayInput.ts'
import { digestOf, type ReplayOutput } from './replay/replayOutput.ts'
import { playTape, type TapeOutput } from './replay/tapePipeline.ts'

const TWO_THREADS = 'tape'
const ONE_THREAD = 'tape in one thread'
const JSON_PARSE = 'JSON.parse'

interface Race {
  readonly rounds: Rounds
  readonly expected: TapeOutput
}

/** Replay from disk to fingerprint, as the product does it and in one thread, against the obvious JSON.parse pipeline on the same verified and merged frames. */
export async function g7Replay({ quick, say }: BenchOptions): Promise<GoalReport> {
  const sized = (input: ReplayInput): ReplayInput => (quick ? { ...input, changeFrames: input.changeFrames / 10 } : input)
  const changes = await race(sized(CHANGES_INPUT), say)
  const all = await race(sized(ALL_INPUT), say)
  const { expected } = changes
  return {
    id: 'G7',
    what: `Replay end to end: ${inputText(sized(CHANGES_INPUT))}`,
    count: expected.marketEvents,
    counted: `market events (level changes, trades); ${expected.records.toLocaleString('en')} events of the tape's channels; fingerprint ${expected.fingerprint.slice(0, 16)}`,
    findings: [
      { what: 'market events a second', unit: 'M/s', figure: rateOf(changes, TWO_THREADS), now: { atLeast: 1.5 }, later: { atLeast: 3 } },
      { what: 'in one thread', unit: 'M/s', figure: rateOf(changes, ONE_THREAD) },
      { what: 'events of the tape a second', unit: 'M/s', figure: recordRate(changes) },
      { what: 'against the JSON.parse pipeline', unit: 'x', figure: ratioOf(changes.rounds, TWO_THREADS, JSON_PARSE) },
      { what: 'the same, one thread each', unit: 'x', figure: ratioOf(changes.rounds, ONE_THREAD, JSON_PARSE), later: { atLeast: 6 } },
      { what: 'all that the venue sends: events a second', unit: 'M/s', figure: rateOf(all, TWO_THREADS) },
      { what: 'all that the venue sends: against JSON.parse', unit: 'x', figure: ratioOf(all.rounds, TWO_THREADS, JSON_PARSE) }
    ],
    ratesM: ratesInMillions(changes.rounds),
    notes: [
      'two threads, as `tapedeck replay` runs: one reads, checks, merges and scans, the other keeps books and makes events; the peer has one',
      'the tape also makes every record of its channels, checks book hashes, snapshots every book each second, looks for event windows and hashes it all; the peer keeps books and counts only',
      `"all" is ${inputText(sized(ALL_INPUT))}, with both whole books after every trade, which are no market events: ${all.expected.marketEvents.toLocaleString('en')} events, ${all.expected.records.toLocaleString('en')} records`
    ]
  }
}

function inputText({ shards, markets, messagesPerSecond, changeFrames }: ReplayInput): string {
  return `${shards} shards, ${changeFrames.toLocaleString('en')} price_change frames of 2 changes, ${2 * markets} books, ${messagesPerSecond.toLocaleString('en')} frames a second`
}

function rateOf({ rounds }: Race, name: string): ReturnType<typeof spreadOf> {
  return spreadOf(ratesOf(rounds, name).map((perSecond) => perSecond / 1e6))
}

/** What `tapedeck replay` counts as events: one with an id of its own, in the fingerprint. */
function recordRate({ rounds, expected }: Race): ReturnType<typeof spreadOf> {
  const perMarketEvent = expected.records / expected.marketEvents
  return spreadOf(ratesOf(rounds, TWO_THREADS).map((perSecond) => (perSecond * perMarketEvent) / 1e6))
}

/** All over one input; what they found is equal before anything is measured, and each round again. */
async function race(input: ReplayInput, say: (line: string) => void): Promise<Race> {
  const bundle = await openBundle(await replayInput(input, say))
  const run = runOfBundle(bundle)
  const expected = playTape(run, false, new BookCounter())
  same('counts and final books of tape and JSON.parse pipeline', digestOf(expected), digestOf(playJson(run)))
  const tape = (readAhead: boolean) => (): Work =>
    measured(run, expected.marketEvents, (facts) => {
      const output = playTape(facts, readAhead)
      same('fingerprint of two replays', output.fingerprint, expected.fingerprint)
      return output
    })
  const rounds = await interleave(
    [
      { name: TWO_THREADS, run: tape(true) },
      { name: JSON_PARSE, run: () => measured(run, expected.marketEvents, playJson) },
      { name: ONE_THREAD, run: tape(false) }
    ],
    { rounds: 5, warmUps: 1 }
  )
  bundle.close()
  return { rounds, expected }
}

function measured(run: RunFacts, events: number, play: (run: RunFacts) => ReplayOutput): Work {
  const begun = performance.now()
  const { counts } = play(run)
  const seconds = (performance.now() - begun) / 1000
  same('market events', counts.levelChanges + counts.trades, events)
  return { count: events, seconds }
}
