import type { DayChoice } from '../../../../shared/api/index.ts'
import { AT_INSTRUMENT, AT_LENGTH, AT_WIRE_ID, CHANNELS, instrument, station, STATION_BASE } from '../../../../shared/channels/index.ts'
import { recordedEvents, type RecordBatch, type RelSpan, type StoredTrust } from '../../lake/index.ts'
import type { DayBounds } from './dayBounds.ts'
import type { DayNames } from './dayNames.ts'
import { frameLogOf } from './frameLogOf.ts'
import type { RecordedRun, StorePlaces } from './storedRuns.ts'

const ANNOUNCING = ['instrument', 'station'] as const
const MS = 1_000_000n

/** A run as part of a day. */
export interface DayRun extends RecordedRun {
  /** Number among the runs of the day. */
  readonly n: number
  /** Adds to a receive time of the run to make one of the day, ns since its beginning. */
  readonly shiftNs: number
  readonly span: RelSpan
}

export interface DayPlan extends StorePlaces {
  readonly choice: DayChoice
  readonly bounds: DayBounds
  readonly runs: readonly DayRun[]
  readonly onFault: (sentence: string) => void
  /** Something is damaged and is read from another place. */
  readonly onNote: (sentence: string) => void
  /** Files that were compared with what was stated of them. */
  readonly trust: StoredTrust
  readonly signal?: AbortSignal | undefined
}

/** The runs that have something within the day. Those of other venues go when venues are chosen. */
export function runsOfDay(runs: readonly RecordedRun[], { startMs, endMs }: DayBounds, choice: DayChoice): DayRun[] {
  const startTsNs = BigInt(startMs) * MS
  const endTsNs = BigInt(endMs) * MS
  const venues = new Set(runs.map(({ stored }) => stored.venue))
  const chosen = choice.stations?.filter((name) => venues.has(name)) ?? []
  return runs
    .filter(({ firstTsNs, lastTsNs }) => firstTsNs < endTsNs && lastTsNs >= startTsNs)
    .filter(({ stored }) => chosen.length === 0 || chosen.includes(stored.venue))
    .map((run, n) => {
      const shiftNs = Number(run.stored.originTsNs - startTsNs)
      return { ...run, n, shiftNs, span: { fromRelNs: -shiftNs, toRelNs: Number(endTsNs - run.stored.originTsNs) } }
    })
}

/** Learns what the numbers of a run stand for that was announced before the day began. */
export async function announcedBefore(plan: DayPlan, run: DayRun, names: DayNames): Promise<void> {
  if (run.firstTsNs >= BigInt(plan.bounds.startMs) * MS) return
  const span = { fromRelNs: -Number.MAX_SAFE_INTEGER, toRelNs: run.span.fromRelNs }
  const wanted = wantedStations(plan)
  for await (const batch of stored(plan, run, span, ANNOUNCING)) {
    for (let row = 0; row < batch.count; row++) {
      const start = batch.starts[row]!
      names.announce(run.n, batch.view, start, -Infinity)
      if (isAboutOther(batch.view, start, run, names, wanted)) continue
      names.before.push({ run: run.n, bytes: batch.bytes.slice(start, start + batch.view.getUint32(start + AT_LENGTH, true)) })
    }
  }
}

/** The chosen events of one run within the day, in the order of its tape. Batches are used again. */
export async function* runRecords(plan: DayPlan, run: DayRun, names: DayNames): AsyncGenerator<RecordBatch> {
  const { channels } = plan.choice
  await announcedBefore(plan, run, names)
  const wanted = channels === undefined ? undefined : [...new Set([...ANNOUNCING, ...channels])]
  const stations = wantedStations(plan)
  for await (const batch of stored(plan, run, run.span, wanted)) {
    announceAll(batch, run, names)
    if (stations === undefined) yield batch
    else yield ofStations(batch, run, names, stations)
  }
}

/** Names of the chosen weather stations; undefined = all. */
function wantedStations({ choice: { stations }, runs }: DayPlan): ReadonlySet<string> | undefined {
  const venues = new Set(runs.map(({ stored: { venue } }) => venue))
  return stations === undefined ? undefined : new Set(stations.filter((name) => !venues.has(name)))
}

function isAboutOther(view: DataView, start: number, run: DayRun, names: DayNames, wanted: ReadonlySet<string> | undefined): boolean {
  const id = view.getUint32(start + AT_INSTRUMENT, true)
  return wanted !== undefined && id >= STATION_BASE && !wanted.has(names.stationOf(run.n, id) ?? '')
}

function stored(plan: DayPlan, run: DayRun, span: RelSpan, channels: readonly string[] | undefined): AsyncGenerator<RecordBatch> {
  const { lakeDir, prefer, signal, onFault, onNote, trust, choice } = plan
  return recordedEvents({
    bundleDir: run.bundleDir,
    lakeDir: run.inLake ? lakeDir : undefined,
    runId: run.stored.runId,
    prefer,
    span,
    mode: choice.mode,
    channels,
    onFault,
    onNote,
    trust,
    raw: () => frameLogOf(run, signal),
    signal
  })
}

function announceAll({ view, starts, count }: RecordBatch, run: DayRun, names: DayNames): void {
  for (let row = 0; row < count; row++) {
    const wireId = view.getUint8(starts[row]! + AT_WIRE_ID)
    if (wireId === instrument.wireId || wireId === station.wireId) names.announce(run.n, view, starts[row]!)
  }
}

/** Drops what is about other stations; what is about none stays. */
function ofStations(batch: RecordBatch, run: DayRun, names: DayNames, wanted: ReadonlySet<string>): RecordBatch {
  let kept = 0
  let used = 0
  for (let row = 0; row < batch.count; row++) {
    const start = batch.starts[row]!
    if (isAboutOther(batch.view, start, run, names, wanted)) continue
    const length = batch.view.getUint32(start + AT_LENGTH, true)
    batch.bytes.copyWithin(used, start, start + length)
    batch.starts[kept++] = used
    used += length
  }
  batch.count = kept
  batch.used = used
  return batch
}

/** @returns the names that are no channels */
export function unknownChannels(names: readonly string[]): string[] {
  return names.filter((name) => !CHANNELS.some((channel) => channel.name === name))
}
