import { StudioError } from '../../../../shared/errors.ts'
import { readTextLines } from './readTextLines.ts'

/** One frame of a Polymarket market-channel recording. The files carry no receive stamps: only the venue's own times inside. */
export interface PolymarketRecordingFrame {
  /** The frame byte for byte, with the newline that ends an initial array. */
  readonly text: string
}

/**
 * Reads a recording with one frame a line (gzip or plain). A frame that itself ended with a newline shows as a blank line after it
 * and gets its newline back.
 * @throws StudioError FILE_FAILED at a line that is neither a JSON object nor an array, naming file and line
 */
export async function* readPolymarketRecording(file: string): AsyncIterable<PolymarketRecordingFrame> {
  let held: string | undefined
  let lineNumber = 0
  for await (const line of readTextLines(file)) {
    lineNumber++
    if (line === '') {
      if (held?.startsWith('[') && !held.endsWith('\n')) held += '\n'
      continue
    }
    if (line[0] !== '{' && line[0] !== '[') {
      throw new StudioError(
        'FILE_FAILED',
        `Line ${lineNumber} should be a JSON frame but starts with ${JSON.stringify(line.slice(0, 40))}: ${file}`
      )
    }
    if (held !== undefined) yield { text: held }
    held = line
  }
  if (held !== undefined) yield { text: held }
}
