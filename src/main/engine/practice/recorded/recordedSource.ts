import type { Feed } from '../frame.ts'
import type { VenueSource } from '../source.ts'
import type { VenueTime } from '../venueTime.ts'
import { detectRecording } from './detectRecording.ts'
import { RecordedBinance } from './recordedBinance.ts'
import { RecordedPolymarket } from './recordedPolymarket.ts'

export interface RecordedSettings {
  /** One session per venue; several files of one venue follow one another. */
  readonly files: readonly string[]
  /** 1 to 100 times the recorded pace. */
  readonly speed: number
  readonly loop: boolean
}

/**
 * A source that plays recordings. Each file's venue is told by its first line.
 * @throws StudioError FILE_FAILED when a file is missing, unreadable or of neither kind
 */
export async function recordedSource(settings: RecordedSettings, time: VenueTime): Promise<VenueSource> {
  const files: Record<'binance' | 'polymarket', string[]> = { binance: [], polymarket: [] }
  for (const file of settings.files) files[await detectRecording(file)].push(file)
  const binance = files.binance.length > 0 ? await RecordedBinance.open(files.binance, time) : undefined
  const polymarket = files.polymarket.length > 0 ? await RecordedPolymarket.open(files.polymarket, time) : undefined
  const feeds: Feed[] = [binance, polymarket].filter((feed) => feed !== undefined)
  return {
    feeds,
    ...(binance && { binance: binance.face }),
    ...(polymarket && { polymarket: polymarket.face }),
    speed: settings.speed,
    loop: settings.loop,
    canSlip: false,
    description: { kind: 'recorded', files: settings.files, speed: settings.speed, loop: settings.loop }
  }
}
