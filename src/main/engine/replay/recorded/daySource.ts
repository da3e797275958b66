import type { LatestEvent, OpenDay } from '../../../../shared/api/index.ts'
import type { ChannelName } from '../../../../shared/channels/index.ts'
import type { History, Playable } from '../playable.ts'
import { calendarOf, type DayCalendar } from './dayCalendar.ts'
import { DayHistory } from './dayHistory.ts'
import { DayIndex } from './dayIndex.ts'
import type { DayMoment } from './dayMoments.ts'
import { dayInputs, dayTrade } from './dayInputs.ts'
import { DayPlayer } from './dayPlayer.ts'
import { runRecords } from './dayRecords.ts'
import type { DayOptions } from './dayState.ts'
import { studioFactsOf } from './frameLogOf.ts'
import { mergedRuns } from './mergedRuns.ts'
import { missingOf } from './missing.ts'
import { planDay, type DayRequest, type PlannedDay } from './openDay.ts'
import { Spool } from './spool.ts'
import { storedInOf, verdictOfRuns } from './storedRuns.ts'

/** What is read before the first picture is shown. */
const FIRST_BLOCKS = 2
const MS = 1_000_000n
const SLICE_MS = 8

export interface DaySourceHost {
  /** Monotonic time in ms. */
  nowMs(): number
  /** Something that cannot be read came to light, in one sentence. */
  onFault(sentence: string): void
  /** Something is damaged and was read from another place, in one sentence: nothing is missing. */
  onNote(sentence: string): void
  /** Reading the storage failed: what was read so far is all there is. */
  onFailed(error: unknown): void
}

/** A recorded day, with what must be known to tell its events one by one. */
export interface RecordedDay extends Playable {
  /** By number. */
  readonly runs: readonly { readonly runId: string; readonly originTsNs: bigint }[]
  /** What could not be read so far, in sentences. */
  readonly faults: readonly string[]
  /** Number of the day for an instrument or station number of a run. */
  numberOf(run: number, id: number): number
  /** The events that hold at a time up to which the day has been read. */
  momentAt(relNs: number): DayMoment
  /** Number of the run that recorded this event. */
  runOf(wireId: number, place: LatestEvent): number
  /** Events of the whole day without those of `health`; undefined while it is being read. */
  eventCount(): number | undefined
  /** Events of a channel, as far as the day has been read. */
  countOf(channel: ChannelName): number
  readonly calendar: DayCalendar
}

/**
 * The recorded events of a day as something to be played: no raw frames are needed. They are read from storage once, in their order, in the
 * background; meanwhile what is there can be played.
 * @throws StudioError USAGE, BUNDLE_NOT_FOUND, BUNDLE_DAMAGED
 */
export async function openDay(request: DayRequest, host: DaySourceHost): Promise<RecordedDay> {
  const stop = new AbortController()
  const plan = await planDay({ ...request, signal: stop.signal })
  const told = new Set<string>()
  const once = (sentence: string, tell: (sentence: string) => void): void => {
    if (!told.has(sentence)) tell(sentence)
    told.add(sentence)
  }
  const onFault = (sentence: string): void => (plan.onFault(sentence), once(sentence, (text) => host.onFault(text)))
  const onNote = (sentence: string): void => once(sentence, (text) => host.onNote(text))
  const filled = new FilledDay({ ...plan, onFault, onNote }, host, stop)
  try {
    await filled.first
  } catch (error) {
    filled.close()
    throw error
  }
  const { index, options } = filled
  return Object.assign(playableDay(plan, filled), {
    runs: options.runs,
    faults: plan.faults,
    numberOf: (run: number, id: number) => plan.names.dayIdOf(run, id),
    momentAt: (relNs: number) => index.moments.at(relNs),
    runOf: (wireId: number, place: LatestEvent) => index.moments.runOf(wireId, place, plan.runs),
    eventCount: () => (index.done ? index.events : undefined),
    countOf: (channel: ChannelName) => index.counts()[channel] ?? 0,
    calendar: calendarOf(plan)
  })
}

/** Fills the spool and the index from storage. */
class FilledDay {
  readonly spool: Spool
  readonly index: DayIndex
  readonly options: DayOptions
  /** Enough is there for the first picture. */
  readonly first: Promise<void>
  readonly #stop: AbortController

