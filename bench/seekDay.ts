import type { SessionEvent } from '../src/main/engine/threads/messages.ts'
import { openBundle } from '../src/main/engine/bundle/index.ts'
import {
  openDaySession,
  ReplaySession,
  sourceOfBundle,
  TapeRun,
  type DayRequest,
  type ReplayHost,
  type ReplaySource
} from '../src/main/engine/replay/index.ts'
import { ReplayStream } from '../src/main/engine/stream/index.ts'
import { SUBSCRIBE_ALL } from '../src/shared/api/index.ts'
import { random } from '../src/main/engine/testing/random.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { same, type Spread } from './measure.ts'
import { recordedDay } from './replay/recordedDay.ts'
import { replayInput, type ReplayInput } from './replay/replayInput.ts'

/** A day: 40 books, 20 changes a second, 24 hours; about ten million events of the tape. */
const DAY_INPUT: ReplayInput = { shards: 4, markets: 20, messagesPerSecond: 20, changeFrames: 1_500_000, booksAfterTrades: false }
const SEEKS = 300
/** Places at which the fingerprint of a seek is compared with that of a pass from the beginning. */
const COMPARED = 5

/** A session as the app has one, with a screen that takes everything at once. */
class SeekStage {
  session!: ReplaySession
  #done = false

  /** Opens it and waits until everything has been read. */
  static async open(open: (host: ReplayHost) => ReplaySession | Promise<ReplaySession>): Promise<SeekStage> {
    const stage = new SeekStage()
    stage.session = await open({ nowNs: () => performance.now() * 1e6, post: (event) => stage.#take(event) })
    while (stage.session.state.indexed < 1) {
      stage.session.tick()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return stage
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
  const runDir = await replayInput(input, say)
  const source = sourceOfBundle(await openBundle(runDir))
  const begunMs = performance.now()
  const stage = await SeekStage.open((host) => new ReplaySession(source, host))
  const indexMs = performance.now() - begunMs
  const events = source.index.tape.fingerprint.events
  const span = source.endRelNs - source.startRelNs
  const draw = random(11)
  const anywhere = (): number => source.startRelNs + Math.floor(draw() * span)
  const compared = Array.from({ length: COMPARED }, anywhere).sort((a, b) => a - b)
  const sought = compared.map((relNs) => (stage.seek(relNs), stage.session.state.playheadFingerprint))
  same('fingerprints of seeks and of a pass from the beginning', JSON.stringify(sought), JSON.stringify(passed(source, compared)))
  const times = Array.from({ length: SEEKS }, () => stage.seek(anywhere()))
  const { marks } = source.index
  const kept = `${marks.length} keyframes, ${marks.putAside} of them in the temporary file, ${(marks.heldBytes / 2 ** 20).toFixed(0)} MiB in memory`
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  stage.session.dispose()
  const streamTimes = await streamSeeks(runDir, Array.from({ length: SEEKS }, anywhere))
  const day = await daySeeks(await recordedDay(runDir, say), draw)
  return {
    id: 'SEEK',
    what: `Seek anywhere in a day of ${(span / 3.6e12).toFixed(1)} hours`,
    count: events,
    counted: `events of the tape; ${SEEKS} seeks; fingerprints at ${COMPARED} places equal those of a pass from the beginning`,
    findings: [
      { what: 'seek, p95', unit: 'ms', figure: at(times, 0.95), now: { atMost: 150 } },
      { what: 'seek, p50', unit: 'ms', figure: at(times, 0.5) },
      { what: 'seek in the recorded day from Parquet, p95', unit: 'ms', figure: at(day.times, 0.95), now: { atMost: 150 } },
      { what: 'seek of a stream, its state told, p95', unit: 'ms', figure: at(streamTimes, 0.95), now: { atMost: 150 } }
    ],
    ratesM: { 'index pass': events / indexMs / 1e3 },
    notes: [
      `index pass ${(indexMs / 1000).toFixed(1)} s, with ${kept}; heap ${(heapUsed / 2 ** 20).toFixed(0)} MiB behind it, buffers ${(arrayBuffers / 2 ** 20).toFixed(0)} MiB`,
      `recorded day: ${day.events} events; ${SEEKS} seeks`,
      'a seek ends when the state as of then is there and the ladder is on its way to the screen; the history behind the playhead follows in slices'
    ]
  }
}

/** @returns ms of each seek until the state as of then is told */
async function streamSeeks(runDir: string, places: readonly number[]): Promise<number[]> {
  const stream = await ReplayStream.open(runDir)
  let lines = 0
  const sink = { ready: true, line: () => void lines++, reset: () => undefined, state: () => undefined }
  const link = stream.connect(sink, SUBSCRIBE_ALL, 'own')
  // The first one waits until everything has been read.
  await link.command({ cmd: 'seek_percent', percent: 100 })
  const times: number[] = []
  for (const relNs of places) {
    const begunMs = performance.now()
    await link.command({ cmd: 'seek', relNs })
    times.push(performance.now() - begunMs)
  }
  if (lines < places.length) throw new Error('seeks of a stream told no state')
  await stream.close()
  return times
}

async function daySeeks(request: DayRequest, draw: () => number): Promise<{ times: number[]; events: number }> {
  const stage = await SeekStage.open((host) => openDaySession(request, host))
  const { startRelNs, endRelNs, counts } = stage.session.state
  const times = Array.from({ length: SEEKS }, () => stage.seek(startRelNs + Math.floor(draw() * (endRelNs - startRelNs))))
  stage.seek(endRelNs)
  const events = Object.values(stage.session.state.counts).reduce((sum, n) => sum + n, 0)
  if (events === 0) throw new Error(`the recorded day is empty: ${JSON.stringify(counts)}`)
  stage.session.dispose()
  return { times, events }
}

function at(times: readonly number[], share: number): Spread {
  const sorted = times.toSorted((a, b) => a - b)
  return { median: sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!, min: sorted[0]!, max: sorted.at(-1)! }
}

function passed(source: ReplaySource, places: readonly number[]): string[] {
  const run = new TapeRun(source.run, {})
  try {
    return places.map((relNs) => (run.advance(relNs, Infinity), run.tape.summary().sha256))
  } finally {
    run.close()
  }
}
