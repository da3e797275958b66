import type { CaptureEvent } from '../threads/captureMessages.ts'
import { hostClock } from '../clock.ts'
import { fastClock } from '../fastClock.ts'
import { startFastDay, type FastDay } from '../practice/index.ts'
import { captureConfig } from './config.ts'
import { CapturePlant } from './plant.ts'

export type FastDayOptions = FastDay & { readonly dataDir: string }

/** For tests: records a day of markets and weather in a fraction of a day. @returns the run's folder and the last event */
export async function recordFastDay({ dataDir, ...day }: FastDayOptions): Promise<{ runDir: string; ended: CaptureEvent | undefined }> {
  const { venue, clock, settings, pwsKey } = await startFastDay(day)
  let runDir = ''
  let ended: CaptureEvent | undefined
  const plant = new CapturePlant({
    config: captureConfig({ ...settings, dataDir, minFreeDiskGb: null }),
    clock: fastClock(clock, hostClock),
    secrets: { pwsKey },
    maxUnsyncedSeconds: 30 * day.speed,
    emit: (event) => {
      if (event.kind === 'started') runDir = event.runDir
      if (event.kind === 'ended' || event.kind === 'failed') ended = event
    }
  })
  await plant.run()
  await venue.close()
  return { runDir, ended }
}
