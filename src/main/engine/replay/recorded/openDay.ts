import { StudioError } from '../../../../shared/errors.ts'
import type { DayChoice } from '../../../../shared/api/index.ts'
import { newTrust } from '../../lake/index.ts'
import { dayBounds } from './dayBounds.ts'
import { DayNames } from './dayNames.ts'
import { announcedBefore, runsOfDay, unknownChannels, type DayPlan } from './dayRecords.ts'
import { recordedRuns, type RecordedRun, type RecordedRuns, type StorePlaces } from './storedRuns.ts'

/** Journals and the lake are kept by this calendar. */
export const USUAL_ZONE = 'America/New_York'

export interface DayRequest extends StorePlaces {
  readonly choice: DayChoice
  readonly signal?: AbortSignal | undefined
}

export interface PlannedDay extends DayPlan {
  readonly timeZone: string
  readonly names: DayNames
  /** What cannot be read, so far; grows while reading. */
  readonly faults: string[]
  /** What is damaged and was read from another place, so far. */
  readonly notes: string[]
}

/**
 * Finds out what a day is made of. Reads no events but announcements.
 * @throws StudioError USAGE (no such day, zone, station or channel), BUNDLE_NOT_FOUND (nothing was recorded on that day)
 */
export async function planDay(request: DayRequest): Promise<PlannedDay> {
  const { choice } = request
  const found = await recordedRuns(request)
  checkChannels(choice)
  const faults = [...found.faults]
  const notes: string[] = []
  const into =
    (list: string[]) =>
    (sentence: string): void => {
      if (!list.includes(sentence)) list.push(sentence)
    }
  const timeZone = choice.timeZone ?? (await zoneOfStation(request, found.runs)) ?? USUAL_ZONE
  const bounds = dayBounds(choice.date, timeZone)
  const runs = runsOfDay(found.runs, bounds, choice)
  if (runs.length === 0) throw nothingOn(choice.date, timeZone, found)
  const trust = newTrust(request.lakeDir)
  return { ...request, timeZone, bounds, runs, faults, notes, onFault: into(faults), onNote: into(notes), trust, names: new DayNames(runs) }
}

function checkChannels({ channels }: DayChoice): void {
  const unknown = unknownChannels(channels ?? [])
  if (unknown.length > 0)
    throw new StudioError('USAGE', `There is no channel ${unknown.join(', ')}. The channels are listed in docs/channels.md.`)
}

export function nothingOn(date: string, timeZone: string, found: RecordedRuns): StudioError {
  return new StudioError('BUNDLE_NOT_FOUND', `Nothing was recorded on ${date} (${timeZone}). ${nearest(found)}`.trim())
}

function nearest({ runs, empty }: RecordedRuns): string {
  const others = empty.map(({ run_id: id, sentence }) => ` ${id} has nothing to play yet. ${sentence}`.trimEnd()).join('')
  return `${between(runs)}${others}`
}

function between(runs: readonly RecordedRun[]): string {
  const first = runs[0]
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return 'There is no recorded day at all: record a run, and compact it if you like.'
  const day = (tsNs: bigint): string => new Date(Number(tsNs / 1_000_000n)).toISOString().slice(0, 10)
  return `Recorded days are between ${day(first.firstTsNs)} and ${day(last.lastTsNs)}.`
}

/** The zone of the first chosen weather station, as its newest announcement states it. */
async function zoneOfStation(request: DayRequest, runs: readonly RecordedRun[]): Promise<string | undefined> {
  const { stations = [] } = request.choice
  const venues = new Set(runs.map(({ stored }) => stored.venue))
  const wanted = stations.filter((name) => !venues.has(name))
  if (wanted.length === 0) return undefined
  for (const run of runs.toReversed()) {
    const asDay = { ...run, n: 0, shiftNs: 0, span: { fromRelNs: Number.MAX_SAFE_INTEGER, toRelNs: Number.MAX_SAFE_INTEGER } }
    const names = new DayNames([asDay])
    const quiet = { onFault: () => undefined, onNote: () => undefined, trust: newTrust(request.lakeDir) }
    const plan = { ...request, runs: [asDay], bounds: { startMs: 8.64e15, endMs: 8.64e15 }, ...quiet }
    await announcedBefore({ ...plan, choice: { date: request.choice.date } }, asDay, names)
    for (const stationId of wanted) {
      const zone = names.timeZoneOf(stationId)
      if (zone !== undefined) return zone
      if (names.stationIds.includes(stationId)) return undefined
    }
  }
  const known = [...venues].join(', ')
  throw new StudioError(
    'USAGE',
    `There is no weather station ${wanted.join(', ')} among what was recorded. Venues are: ${known || 'none'}.`
  )
}
