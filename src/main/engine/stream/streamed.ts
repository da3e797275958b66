import type { LatestEvent, StreamFacts } from '../../../shared/api/index.ts'
import { CHANNELS, type ChannelName } from '../../../shared/channels/index.ts'
import type { DayCalendar, Playable, RecordedDay, ReplaySource } from '../replay/index.ts'
import { eventIdsOf } from '../tape/index.ts'
import { DayTelling } from './dayTelling.ts'
import { RunTelling } from './runTelling.ts'
import type { Telling } from './telling.ts'

const WIRE_IDS = new Map<ChannelName, number>(CHANNELS.map(({ name, wireId }) => [name, wireId]))

/** What clients listen to: a bundle, or a recorded day. */
export interface Streamed {
  /** Begins before the first event, so that clients have that one as a line too. */
  readonly source: ReplaySource | Playable
  readonly facts: StreamFacts
  readonly originTsNs: bigint
  /** Something holds before the first event: who comes first is told it. */
  readonly beginsMidway: boolean
  /** Events of the whole without those of `health`; undefined while they are counted. */
  totalEvents(): number | undefined
  /** Events of a channel, of the whole as far as it has been read. */
  countOf(channel: ChannelName): number
  /** Of a recorded day. */
  readonly calendar: DayCalendar | undefined
  /** Number of the instrument with this token id or symbol. */
  instrumentOf(tokenId: string | undefined): number | undefined
  eventIdOf(channel: ChannelName, place: LatestEvent): string
  /** @param lastFrameRelNs receive time of what was played last */
  telling(lastFrameRelNs: () => number): Telling
}

/** The raw frames of a bundle. */
export function streamedRun(bundle: ReplaySource): Streamed {
  const { runId, venue, synthetic, originTsNs } = bundle.facts
  const source = { ...bundle, startRelNs: bundle.startRelNs - 1 }
  const { index, run } = bundle
  const ids = eventIdsOf(run.runId)
  return {
    source,
    facts: { mode: 'replay', run_id: runId, venue, synthetic, origin_ts_ns: originTsNs },
    originTsNs: run.originTsNs,
    beginsMidway: false,
    totalEvents: () => (index.done ? index.tape.fingerprint.events : undefined),
    countOf: (channel) => index.tape.fingerprint.counts[WIRE_IDS.get(channel)!] ?? 0,
    calendar: undefined,
    instrumentOf: (tokenId) => index.tape.books.instruments.all.find((one) => one.tokenId === tokenId)?.id,
    eventIdOf: (_channel, { shard, frameIdx, pos }) => ids(shard, frameIdx, pos),
    telling: (lastFrameRelNs) => new RunTelling(source, lastFrameRelNs)
  }
}

/** The recorded events of a day. */
export function streamedDay(day: RecordedDay): Streamed {
  const { runId, venue, synthetic, originTsNs, day: of } = day.facts
  const startRelNs = day.startRelNs - 1
  const ids = day.runs.map((run) => eventIdsOf(run.runId))
  return {
    // Everything else of the day is read anew each time.
    source: Object.create(day, { startRelNs: { value: startRelNs, enumerable: true } }) as Playable,
    facts: {
      mode: 'replay',
      run_id: runId,
      venue,
      synthetic,
      origin_ts_ns: originTsNs,
      ...(of !== undefined && {
        day: { date: of.date, time_zone: of.timeZone, mode: of.mode, stored_in: of.storedIn, run_ids: of.runs, missing: of.missing }
      })
    },
    originTsNs: BigInt(originTsNs),
    beginsMidway: day.momentAt(startRelNs).state.length > 0,
    totalEvents: () => day.eventCount(),
    countOf: (channel) => day.countOf(channel),
    calendar: day.calendar,
    instrumentOf: (tokenId) => day.instruments().find((one) => one.tokenId === tokenId)?.instrumentId,
    eventIdOf: (channel, place) => ids[day.runOf(WIRE_IDS.get(channel)!, place)]!(place.shard, place.frameIdx, place.pos),
    telling: () => new DayTelling(day)
  }
}
