import { hostClock } from '../clock.ts'
import type { FastClock } from '../fastClock.ts'
import { startPracticeVenue, type PracticeVenue } from './practiceVenue.ts'
import { firstPublishedMs, readRecordedReports, recordedStations, type RecordedElement } from './weather/recordedReports.ts'

/** A practice day in a fraction of a day: markets and weather that live by a fast clock. */
export interface FastDay {
  /** Hours of the fast clock. */
  readonly hours: number
  /** Hours that pass in one hour, 1 to 10,000. */
  readonly speed: number
  /** What the fast clock shows at the start, Unix milliseconds; left out: five minutes before the first recorded report. */
  readonly startWallMs?: number
  readonly markets: number
  /** A second of the fast clock, over all markets. */
  readonly messagesPerSecond: number
  /** Of invented weather. */
  readonly stations: readonly string[]
  /** Recorded answers of the METAR service: their stations report as they did, when they did. */
  readonly weatherFiles?: readonly string[]
  readonly seed?: number
}

export interface RunningFastDay {
  readonly venue: PracticeVenue
  /** By which a capture of this day must go too. */
  readonly clock: FastClock
  /** Settings of a capture of the day, all but the data folder: timers go by the host's clock, limits are compared with the fast one. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Of the private stations: any text is one here. */
  readonly pwsKey: string
}

const DAY_S = 86_400
const LEAD_MS = 5 * 60_000
/** 2026-07-20 at midnight in New York: a day in summer, with heat. */
const INVENTED_START_MS = Date.UTC(2026, 6, 20, 4)

/**
 * Starts the venue of such a day; whoever asked closes it.
 * @throws StudioError CONFIG_INVALID for what the practice venue refuses, FILE_FAILED for a recording that cannot be read
 */
export async function startFastDay(day: FastDay): Promise<RunningFastDay> {
  const { speed, markets, messagesPerSecond, weatherFiles = [], seed = 1 } = day
  const recorded = await readRecordedReports(weatherFiles)
  const stations = inventedStations(day, recorded)
  const firstMs = firstPublishedMs(recorded)
  const startWallMs = day.startWallMs ?? (firstMs === undefined ? INVENTED_START_MS : firstMs - LEAD_MS)
  const clock = { speed, anchorWallMs: Number(hostClock.wallNs() / 1_000_000n), startWallMs }
  const weather = { ...(stations.length === 0 ? {} : { stations }), files: [...weatherFiles], seed }
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed, markets, messagesPerSecond, venue: 'polymarket' },
    ...(stations.length === 0 && recorded.length === 0 ? {} : { weather }),
    fastClock: clock,
    pingMs: DAY_S * 1000,
    idleMs: DAY_S * 1000
  })
  const worldStations = [...stations, ...recordedStations(recorded)]
  const worldPwsStations = venue.privateStations.filter((text) => stations.includes(text.slice(0, text.indexOf(':'))))
  return { venue, clock, settings: { ...settingsOf(day, venue), worldStations, worldPwsStations }, pwsKey: 'practice-key-of-a-fast-day' }
}

/** Around a recorded station nothing is invented: invented private stations would not agree with it. */
function inventedStations({ stations }: FastDay, recorded: readonly RecordedElement[]): string[] {
  return stations.filter((station) => recorded.every(({ icaoId }) => icaoId !== station))
}

function settingsOf({ hours, speed, markets }: FastDay, venue: PracticeVenue): Readonly<Record<string, unknown>> {
  return {
    gammaBaseUrl: venue.gammaUrl,
    clobBaseUrl: venue.clobUrl,
    clobWsUrl: venue.polymarketWsUrl,
    synthetic: true,
    sourceName: `Practice day at ${speed}x`,
    durationSeconds: (hours * 3600) / speed,
    captureMaxMarkets: markets,
    worldMetarBaseUrl: venue.weatherUrl,
    worldPwsBaseUrl: venue.weatherUrl,
    worldForecastBaseUrl: venue.weatherUrl,
    worldMetarIntervalSeconds: Math.max(0.05, 60 / speed),
    worldPwsIntervalSeconds: Math.max(0.1, 300 / speed),
    worldForecastIntervalSeconds: Math.max(0.5, 3600 / speed),
    captureUniverseRefreshEnable: false,
    // A crowded host makes such a day no worse: nothing in it comes from outside.
    captureBackpressureFatalMs: 600_000,
    captureConfirmTimeoutSeconds: 3600,
    captureRunlogEnqueueTimeoutSeconds: 60,
    // Answers to pings are waited for by the fast clock: a pause of the host of a second would end a connection.
    wsPingIntervalSeconds: DAY_S,
    wsPingTimeoutSeconds: 600,
    wsDataIdleReconnectSeconds: DAY_S
  }
}
