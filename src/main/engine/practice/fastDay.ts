import { hostClock } from '../clock.ts'
import type { FastClock } from '../fastClock.ts'
import { startPracticeVenue, type PracticeVenue } from './practiceVenue.ts'

/** A practice day in a fraction of a day: markets and weather that live by a fast clock. */
export interface FastDay {
  /** Hours of the fast clock. */
  readonly hours: number
  /** Hours that pass in one hour, 1 to 10,000. */
  readonly speed: number
  /** What the fast clock shows at the start, Unix milliseconds. */
  readonly startWallMs: number
  readonly markets: number
  /** A second of the fast clock, over all markets. */
  readonly messagesPerSecond: number
  readonly stations: readonly string[]
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

/** Starts the venue of such a day; whoever asked closes it. @throws StudioError CONFIG_INVALID for what the practice venue refuses */
export async function startFastDay(day: FastDay): Promise<RunningFastDay> {
  const { speed, startWallMs, markets, messagesPerSecond, stations, seed = 1 } = day
  const clock = { speed, anchorWallMs: Number(hostClock.wallNs() / 1_000_000n), startWallMs }
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed, markets, messagesPerSecond, venue: 'polymarket' },
    ...(stations.length === 0 ? {} : { weather: { stations: [...stations], seed } }),
    fastClock: clock,
    pingMs: DAY_S * 1000,
    idleMs: DAY_S * 1000
  })
  return { venue, clock, settings: settingsOf(day, venue), pwsKey: 'practice-key-of-a-fast-day' }
}

function settingsOf({ hours, speed, markets, stations }: FastDay, venue: PracticeVenue): Readonly<Record<string, unknown>> {
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
    worldStations: [...stations],
    worldPwsStations: [...venue.privateStations],
    worldMetarIntervalSeconds: Math.max(0.05, 60 / speed),
    worldPwsIntervalSeconds: Math.max(0.1, 300 / speed),
    worldForecastIntervalSeconds: Math.max(0.5, 3600 / speed),
    captureUniverseRefreshEnable: false,
    // A crowded host makes such a day no worse: nothing in it comes from outside.
    captureBackpressureFatalMs: 600_000,
    captureConfirmTimeoutSeconds: 3600,
    wsPingTimeoutSeconds: 600,
    wsDataIdleReconnectSeconds: DAY_S
  }
}