  constructor(plan: PlannedDay, host: DaySourceHost, stop: AbortController) {
    const { runs, names, bounds, choice } = plan
    this.#stop = stop
    this.spool = new Spool(
      runs.map(({ shiftNs }) => shiftNs),
      names
    )
    this.options = {
      spool: this.spool,
      names,
      runs: runs.map(({ stored }) => stored),
      originSecond: bounds.startMs / 1000,
      light: choice.mode === 'light'
    }
    this.index = new DayIndex(this.options)
    this.first = new Promise((resolve, reject) => {
      this.#fill(plan, host, resolve).then(resolve, (error: Error) => {
        reject(error)
        if (stop.signal.aborted) return
        this.#finish()
        host.onFailed(error)
      })
    })
  }

  close(): void {
    this.#stop.abort()
    this.spool.close()
  }

  async #fill(plan: PlannedDay, host: DaySourceHost, onFirst: () => void): Promise<void> {
    const { runs, names } = plan
    const { signal } = this.#stop
    let sinceMs = host.nowMs()
    for await (const { run, bytes } of mergedRuns(runs, (one) => runRecords(plan, one, names))) {
      signal.throwIfAborted()
      if (this.spool.append(run.n, bytes)) this.index.follow()
      if (this.spool.blocks.length >= FIRST_BLOCKS) onFirst()
      if (host.nowMs() - sinceMs < SLICE_MS) continue
      await new Promise((resolve) => setImmediate(resolve))
      sinceMs = host.nowMs()
    }
    signal.throwIfAborted()
    this.#finish()
  }

  #finish(): void {
    this.spool.finish()
    this.index.finish()
  }
}

function playableDay(plan: PlannedDay, filled: FilledDay): Playable {
  const { runs, bounds, names, choice, timeZone } = plan
  const { spool, index, options } = filled
  const { startRelNs, endRelNs } = spanOf(plan)
  const [only] = runs
  const day: OpenDay = {
    date: choice.date,
    timeZone,
    mode: choice.mode ?? 'raw',
    storedIn: storedInOf(runs.map(({ stored }) => stored)),
    runs: runs.map(({ stored }) => stored.runId),
    missing: missingOf(plan)
  }
  const recorded = recordedOf(plan)
  const facts = {
    mode: 'replay',
    runId: runs.length === 1 ? only!.stored.runId : `${runs.length} runs`,
    name: nameOf(day, choice.stations),
    path: '',
    venue: only!.stored.venue === 'binance' ? 'binance' : 'polymarket',
    synthetic: runs.some(({ bundleDir }) => bundleDir !== undefined && studioFactsOf(bundleDir)?.synthetic === true),
    originTsNs: String(BigInt(bounds.startMs) * MS),
    day,
    ...(recorded !== undefined && { recordedFingerprint: recorded })
  } as const
  const ready = (): number => (index.done ? endRelNs : Math.min(endRelNs, Math.max(startRelNs, index.reachedRelNs)))
  return {
    // Read anew each time: faults come to light while reading.
    get facts() {
      return { ...facts, verdict: verdictOfRuns(runs, plan.faults) }
    },
    startRelNs,
    endRelNs,
    get readyRelNs() {
      return ready()
    },
    index,
    instruments: () => index.instruments(),
    hasInstrument: (id) => names.instruments[id - 1] !== undefined,
    digest: () => index.digest(),
    secondOf: (relNs) => options.originSecond + Math.floor(relNs / 1e9),
    player: (outlet) => new DayPlayer(options, index, outlet),
    history: (id, untilRelNs): History => new DayHistory(options, index, id, untilRelNs),
    inputs: (relNs) => dayInputs(index, spool, names, runs, relNs),
    findTrade: (id, fromRelNs, direction) => dayTrade(index, spool, id, fromRelNs, direction),
    // Heartbeats are among the recorded events.
    health: () => ({ until: () => new Uint8Array(0), seek: () => undefined }),
    close: () => filled.close()
  }
}

/** What the recorder stated of the one run that the day holds whole; undefined where it is not whole, or the bundle is gone. */
function recordedOf({ runs, bounds, choice }: PlannedDay): string | undefined {
  const [run] = runs
  if (run?.bundleDir === undefined || runs.length > 1 || choice.mode === 'light') return undefined
  if (choice.channels !== undefined || choice.stations !== undefined) return undefined
  const isWhole = run.firstTsNs >= BigInt(bounds.startMs) * MS && run.lastTsNs < BigInt(bounds.endMs) * MS
  return isWhole ? studioFactsOf(run.bundleDir)?.recorded?.sha256 : undefined
}

/** From the first to the last recorded event within the day. */
function spanOf({ runs, bounds }: PlannedDay): { startRelNs: number; endRelNs: number } {
  const origin = BigInt(bounds.startMs) * MS
  const firsts = runs.map(({ firstTsNs }) => Math.max(0, Number(firstTsNs - origin)))
  const lasts = runs.map(({ lastTsNs }) => Math.min((bounds.endMs - bounds.startMs) * 1e6 - 1, Number(lastTsNs - origin)))
  return { startRelNs: Math.min(...firsts), endRelNs: Math.max(...lasts) }
}

function nameOf({ date, storedIn }: OpenDay, stations: readonly string[] | undefined): string {
  const from = { parquet: 'Parquet', journal: 'journal', both: 'Parquet and journal' }[storedIn]
  const of = stations === undefined || stations.length === 0 ? '' : ` of ${stations.join(', ')}`
  return `Recorded day ${date}${of}, from ${from}`
}
