import { openBundle } from '../src/main/engine/bundle/index.ts'
import { runOfBundle, type RunFacts } from '../src/main/engine/replay/index.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { interleave, ratesInMillions, ratesOf, ratioOf, same, spreadOf, type Work } from './measure.ts'
import { playJson } from './replay/jsonPipeline.ts'
import { FULL_INPUT, QUICK_INPUT, replayInput } from './replay/replayInput.ts'
import { digestOf, type ReplayOutput } from './replay/replayOutput.ts'
import { playTape } from './replay/tapePipeline.ts'

const JSON_PARSE = 'JSON.parse pipeline'

/** Replay from disk to fingerprint, one thread, against the obvious JSON.parse pipeline on the same verified and merged frames. */
export async function g7Replay({ quick, say }: BenchOptions): Promise<GoalReport> {
  const input = quick ? QUICK_INPUT : FULL_INPUT
  const bundle = await openBundle(await replayInput(input, say))
  const run = runOfBundle(bundle)
  const expected = playTape(run)
  same('counts and final books of tape and JSON.parse pipeline', digestOf(expected), digestOf(playJson(run)))
  const events = expected.marketEvents
  const tape = (): Work => measured(run, events, (facts) => {
    const output = playTape(facts)
    same('fingerprint of two replays', output.fingerprint, expected.fingerprint)
    return output
  })
  const json = (): Work => measured(run, events, playJson)
  const contenders = [{ name: 'tape', run: tape }, { name: JSON_PARSE, run: json }]
  const rounds = await interleave(contenders, { rounds: 5, warmUps: 1 })
  bundle.close()
  const rate = spreadOf(ratesOf(rounds, 'tape').map((perSecond) => perSecond / 1e6))
  return {
    id: 'G7',
    what: `Replay end to end: ${input.shards} shards, ${input.changeFrames.toLocaleString('en')} price_change frames of 2 changes, ${2 * input.markets} books`,
    count: events,
    counted: `market events (level changes and trades); ${expected.records.toLocaleString('en')} records; fingerprint ${expected.fingerprint.slice(0, 16)}`,
    findings: [
      { what: 'market events a second', unit: 'M/s', figure: rate, now: { atLeast: 1.5 }, later: { atLeast: 3 } },
      { what: `against the ${JSON_PARSE}`, unit: 'x', figure: ratioOf(rounds, 'tape', JSON_PARSE), later: { atLeast: 6 } }
    ],
    ratesM: ratesInMillions(rounds),
    notes: ['the tape also makes every record of its channels, checks book hashes, snapshots every book each second and hashes it all; the peer keeps books and counts only']
  }
}

function measured(run: RunFacts, events: number, play: (run: RunFacts) => ReplayOutput): Work {
  const begun = performance.now()
  const { counts } = play(run)
  const seconds = (performance.now() - begun) / 1000
  same('market events', counts.levelChanges + counts.trades, events)
  return { count: events, seconds }
}
