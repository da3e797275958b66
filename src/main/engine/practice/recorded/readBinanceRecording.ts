import { StudioError } from '../../../../shared/errors.ts'
import { readTextLines } from './readTextLines.ts'

/** One line of a raw Binance recording: when our host received it, and the received text byte for byte. */
export interface BinanceRecordingLine {
  /** Nanoseconds since the Unix epoch, by the recorder's clock. */
  readonly localNs: bigint
  /** A combined-stream message, or the body of a depth snapshot. */
  readonly text: string
  readonly kind: 'stream' | 'snapshot'
}

const LINE = /^(\d{1,20}) (\{.*\})$/

/**
 * Reads recordings made of `<local ns> <json>` lines (gzip or plain), the files one after the other as one session.
 * @throws StudioError FILE_FAILED at a line that has another form, naming file and line; blank lines are passed over
 */
export async function* readBinanceRecording(files: readonly string[]): AsyncIterable<BinanceRecordingLine> {
  for (const file of files) {
    let lineNumber = 0
    for await (const line of readTextLines(file)) {
      lineNumber++
      if (line === '') continue
      const match = LINE.exec(line)
      if (!match) {
        throw new StudioError(
          'FILE_FAILED',
          `Line ${lineNumber} should be "<nanoseconds> <json object>" but starts with ${JSON.stringify(line.slice(0, 40))}: ${file}`
        )
      }
      yield { localNs: BigInt(match[1]!), text: match[2]!, kind: isSnapshot(match[2]!) ? 'snapshot' : 'stream' }
    }
  }
}

/** A snapshot is the one message that is no stream message: it carries `lastUpdateId` and names neither stream nor symbol. */
function isSnapshot(text: string): boolean {
  return !text.startsWith('{"stream"') && text.slice(0, 200).includes('"lastUpdateId"')
}
