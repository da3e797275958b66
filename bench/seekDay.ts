import type { SessionEvent } from '../src/main/engine/threads/messages.ts'
import { openBundle } from '../src/main/engine/bundle/index.ts'
import { ReplaySession, sourceOfBundle, TapeRun, type ReplaySource } from '../src/main/engine/replay/index.ts'
import { random } from '../src/main/engine/testing/roughRun.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { same } from './measure.ts'
import { replayInput, type ReplayInput } from './replay/replayInput.ts'

/** A day: 40 books, 20 changes a second, 24 hours; about ten million events of the tape. */
const DAY_INPUT: ReplayInput = { shards: 4, markets: 20, messagesPerSecond: 20, changeFrames: 1_500_000, booksAfterTrades: false }
const SEEKS = 300
/** Places at which the fingerprint of a seek is compared with that of a pass from the beginning. */
const COMPARED = 5

/** A session as the app has one, with a screen that takes everything at once. */
class SeekStage {
  readonly session: ReplaySession
  #done = false

  constructor(source: ReplaySource) {
    this.session = new ReplaySession(source, { nowNs: () => performance.now() * 1e6, post: (event) => this.#take(event) })
    while (this.session.state.indexed < 1) this.session.tick()
  }

  /** @returns ms until the state as of then is there and the screen has the present moment */
  seek(relNs: number): number {
    this.#done = false
    const begunMs = performance.now()
    this.session.command({ kind: 'seek', requestId: 1, relNs })
    while (!this.#done) this.session.tick()
    return performance.now() - begunMs
  }

  #take(event: SessionEvent): void {
    if (event.kind === 'frame') this.session.command({ kind: 'credit', bytes: event.frame.length })
    else if (event.kind === 'done') this.#done = true
    else if (event.kind === 'failed') throw new Error(event.failure.message)
  }
}

/** Seeks to places all over a day. It throws when a seek gives another state than a pass from the beginning. */
export async function seekDay({ quick, say }: BenchOptions): Promise<GoalReport> {
  const input = quick ? { ...DAY_INPUT, changeFrames: DAY_INPUT.changeFrames / 20 } : DAY_INPUT
  const source = sourceOfBundle(await openBundle(await replayInput(input, say)))
  const begunMs = performance.now()
  const stage = new SeekStage(source)
  const indexMs = performance.now() - begunMs
  const events = source.index.tape.fingerprint.events
  const span = source.endRelNs - source.startRelNs
  const draw = random(11)
  const anywhere = (): number => source.startRelNs + Math.floor(draw() * span)
  const compared = Array.from({ length: COMPARED }, anywhere).sort((a, b) => a - b)
  const sought = compared.map((relNs) => (stage.seek(relNs), stage.session.state.playheadFingerprint))
  same('fingerprints of seeks and of a pass from the beginning', JSON.stringify(sought), JSON.stringify(passed(source, compared)))
  const times = Array.from({ length: SEEKS }, () => stage.seek(anywhere())).sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))]!
  const figure = (ms: number) => ({ median: ms, min: times[0]!, max: times.at(-1)! })
  stage.session.dispose()
  return {
    id: 'SEEK',
    what: `Seek anywhere in a day of ${(span / 3.6e12).toFixed(1)} hours`,
    count: events,
    counted: `events of the tape; ${SEEKS} seeks; fingerprints at ${COMPARED} places equal those of a pass from the beginning`,
    findings: [
      { what: 'seek, p95', unit: 'ms', figure: figure(at(0.95)), now: { atMost: 150 } },
      { what: 'seek, p50', unit: 'ms', figure: figure(at(0.5)) }
    ],
    ratesM: { 'index pass': events / indexMs / 1e3 },
    notes: [
      `index pass ${(indexMs / 1000).toFixed(1)} s, with ${source.index.marks.length} keyframes; heap ${(process.memoryUsage().heapUsed / 2 ** 20).toFixed(0)} MiB behind it, buffers ${(process.memoryUsage().arrayBuffers / 2 ** 20).toFixed(0)} MiB`,
      'a seek ends when the state as of then is there and the ladder is on its way to the screen; the history behind the playhead follows in slices'
    ]
  }
}

function passed(source: ReplaySource, places: readonly number[]): string[] {
  const run = new TapeRun(source.run, {})
  try {
    return places.map((relNs) => (run.advance(relNs, Infinity), run.tape.summary().sha256))
  } finally {
    run.close()
  }
}
