import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PracticeVenue } from '../practice/index.ts'
import type { CaptureEvent } from '../threads/captureMessages.ts'
import { captureConfig } from './config.ts'
import { CapturePlant } from './plant.ts'
import type { CapturePlantOptions } from './plantOptions.ts'
import type { Disk } from './logFile.ts'

/** For tests: a plant that runs against a practice venue in a folder of its own, with everything that it told. */
export interface RunningPlant {
  readonly plant: CapturePlant
  readonly events: CaptureEvent[]
  readonly done: Promise<void>
  until<K extends CaptureEvent['kind']>(
    kind: K,
    meets?: (event: Extract<CaptureEvent, { kind: K }>) => boolean
  ): Promise<Extract<CaptureEvent, { kind: K }>>
  dir(): string
  runlog(type: string): Record<string, unknown>[]
}

/** For tests: short times, so that little is waited for; limits that a machine which stands still for a second does not reach. */
export const QUICK = {
  wsReconnectBackoffSeconds: 0.05,
  wsPingIntervalSeconds: 0.3,
  wsPingTimeoutSeconds: 10,
  wsDataIdleReconnectSeconds: 5,
  captureConfirmTimeoutSeconds: 5,
  captureHeartbeatIntervalSeconds: 0.2,
  captureBackpressureFatalMs: 60_000,
  captureFsyncIntervalSeconds: 0.2,
  minFreeDiskGb: null
}

export function venueConfig(venue: PracticeVenue): Record<string, unknown> {
  return {
    gammaBaseUrl: venue.gammaUrl,
    clobBaseUrl: venue.clobUrl,
    clobWsUrl: venue.polymarketWsUrl,
    binanceWsUrl: venue.binanceWsUrl,
    binanceRestUrl: venue.binanceRestUrl
  }
}

export function startPlant(settings: Record<string, unknown>, disk?: Disk, more: Partial<CapturePlantOptions> = {}): RunningPlant {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-plant-'))
  const events: CaptureEvent[] = []
  const waiting: { check: () => boolean; resolve: () => void }[] = []
  const emit = (event: CaptureEvent): void => {
    events.push(event)
    for (const wait of waiting.splice(0))
      if (wait.check()) wait.resolve()
      else waiting.push(wait)
  }
  const config = captureConfig({ ...QUICK, dataDir, ...settings })
  const plant = new CapturePlant({ config, emit, ...(disk === undefined ? {} : { disk }), ...more })
  const until: RunningPlant['until'] = async (kind, meets = () => true) => {
    const found = (): CaptureEvent | undefined => events.find((event) => event.kind === kind && meets(event as never))
    await new Promise<void>((resolve) => {
      const wait = { check: () => found() !== undefined, resolve }
      if (wait.check()) resolve()
      else waiting.push(wait)
    })
    return found() as never
  }
  const dir = (): string => {
    const started = events.find((event) => event.kind === 'started')
    if (started === undefined) throw new Error('the plant has not started')
    return started.runDir
  }
  const runlog = (type: string): Record<string, unknown>[] =>
    readFileSync(join(dir(), 'runlog.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((record) => record['record_type'] === type)
  return { plant, events, done: plant.run(), until, dir, runlog }
}
