import { openBundle } from '../src/main/engine/bundle/index.ts'
import { runOfBundle, type RunFacts } from '../src/main/engine/replay/index.ts'
import type { BenchOptions, Finding, GoalReport } from './goal.ts'
import { interleave, ratesInMillions, ratesOf, ratioOf, same, spreadOf, type Rounds, type Work } from './measure.ts'
import { BookCounter } from './replay/bookCounter.ts'
import { playJson } from './replay/jsonPipeline.ts'
import { ALL_INPUT, CHANGES_INPUT, replayInput, type ReplayInput } from './replay/replayInput.ts'
import { digestOf, type ReplayOutput } from './replay/replayOutput.ts'
import { playTape, type TapeOutput } from './replay/tapePipeline.ts'

const TAPE = 'tape'
const JSON_PARSE = 'JSON.parse'

interface Race {
  readonly rounds: Rounds
  /** Market events of the tape per second of processor time, in millions: what a machine with nothing else to do would come near. */
  readonly perCpuSecondM: readonly number[]
  readonly expected: TapeOutput
}

/** Replay from disk to fingerprint, one thread, against the obvious JSON.parse pipeline on the same verified and merged frames. */
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
      { what: 'market events a second', unit: 'M/s', figure: tapeRate(changes), now: { atLeast: 1.5 }, later: { atLeast: 3 } },
      { what: 'events of the tape a second', unit: 'M/s', figure: recordRate(changes) },
      { what: 'market events a second of processor time', unit: 'M/s', figure: spreadOf(changes.perCpuSecondM) },
      { what: 'against the JSON.parse pipeline', unit: 'x', figure: ratioOf(changes.rounds, TAPE, JSON_PARSE), later: { atLeast: 6 } },
      ...allFindings(all)
    ],
    ratesM: ratesInMillions(changes.rounds),
    notes: [
      'the tape also makes every record of its channels, checks book hashes, snapshots every book each second and hashes it all; the peer keeps books and counts only',
      `"all" is ${inputText(sized(ALL_INPUT))}, with both whole books after every trade, which are no market events: ${all.expected.marketEvents.toLocaleString('en')} events, ${all.expected.records.toLocaleString('en')} records`
    ]
  }
}

function allFindings(all: Race): Finding[] {
  return [
    { what: 'all that the venue sends: events a second', unit: 'M/s', figure: tapeRate(all) },
    { what: 'all that the venue sends: against JSON.parse', unit: 'x', figure: ratioOf(all.rounds, TAPE, JSON_PARSE) }
  ]
}

function inputText({ shards, markets, messagesPerSecond, changeFrames }: ReplayInput): string {
  return `${shards} shards, ${changeFrames.toLocaleString('en')} price_change frames of 2 changes, ${2 * markets} books, ${messagesPerSecond.toLocaleString('en')} frames a second`
}

function tapeRate({ rounds }: Race): ReturnType<typeof spreadOf> {
  return spreadOf(ratesOf(rounds, TAPE).map((perSecond) => perSecond / 1e6))
}

/** What `tapedeck replay` counts as events: one with an id of its own, in the fingerprint. */
function recordRate({ rounds, expected }: Race): ReturnType<typeof spreadOf> {
  const perMarketEvent = expected.records / expected.marketEvents
  return spreadOf(ratesOf(rounds, TAPE).map((perSecond) => (perSecond * perMarketEvent) / 1e6))
}

/** Both pipelines over one input; what they found is equal before anything is measured, and each round again. */
async function race(input: ReplayInput, say: (line: string) => void): Promise<Race> {
  const bundle = await openBundle(await replayInput(input, say))
  const run = runOfBundle(bundle)
  const expected = playTape(run, new BookCounter())
  same('counts and final books of tape and JSON.parse pipeline', digestOf(expected), digestOf(playJson(run)))
  const checkedTape = (facts: RunFacts): ReplayOutput => {
    const output = playTape(facts)
    same('fingerprint of two replays', output.fingerprint, expected.fingerprint)
    return output
  }
  const perCpuSecondM: number[] = []
  const tape = (): Work => {
    const begun = process.cpuUsage()
    const work = measured(run, expected.marketEvents, checkedTape)
    const { user, system } = process.cpuUsage(begun)
    perCpuSecondM.push(work.count / (user + system))
    return work
  }
  const rounds = await interleave(
    [
      { name: TAPE, run: tape },
      { name: JSON_PARSE, run: () => measured(run, expected.marketEvents, playJson) }
    ],
    { rounds: 5, warmUps: 1 }
  )
  bundle.close()
  return { rounds, expected, perCpuSecondM: perCpuSecondM.slice(1) }
}

function measured(run: RunFacts, events: number, play: (run: RunFacts) => ReplayOutput): Work {
  const begun = performance.now()
  const { counts } = play(run)
  const seconds = (performance.now() - begun) / 1000
  same('market events', counts.levelChanges + counts.trades, events)
  return { count: events, seconds }
}
