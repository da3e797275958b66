import type { CaptureEvent } from '../threads/captureMessages.ts'
import { hostClock } from '../clock.ts'
import { fastClock, type FastClock } from '../fastClock.ts'
import { startPracticeVenue, type PracticeVenue } from '../practice/index.ts'
import { captureConfig, type CaptureConfig } from './config.ts'
import { CapturePlant } from './plant.ts'
import { venueConfig } from './testPlant.ts'

export interface FastDayOptions {
  readonly dataDir: string
  /** Hours of the fast clock. */
  readonly hours: number
  /** Hours that pass in one hour. */
  readonly speed: number
  /** What the fast clock shows at the start, Unix milliseconds. */
  readonly startWallMs: number
  readonly markets: number
  /** A second of the fast clock. */
  readonly messagesPerSecond: number
  readonly stations: readonly string[]
  readonly seed?: number
}

/** For tests: a practice venue that lives by a fast clock. */
export async function fastVenue(options: FastDayOptions): Promise<{ venue: PracticeVenue; clock: FastClock }> {
  const { speed, startWallMs, markets, messagesPerSecond, stations, seed = 1 } = options
  const clock = { speed, anchorWallMs: Number(hostClock.wallNs() / 1_000_000n), startWallMs }
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed, markets, messagesPerSecond, venue: 'polymarket' },
    weather: { stations: [...stations], seed },
    fastClock: clock,
    pingMs: 86_400_000,
    idleMs: 86_400_000
  })
  return { venue, clock }
}

/** For tests: settings of a capture by a fast clock. Timers go by the host's clock, limits are compared with the fast one. */
export function fastSettings({ dataDir, hours, speed, stations }: FastDayOptions, venue: PracticeVenue): CaptureConfig {
  return captureConfig({
    ...venueConfig(venue),
    dataDir,
    synthetic: true,
    sourceName: `Practice day at ${speed}x`,
    durationSeconds: (hours * 3600) / speed,
    worldMetarBaseUrl: venue.weatherUrl,
    worldPwsBaseUrl: venue.weatherUrl,
    worldForecastBaseUrl: venue.weatherUrl,
    worldStations: [...stations],
    worldPwsStations: [...venue.privateStations],
    worldMetarIntervalSeconds: Math.max(0.05, 60 / speed),
    worldPwsIntervalSeconds: Math.max(0.1, 300 / speed),
    worldForecastIntervalSeconds: Math.max(0.5, 3600 / speed),
    captureUniverseRefreshEnable: false,
    captureBackpressureFatalMs: 600_000,
    captureConfirmTimeoutSeconds: 3600,
    wsPingTimeoutSeconds: 600,
    wsDataIdleReconnectSeconds: 86_400,
    minFreeDiskGb: null
  })
}

/** For tests: records a day of markets and weather in a fraction of a day. @returns the run's folder and the last event */
export async function recordFastDay(options: FastDayOptions): Promise<{ runDir: string; ended: CaptureEvent | undefined }> {
  const { venue, clock } = await fastVenue(options)
  let runDir = ''
  let ended: CaptureEvent | undefined
  const plant = new CapturePlant({
    config: fastSettings(options, venue),
    clock: fastClock(clock, hostClock),
    secrets: { pwsKey: 'practice-key-of-a-fast-day' },
    maxUnsyncedSeconds: 30 * options.speed,
    emit: (event) => {
      if (event.kind === 'started') runDir = event.runDir
      if (event.kind === 'ended' || event.kind === 'failed') ended = event
    }
  })
  await plant.run()
  await venue.close()
  return { runDir, ended }
}
