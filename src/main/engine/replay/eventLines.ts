import {
  AT_LENGTH,
  AT_WIRE_ID,
  CHANNELS,
  csvRow,
  decodeRecord,
  eventJson,
  InstrumentTable,
  type Channel,
  type EventContext,
  type TapeRecord
} from '../../../shared/channels/index.ts'
import { openBundle } from '../bundle/index.ts'
import { eventIdsOf } from '../tape/index.ts'
import { runOfBundle, TapeRun } from './runTape.ts'

const SLICE_FRAMES = 500
/** Channels that say what the instrument numbers of the others stand for. */
const ANNOUNCING: ReadonlySet<string> = new Set(['instrument', 'station'])
const byWireId: ReadonlyMap<number, Channel> = new Map(CHANNELS.map((channel) => [channel.wireId, channel]))

export interface EventLinesOptions {
  readonly format: 'ndjson' | 'csv'
  /** Names of channels of the tape. */
  readonly channels: ReadonlySet<string>
  readonly signal?: AbortSignal
}

/**
 * The events of a bundle as lines of text without line ends, in the order of the tape, a slice at a time.
 * @throws StudioError when the bundle cannot be opened
 */
export async function* eventLines(runDir: string, options: EventLinesOptions): AsyncGenerator<readonly string[]> {
  const bundle = await openBundle(runDir)
  const instruments = new InstrumentTable()
  const context: EventContext = { originTsNs: bundle.t0WallNs, instrument: (id) => instruments.get(id), eventId: eventIdsOf(bundle.runId) }
  const toLine = options.format === 'csv' ? csvRow : eventJson
  const lines: string[] = []
  const onRecords = (bytes: Uint8Array, length: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0; at < length; at += view.getUint32(at + AT_LENGTH, true)) {
      const channel = byWireId.get(view.getUint8(at + AT_WIRE_ID))
      if (channel === undefined || (!ANNOUNCING.has(channel.name) && !options.channels.has(channel.name))) continue
      const record = decodeRecord(channel, view, at) as TapeRecord
      if (record.ch === 'instrument' || record.ch === 'station') instruments.take(record)
      // Made at once: what an instrument number stands for may change with the next record.
      if (options.channels.has(channel.name)) lines.push(toLine(channel, record as never, context))
    }
  }
  const run = new TapeRun(runOfBundle(bundle), { onRecords, withoutFingerprint: true })
  try {
    for (let n = SLICE_FRAMES; n === SLICE_FRAMES;) {
      options.signal?.throwIfAborted()
      n = run.advance(Infinity, SLICE_FRAMES)
      run.tape.drain()
      if (lines.length > 0) yield lines.splice(0)
    }
  } finally {
    run.close()
    bundle.close()
  }
}
