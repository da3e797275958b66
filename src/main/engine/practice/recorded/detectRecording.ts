import { StudioError } from '../../../../shared/errors.ts'
import { readTextLines } from './readTextLines.ts'

export type RecordingKind = 'binance' | 'polymarket'

/**
 * Tells by its first line which venue a recording came from.
 * @throws StudioError FILE_FAILED when it is neither, or empty, or unreadable
 */
export async function detectRecording(file: string): Promise<RecordingKind> {
  for await (const line of readTextLines(file)) {
    if (line === '') continue
    if (/^\d{10,20} \{/.test(line)) return 'binance'
    if (/^[[{]/.test(line) && line.includes('"asset_id"')) return 'polymarket'
    throw new StudioError(
      'FILE_FAILED',
      `A recording starts with "<nanoseconds> <json>" (Binance) or with a market-channel frame (Polymarket), but this one starts with ${JSON.stringify(line.slice(0, 40))}: ${file}`
    )
  }
  throw new StudioError('FILE_FAILED', `The recording is empty: ${file}`)
}
